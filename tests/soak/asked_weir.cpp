// SPDX-License-Identifier: GPL-3.0-only
// `weir serve` that can be asked: for each line on stdin, that line and what the panel would show, on stdout.
#include <cstdio>
#include <string>

#include <QCoreApplication>
#include <QSocketNotifier>

#include <unistd.h>

#include "app/cli.h"
#include "app/commands/announce.h"
#include "app/log_output.h"
#include "app/service.h"
#include "app/signal_watcher.h"

using namespace weir;

namespace {

void print(const std::string &question, const engine::Status &status)
{
    const telemetry::Totals &totals = status.totals;
    const engine::FailureStatus &failure = status.failure;
    const auto decided = [&totals](telemetry::DecidedBy by) { return static_cast<long long>(totals.decided(by)); };
    std::printf("%s", question.c_str());
    for (const telemetry::CounterRow &row : telemetry::kCounters)
        std::printf(" %s=%lld", row.name.data(), static_cast<long long>(totals.*row.number));
    std::printf(" store=%lld local=%lld allow=%lld reject=%lld", decided(telemetry::DecidedBy::Store),
                decided(telemetry::DecidedBy::Local), decided(telemetry::DecidedBy::Allow),
                decided(telemetry::DecidedBy::Reject));
    std::printf(" foundtaken=%lld outages=%lld exact=%lld excess=%lld lost=%lld",
                static_cast<long long>(failure.foundTaken), static_cast<long long>(failure.outages),
                static_cast<long long>(failure.exactReturns), static_cast<long long>(failure.excess),
                static_cast<long long>(failure.statesLost));
    const bool isReady = status.store.state == engine::StoreStatus::State::Ready;
    std::printf(" fromstore=%d instances=%lld problem=%s\n", !failure.isDegraded && isReady ? 1 : 0,
                static_cast<long long>(failure.liveInstances), status.store.problem.c_str());
    std::fflush(stdout);
}

int run(int &argc, char **argv, const config::Config &config)
{
    QCoreApplication application{argc, argv};
    app::SignalWatcher watcher;
    app::Service service{config};
    const auto urls = service.start();
    if (!urls) {
        app::complain(urls.error().detail);
        return 1;
    }
    QObject::connect(&watcher, &app::SignalWatcher::stopAsked, &application, &QCoreApplication::quit);
    QObject::connect(&watcher, &app::SignalWatcher::hungUp, &application,
                     [&] { service.readConfigAgain(&application, [](Done) {}); });
    std::string asked;
    QSocketNotifier questions{STDIN_FILENO, QSocketNotifier::Read};
    QObject::connect(&questions, &QSocketNotifier::activated, &application, [&] {
        char bytes[256];
        const ssize_t n = ::read(STDIN_FILENO, bytes, sizeof bytes);
        if (n <= 0)
            return questions.setEnabled(false);
        asked.append(bytes, static_cast<std::size_t>(n));
        for (std::size_t end = 0; (end = asked.find('\n')) != std::string::npos; asked.erase(0, end + 1))
            print(asked.substr(0, end), service.status());
    });
    app::announceReady(urls.value());
    const int code = QCoreApplication::exec();
    service.stop();
    return code;
}

} // namespace

// The arguments are those of weir, its own name included.
int main(int argc, char **argv)
{
    app::catchSignals();
    QStringList arguments;
    for (int i = 1; i < argc; ++i)
        arguments.append(QString::fromLocal8Bit(argv[i]));
    const app::CliResult result = app::readCommandLine(arguments, QProcessEnvironment::systemEnvironment());
    const auto *invocation = std::get_if<app::Invocation>(&result);
    if (!invocation)
        return 2;
    qSetMessagePattern(QStringLiteral("%{time HH:mm:ss.zzz} %{type} %{message}"));
    if (!qEnvironmentVariableIsSet("QT_NO_GLIB"))
        qputenv("QT_NO_GLIB", "1");
    return run(argc, argv, invocation->config);
}

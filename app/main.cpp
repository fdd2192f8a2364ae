// SPDX-License-Identifier: GPL-3.0-only
// Reads the command line and runs what it asks for.
#include <cstdio>

#include <QProcessEnvironment>
#include <QtGlobal>

#include <fcntl.h>
#include <sys/resource.h>

#include "app/cli.h"
#include "app/commands/commands.h"
#include "app/display.h"
#include "app/hidden_passwords.h"
#include "app/log_output.h"
#include "app/signal_watcher.h"

namespace {

using namespace weir;

constexpr int kUsageError = 2;

QStringList argumentList(int argc, char **argv)
{
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments.append(QString::fromLocal8Bit(argv[i]));
    return arguments;
}

// What is closed would be given to the next file or socket that is opened, and the log would be written into it.
void openStandardStreams()
{
    for (int stream = 0; stream <= 2; ++stream)
        if (::fcntl(stream, F_GETFD) < 0)
            ::open("/dev/null", O_RDWR); // the lowest number that is free, so this one
}

// Every connection is a descriptor; the soft limit of most systems is 1024.
void raiseDescriptorLimit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void prepare()
{
    raiseDescriptorLimit();
    // Qt's own event dispatcher: measured 1 us less per request than the one over GLib.
    if (!qEnvironmentVariableIsSet("QT_NO_GLIB"))
        qputenv("QT_NO_GLIB", "1");
}

int complainAbout(const std::vector<config::ConfigIssue> &issues, int &argc, char **argv, const QStringList &arguments)
{
    for (const config::ConfigIssue &issue : issues)
        app::complain(config::printIssue(issue));
#ifdef WEIR_GUI
    if (const auto withoutFile = app::panelWithoutFile(arguments)) { // of a desktop's menu nobody sees stderr
        prepare();
        return app::repairAndRunPanel(argc, argv, arguments, issues, *withoutFile);
    }
#else
    static_cast<void>(argc), static_cast<void>(argv), static_cast<void>(arguments);
#endif
    std::fputs("Try \"weir --help\".\n", stderr);
    return kUsageError;
}

int run(int &argc, char **argv, const app::Invocation &invocation)
{
    using Command = app::Invocation::Command;
    if (!invocation.text.isEmpty()) {
        std::fputs(qPrintable(invocation.text), stdout);
        return 0;
    }
    if (invocation.command == Command::CheckConfig)
        return app::runCheckConfig(argc, argv, invocation.file);
    if (invocation.command == Command::Ask)
        return app::runAsk(argc, argv, invocation.ask);
    app::setLogFormat(invocation.config.logFormat);
    for (const config::ConfigIssue &issue : invocation.warnings)
        app::complain(config::printIssue(issue), QtWarningMsg);
#ifdef WEIR_GUI
    if (invocation.command == Command::Panel) {
        const auto noDisplay = app::whyNoDisplay(QProcessEnvironment::systemEnvironment());
        if (invocation.screenshot || !noDisplay)
            return app::runPanel(argc, argv, invocation);
        if (invocation.connect) {
            app::complain("no window can be opened (" + *noDisplay + "), and a Weir elsewhere needs no other server");
            return 1;
        }
        app::complain("no window can be opened (" + *noDisplay + "); serving without one, as \"weir serve\" does",
                      QtWarningMsg);
    }
#else
    if (invocation.command == Command::Panel) {
        if (invocation.screenshot || invocation.connect) {
            app::complain(std::string{invocation.connect ? "--connect" : "--screenshot"} + ": this build has no panel");
            return kUsageError;
        }
        app::complain("this build has no panel; serving without one, as \"weir serve\" does", QtWarningMsg);
    }
#endif
    return app::runServe(argc, argv, invocation.config);
}

} // namespace

int main(int argc, char **argv)
{
    openStandardStreams();
    app::catchSignals();
    const QStringList arguments = argumentList(argc, argv);
    app::hidePasswords(argc, argv);
    const app::CliResult result = app::readCommandLine(arguments, QProcessEnvironment::systemEnvironment());
    if (const auto *issues = std::get_if<std::vector<config::ConfigIssue>>(&result))
        return complainAbout(*issues, argc, argv, arguments);
    prepare();
    return run(argc, argv, std::get<app::Invocation>(result));
}

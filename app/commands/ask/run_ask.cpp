// SPDX-License-Identifier: GPL-3.0-only
#include <cstdio>

#include <QCoreApplication>

#include <unistd.h>

#include "app/commands/ask/token_source.h"
#include "app/commands/ask/watch.h"
#include "app/commands/commands.h"
#include "app/log_output.h"
#include "app/signal_watcher.h"

namespace weir::app {
namespace {

// SIGTERM and SIGINT end the process at once, as those of any program.
int askOnce(Questions &questions)
{
    questions.ask([](const AskOutcome &outcome) {
        std::fputs(qPrintable(outcome.problem), stderr);
        const bool isWritten = writeOut(outcome.output);
        QCoreApplication::exit(isWritten ? outcome.code : 1);
    });
    return QCoreApplication::exec();
}

int askAgain(Questions &questions, bool isJson)
{
    SignalWatcher watcher;
    Watch watch{questions, ::isatty(STDOUT_FILENO) == 1, isJson};
    QObject::connect(&watcher, &SignalWatcher::stopAsked, &watch, [] { QCoreApplication::exit(0); });
    QObject::connect(&watch, &Watch::ended, &watch, [](int code) { QCoreApplication::exit(code); });
    watch.start();
    return QCoreApplication::exec();
}

} // namespace

int runAsk(int &argc, char **argv, const AskLine &line)
{
    const QCoreApplication application{argc, argv};
    const bool isChange = line.command == QLatin1String{"set"} || line.command == QLatin1String{"reset"};
    const Result<FoundToken> found = tokenFor(line, QProcessEnvironment::systemEnvironment(), isChange);
    if (!found) {
        complain(found.error().detail);
        return 1;
    }
    AdminClient client{line.url, found.value().token};
    Questions questions{client, line, found.value().source};
    return line.isWatched ? askAgain(questions, line.isJson) : askOnce(questions);
}

} // namespace weir::app

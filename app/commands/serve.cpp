// SPDX-License-Identifier: GPL-3.0-only
#include <QCoreApplication>

#include "app/commands/announce.h"
#include "app/commands/commands.h"
#include "app/service.h"
#include "app/signal_watcher.h"

namespace weir::app {

int runServe(int &argc, char **argv, const config::Config &config)
{
    QCoreApplication application{argc, argv};
    SignalWatcher watcher;
    Service service{config};
    const auto urls = service.start();
    if (!urls) {
        complain(urls.error().detail);
        return 1;
    }
    QObject::connect(&watcher, &SignalWatcher::stopAsked, &application, &QCoreApplication::quit);
    QObject::connect(&watcher, &SignalWatcher::hungUp, &application, [&] {
        if (config.file.empty()) // there is nothing to read again
            QCoreApplication::quit();
        else
            service.readConfigAgain();
    });
    announceReady(urls.value());
    const int code = QCoreApplication::exec();
    service.stop();
    return code;
}

} // namespace weir::app

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
    QObject::connect(&watcher, &SignalWatcher::stopAsked, &service, &Service::giveUpStart);
    QObject::connect(&watcher, &SignalWatcher::hungUp, &service, &Service::readConfigAgain);
    const auto urls = service.start();
    if (!urls) {
        complain(urls.error().detail);
        return 1;
    }
    if (urls.value().empty())
        return 0; // asked to end before
    QObject::connect(&watcher, &SignalWatcher::stopAsked, &application, &QCoreApplication::quit);
    announceReady(urls.value());
    const int code = QCoreApplication::exec();
    service.stop();
    return code;
}

} // namespace weir::app

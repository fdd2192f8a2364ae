// SPDX-License-Identifier: GPL-3.0-only
#include <QCoreApplication>

#include "app/commands/announce.h"
#include "app/commands/commands.h"
#include "app/log_output.h"
#include "app/service.h"
#include "app/service_manager.h"
#include "app/signal_watcher.h"

namespace weir::app {

int runServe(int &argc, char **argv, const config::Config &config)
{
    QCoreApplication application{argc, argv};
    SignalWatcher watcher;
    Service service{config};
    ServiceManager manager{service};
    QObject::connect(&watcher, &SignalWatcher::stopAsked, &service, &Service::giveUpStart);
    QObject::connect(&watcher, &SignalWatcher::hungUp, &manager, &ServiceManager::reload);
    const auto urls = service.start();
    if (!urls) {
        complain(urls.error().detail);
        manager.failed(urls.error().detail);
        return 1;
    }
    if (urls.value().empty()) { // asked to end before
        manager.stopping();
        return 0;
    }
    QObject::connect(&watcher, &SignalWatcher::stopAsked, &application, &QCoreApplication::quit);
    announceReady(urls.value(), service.status().adminUrl);
    manager.ready();
    const int code = QCoreApplication::exec();
    manager.stopping();
    service.stop();
    return code;
}

} // namespace weir::app

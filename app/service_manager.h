// SPDX-License-Identifier: GPL-3.0-only
// What the service manager is told of a Weir that it has started: systemd, by sd_notify(3).
#pragma once

#include <QObject>
#include <QTimer>

#include <string>

namespace weir::app {

class Service;

/// Does nothing when nobody waits for it (no NOTIFY_SOCKET) and in a build without libsystemd, but reload() reads the
/// configuration in any case. Thread: the main thread. `service` outlives it.
class ServiceManager : public QObject {
    Q_OBJECT
public:
    explicit ServiceManager(Service &service, QObject *parent = nullptr);

    /// Requests are answered. From here on it says that Weir lives, twice in the time that the manager gives
    /// (WATCHDOG_USEC), and each time only after this thread, the service thread and every server thread have turned.
    void ready();
    /// Nothing runs, and why.
    void failed(const std::string &why);
    /// Reads the configuration file again, and says when it is done.
    void reload();
    void stopping();

private:
    void tell(const std::string &state) const;
    [[nodiscard]] std::string status() const;
    void proveLife();

    Service &m_service;
    QTimer m_watchdog;
    bool m_isReady{false};
    bool m_isAsking{false}; ///< the threads, whether they turn
    int m_reloads{0};       ///< under way
};

} // namespace weir::app

// SPDX-License-Identifier: GPL-3.0-only
// Tells the service manager (systemd) the state of Weir, by sd_notify(3).
#pragma once

#include <QObject>
#include <QTimer>

#include <string>

namespace weir::app {

class Service;

/// Tells nothing without NOTIFY_SOCKET and in a build without libsystemd; reload() reads the configuration in any case.
/// Thread: the main thread. `service` outlives it.
class ServiceManager : public QObject {
    Q_OBJECT
public:
    explicit ServiceManager(Service &service, QObject *parent = nullptr);

    /// Tell that requests are answered. From then on it feeds the watchdog twice in each WATCHDOG_USEC, but only after
    /// the event loops of this thread, the service thread and every worker have turned.
    void ready();
    /// Tell why nothing runs.
    void failed(const std::string &why);
    /// Read the configuration file again, and tell when that is done.
    void reload();
    void stopping();

private:
    void tell(const std::string &state) const;
    [[nodiscard]] std::string status() const;
    void proveLife();

    Service &m_service;
    QTimer m_watchdog;
    bool m_isReady{false};
    bool m_isAsking{false}; ///< the threads, to prove that they turn
    int m_reloads{0};       ///< under way
};

} // namespace weir::app

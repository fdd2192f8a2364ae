// SPDX-License-Identifier: GPL-3.0-only
// Gets all that is needed to answer requests: ports, store, limits; or says what is missing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <QObject>
#include <QTimer>

#include "app/limits_in_force.h"
#include "app/store_connection.h"
#include "core/http/listen_group.h"

namespace weir::app {

/// Thread: the service thread. Used once.
class StartUp : public QObject {
    Q_OBJECT
public:
    struct Ports {
        std::vector<http::ListenGroup> data; ///< each with a socket for each worker
        std::vector<http::ListenGroup>
            admin; ///< one with one socket; none: it is off, or taken and nobody asked for it
    };
    /// Gets the ports; limits are in force then, or assumed while the store is
    /// away.
    using Started = std::function<void(Result<Ports>)>;

    /// All arguments outlive this.
    StartUp(const config::Config &config, StoreConnection &store, LimitsInForce &inForce, QObject *parent = nullptr);

    /// Begin; `done` once, after some seconds at most, longer while the private server reads its data.
    void begin(int workers, Started done);
    /// Stop; `done` is not called.
    void giveUp();

private:
    [[nodiscard]] Result<Done> openPorts(int workers);
    [[nodiscard]] Result<Done> openAdminPort();
    void onStoreReady();
    void onAttemptFailed(const Error &why);
    void onDeadline();
    /// Tells whether Config::waitForRedis covers this error.
    [[nodiscard]] bool canWait(const Error &why) const;
    void startWithout(const Error &why);
    void finish(Result<Ports> result);

    const config::Config &m_config;
    StoreConnection &m_store;
    LimitsInForce &m_inForce;
    QTimer m_deadline;
    Ports m_ports;
    Started m_started; ///< null: not under way
};

} // namespace weir::app

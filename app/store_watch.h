// SPDX-License-Identifier: GPL-3.0-only
// The status of the store: reachable or why not, its version, the time of a round trip.
#pragma once

#include <QObject>

#include "core/engine/port/service_port.h"
#include "core/redis/link/connection.h"
#include "core/redis/store/key_names.h"

namespace weir::app {

/// Thread: that of the link, which must outlive it.
class StoreWatch : public QObject {
    Q_OBJECT
public:
    StoreWatch(redis::Connection &link, const redis::KeyNames &names, bool isPrivate, QObject *parent = nullptr);

    [[nodiscard]] const engine::StoreStatus &status() const { return m_status; }
    /// Send a PING when the store is there; the status has its time a little later.
    void measureRoundTrip();
    /// Note that the private server ended; the link only sees that no server answers.
    void noteDown(const std::string &why);

Q_SIGNALS:
    void changed(); ///< status() has changed
    void becameReady();
    void attemptFailed(const weir::Error &error); ///< an attempt to connect, or a connection

private:
    void onReady();
    void askVersion();
    void askForAdvice();

    redis::Connection &m_link;
    redis::KeyNames m_names;
    engine::StoreStatus m_status;
};

} // namespace weir::app

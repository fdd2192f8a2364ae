// SPDX-License-Identifier: GPL-3.0-only
// How the store is doing: reachable or why not, its version, the time of a round trip.
#pragma once

#include <QObject>

#include "core/engine/port/service_port.h"
#include "core/redis/link/connection.h"
#include "core/redis/store/key_names.h"

namespace weir::app {

/// Thread: that of the link, which must outlive it. `names`: of the keys that it is used for.
class StoreWatch : public QObject {
    Q_OBJECT
public:
    StoreWatch(redis::Connection &link, const redis::KeyNames &names, bool isPrivate, QObject *parent = nullptr);

    [[nodiscard]] const engine::StoreStatus &status() const { return m_status; }
    /// Sends a PING when the store is there; the status has its time a little later.
    void measureRoundTrip();
    /// The private server ended: the link only sees that nobody answers.
    void noteDown(const std::string &why);

Q_SIGNALS:
    void changed(); ///< status() is another one
    void becameReady();
    void attemptFailed(const weir::Error &error); ///< to connect, or a connection broke

private:
    void onReady();
    void askVersion();
    void askForAdvice();

    redis::Connection &m_link;
    redis::KeyNames m_names;
    engine::StoreStatus m_status;
};

} // namespace weir::app

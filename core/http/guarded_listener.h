// SPDX-License-Identifier: GPL-3.0-only
// Accepts connections or turns them away, and hands guarded sockets to QHttpServer.
#pragma once

#include <QTcpServer>

#include "core/http/socket_guard.h"

namespace weir::http {

/// Thread: that of the QHttpServer.
class GuardedListener : public QTcpServer, private Polled {
    Q_OBJECT
public:
    explicit GuardedListener(GuardRoom &room);
    ~GuardedListener() override;
    /// Take connections of the listening socket `descriptor` from now on, and own it.
    void open(int descriptor);
    /// Accept the connections in the backlog of the kernel, then close, so that none is reset.
    void closeAfterBacklog();
    /// Show the QHttpServer a request without a client, as those of clients are shown, before this returns. Its
    /// connection is counted like any other.
    void showTrialRequest();

Q_SIGNALS:
    void entered(); ///< a connection was accepted or is being turned away: times are to be watched from now on

protected:
    QTcpSocket *nextPendingConnection() override;

private:
    void onReady(std::uint32_t events) override;
    bool takeWaiting(int most);
    void enter(int descriptor);
    GuardedSocket *takeIn(int descriptor, const IpAddress &peer);
    void turnAwayAtTheDoor(int descriptor);

    GuardRoom &m_room;
};

} // namespace weir::http

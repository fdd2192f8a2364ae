// SPDX-License-Identifier: GPL-3.0-only
// Takes connections in, or turns them away at the door, and hands QHttpServer guarded sockets.
#pragma once

#include <QTcpServer>

#include "core/http/socket_guard.h"

namespace weir::http {

/// Thread: that of the QHttpServer.
class GuardedListener : public QTcpServer {
    Q_OBJECT
public:
    explicit GuardedListener(GuardRoom &room);
    /// Takes the connections that the kernel holds ready, then closes: nobody is reset.
    void closeAfterBacklog();
    /// One request by nobody, shown to the QHttpServer before this returns, as those of clients are; its connection is
    /// counted like any other.
    void showTrialRequest();

Q_SIGNALS:
    void entered(); ///< somebody is inside, or is being turned away: the times are to be watched from now on

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    GuardedSocket *takeIn(int descriptor, const IpAddress &peer);
    void turnAwayAtTheDoor(int descriptor);

    GuardRoom &m_room;
};

} // namespace weir::http

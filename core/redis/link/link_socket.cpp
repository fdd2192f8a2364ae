// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/link_socket.h"

#include <QLocalSocket>
#include <QSslSocket>
#include <QTcpSocket>

#include <sys/socket.h>

#include "core/redis/link/tls.h"

namespace weir::redis {
namespace {

// QLocalSocket's own words are for programmers ("QLocalSocket::connectToServer: Invalid name").
std::string reasonOf(const QIODevice &socket)
{
    const auto *local = qobject_cast<const QLocalSocket *>(&socket);
    if (!local)
        return socket.errorString().toStdString();
    switch (local->error()) {
    case QLocalSocket::ServerNotFoundError:
        return "there is no such socket";
    case QLocalSocket::ConnectionRefusedError:
        return "nobody listens there";
    case QLocalSocket::SocketAccessError:
        return "no permission";
    case QLocalSocket::PeerClosedError:
        return "it closed the connection";
    default:
        return socket.errorString().toStdString();
    }
}

} // namespace

Error unreachable(const QIODevice &socket, const RedisUrl &url)
{
    if (const auto *tls = qobject_cast<const QSslSocket *>(&socket))
        return tlsError(*tls, url);
    return {Error::Code::Unavailable, "cannot reach Redis at " + url.display().toStdString() + ": " + reasonOf(socket),
            true};
}

Error noRedis(const RedisUrl &url, const char *why)
{
    return {Error::Code::Protocol, "the server at " + url.display().toStdString() + " is no Redis: " + why, true};
}

void dropUnsent(const QIODevice &socket)
{
    const auto *tcp = qobject_cast<const QTcpSocket *>(&socket);
    if (!tcp || tcp->socketDescriptor() < 0)
        return;
    const linger now{1, 0};
    ::setsockopt(static_cast<int>(tcp->socketDescriptor()), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

int descriptorOf(const QIODevice &socket)
{
    if (const auto *local = qobject_cast<const QLocalSocket *>(&socket))
        return static_cast<int>(local->socketDescriptor());
    return static_cast<int>(qobject_cast<const QAbstractSocket *>(&socket)->socketDescriptor());
}

bool hasUnsent(const QIODevice &socket)
{
    const auto *tls = qobject_cast<const QSslSocket *>(&socket);
    return socket.bytesToWrite() > 0 || (tls && tls->encryptedBytesToWrite() > 0);
}

bool isOfReplica(const Reply &reply)
{
    return reply.isError("READONLY") || reply.isError("MASTERDOWN");
}

} // namespace weir::redis

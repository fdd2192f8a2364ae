// SPDX-License-Identifier: GPL-3.0-only
// What differs between the versions of Qt HttpServer, 6.4 to 6.11, in one place; no other file names a responder.
#pragma once

#include <chrono>
#include <utility>

#include <QHttpServer>
#include <QHttpServerRequest>
#include <QHttpServerResponder>
#include <QTcpSocket>
#if QT_VERSION >= QT_VERSION_CHECK(6, 10, 0)
#include <QtHttpServer/QHttpServerConfiguration>
#endif

namespace weir::http {

/// Call `handler()` for every request, within the readyRead that showed it. There are no routes, because the router of
/// Qt runs regular expressions for each request; client and content come from the guard. The responder is not used and
/// ends when the handler returns: from Qt 6.5 on no further request of its connection is read before that.
template<class Handler>
void handleEveryRequest(QHttpServer &server, Handler handler)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    server.setMissingHandler(
        &server, [handler = std::move(handler)](const QHttpServerRequest &, QHttpServerResponder &) { handler(); });
#else
    server.setMissingHandler(
        [handler = std::move(handler)](const QHttpServerRequest &, QHttpServerResponder &&) { handler(); });
#endif
}

/// Let `socket` outlive the listener that accepted it, so that answers go out after that has closed. To be called once
/// `server` has taken `socket`. From Qt 6.5 on the socket belongs to an object of the server, which deletes it when it
/// has disconnected; with another parent it would never be deleted.
inline void outliveListener(QTcpSocket &socket, QHttpServer &server)
{
#if QT_VERSION < QT_VERSION_CHECK(6, 5, 0)
    socket.setParent(&server);
#else
    Q_UNUSED(socket)
    Q_UNUSED(server)
#endif
}

/// Leave idle connections to the guard: from Qt 6.10 on the server would close them after 15 s. To be called before
/// `server` takes a socket.
inline void leaveTimesToGuard(QHttpServer &server)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 10, 0)
    // The server looks twice within this time, by a QTimer, which goes to 24.8 days.
    constexpr std::chrono::seconds kForEver = std::chrono::hours{24 * 49};
    QHttpServerConfiguration configuration = server.configuration();
    configuration.setKeepAliveTimeout(kForEver);
    server.setConfiguration(configuration);
#else
    Q_UNUSED(server)
#endif
}

} // namespace weir::http

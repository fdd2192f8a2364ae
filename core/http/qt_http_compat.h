// SPDX-License-Identifier: GPL-3.0-only
// What differs between the versions of Qt HttpServer, in one place.
#pragma once

#include <QHttpServer>
#include <QHttpServerRequest>
#include <QHttpServerResponder>

#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
#error "Qt 6.5 takes the socket out of the responder; socketOf() needs another way there."
#endif

namespace weir::http {

/// The connection that a request came on.
[[nodiscard]] inline QTcpSocket *socketOf(const QHttpServerResponder &responder)
{
    return responder.socket();
}

/// Calls `handler(QTcpSocket *)` for every request. There are no routes: a router runs regular
/// expressions for each request, and the facts come from the guard.
template<class Handler>
void handleEveryRequest(QHttpServer &server, Handler handler)
{
    server.setMissingHandler(
        [handler](const QHttpServerRequest &, QHttpServerResponder &&responder) { handler(socketOf(responder)); });
}

} // namespace weir::http

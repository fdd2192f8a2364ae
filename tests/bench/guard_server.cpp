// SPDX-License-Identifier: GPL-3.0-only
// What the guard costs: one thread that answers a constant, with the guard in front of QHttpServer or
// without. `guard_server guarded|bare`; prints its address like Weir.
#include <cstdio>
#include <string_view>

#include <QCoreApplication>
#include <QHttpServer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTimer>

#include "core/http/guarded_listener.h"
#include "core/http/listen_group.h"
#include "core/http/qt_http_compat.h"

using namespace weir;

namespace {

// The same bytes both times, written in one piece: what is compared is the way in, not the way out.
const QByteArray kAnswer = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
                           "Content-Type: application/json\r\nContent-Length: 52\r\n\r\n"
                           "{\"message\":\"Congrats, your request was succesfull!\"}";

/// Knows whose request QHttpServer has before it: from Qt 6.5 on a handler is not told.
class BareListener : public QTcpServer {
public:
    void answer()
    {
        m_speaker->write(kAnswer);
        m_speaker->flush();
    }

protected:
    void incomingConnection(qintptr descriptor) override
    {
        auto *socket = new QTcpSocket{this};
        socket->setSocketDescriptor(descriptor);
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] { m_speaker = socket; }); // before QHttpServer's
        addPendingConnection(socket);
    }

private:
    QTcpSocket *m_speaker{nullptr};
};

void answerGuarded(http::GuardRoom &room)
{
    http::GuardedSocket *socket = room.presented;
    if (const auto facts = socket->takeFacts())
        socket->answer(socket->openPlace(), kAnswer, facts->closes);
}

} // namespace

int main(int argc, char **argv)
{
    qputenv("QT_NO_GLIB", "1"); // as Weir does
    QCoreApplication application{argc, argv};
    const bool isGuarded = argc > 1 && std::string_view{argv[1]} == "guarded";
    auto group = http::openListenGroup({"127.0.0.1", 0}, 1);
    if (!group)
        return 1;
    telemetry::WorkerTelemetry telemetry;
    http::ConnectionCensus census{{}};
    QHttpServer server;
    const http::ProxyTrust nobody;
    http::GuardRoom room{server, telemetry, census, nobody};
    http::leaveTimesToGuard(server);
    if (isGuarded) {
        http::handleEveryRequest(server, [&room] { answerGuarded(room); });
        auto *listener = new http::GuardedListener{room};
        listener->open(group.value().takeDescriptor());
        server.bind(listener);
    } else {
        auto *listener = new BareListener;
        http::handleEveryRequest(server, [listener] { listener->answer(); });
        listener->setSocketDescriptor(group.value().takeDescriptor());
        server.bind(listener);
    }
    std::printf("listening on http://127.0.0.1:%d\n", int{group.value().address().port});
    std::fflush(stdout);
    return QCoreApplication::exec(); // ended by a signal
}

// SPDX-License-Identifier: GPL-3.0-only
// Stands in front of QHttpServer on every connection: judges the bytes before it sees them.
//
// QHttpServer takes exactly one request per readyRead, and slots run in the order of connection. So
// the guard's slot runs first, reads ahead over what peek() shows, and keeps the facts of each whole
// request in line; QHttpServer then reads the same bytes and asks for the facts of that request. The
// guard's second slot, connected after QHttpServer's, learns how many bytes were taken.
#pragma once

#include <deque>
#include <optional>

#include <QTcpServer>
#include <QTcpSocket>

#include "core/http/reply_queue.h"
#include "core/http/request_facts.h"
#include "core/http/request_parser.h"
#include "core/telemetry/worker_telemetry.h"

class QHttpServer;

namespace weir::http {

/// Thread: that of its construction. Deleted by QHttpServer once disconnected: hold it by QPointer.
class GuardedSocket : public QTcpSocket {
    Q_OBJECT
public:
    GuardedSocket(qintptr descriptor, QHttpServer &server, telemetry::WorkerTelemetry &telemetry);
    ~GuardedSocket() override;

    /// To be called once QHttpServer has connected its own slot.
    void watchConsumption();

    /// The request that QHttpServer has just read.
    [[nodiscard]] std::optional<RequestFacts> takeFacts();
    [[nodiscard]] ReplyQueue &replies() { return m_replies; }
    /// Ends the connection unless something is still to be answered.
    void closeIfIdle();

private:
    void judge();
    void noteConsumption();
    void readAhead();
    void detachFromServer();
    void turnAway();
    void finishTurnAway();
    void discardInput();

    QHttpServer &m_server;
    telemetry::WorkerTelemetry &m_telemetry;
    ReplyQueue m_replies;
    RequestParser m_parser;
    std::deque<RequestFacts> m_facts; ///< whole requests that QHttpServer has not read yet
    telemetry::ShortText<46> m_client;
    qint64 m_judgedBytes{0}; ///< of the bytes that wait, how many the parser has seen
    qint64 m_availableBefore{0};
    bool m_endsHere{false}; ///< the last request was read ahead: "Connection: close", or bad
    bool m_isTurnedAway{false};
};

/// Hands guarded sockets to QHttpServer. Thread: that of the QHttpServer.
class GuardedListener : public QTcpServer {
    Q_OBJECT
public:
    GuardedListener(QHttpServer &server, telemetry::WorkerTelemetry &telemetry);
    /// Takes the connections that the kernel holds ready, then closes: nobody is reset.
    void closeAfterBacklog();

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    QHttpServer &m_server;
    telemetry::WorkerTelemetry &m_telemetry;
};

} // namespace weir::http

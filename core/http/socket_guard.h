// SPDX-License-Identifier: GPL-3.0-only
// Stands in front of QHttpServer on every connection: judges the bytes before it sees them.
//
// QHttpServer takes exactly one request per readyRead, and slots run in the order of connection. So
// the guard's slot runs first, reads ahead over what peek() shows, and keeps the facts of each whole
// request in line; QHttpServer then reads the same bytes and asks for the facts of that request. The
// guard's second slot, connected after QHttpServer's, learns how many bytes were taken.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <unordered_set>

#include <QTcpServer>
#include <QTcpSocket>

#include "core/http/connection_limits.h"
#include "core/http/reply_queue.h"
#include "core/http/request_facts.h"
#include "core/http/request_parser.h"
#include "core/telemetry/worker_telemetry.h"

class QHttpServer;

namespace weir::http {

class GuardedSocket;

/// What the guards of one worker share; outlives them.
struct GuardRoom {
    QHttpServer &server;
    telemetry::WorkerTelemetry &telemetry;
    ConnectionCensus &census;
    std::unordered_set<GuardedSocket *> sockets{}; ///< open now
};

/// Thread: that of its construction. Deleted by QHttpServer once disconnected: hold it by QPointer.
class GuardedSocket : public QTcpSocket {
    Q_OBJECT
public:
    /// `client` has been counted by the census of the room.
    GuardedSocket(qintptr descriptor, const telemetry::ShortText<46> &client, GuardRoom &room);
    ~GuardedSocket() override;

    /// To be called once QHttpServer has connected its own slot.
    void watchConsumption();

    /// The request that QHttpServer has just read.
    [[nodiscard]] std::optional<RequestFacts> takeFacts();
    /// Its place among the answers of this connection, to be taken in the order of the requests.
    [[nodiscard]] std::uint64_t openPlace() { return m_replies.open(); }
    /// The whole answer for a place; with `closes`, the connection ends after it.
    void answer(std::uint64_t place, const QByteArray &bytes, bool closes);
    /// Ends the connection unless something is still to be answered.
    void closeIfIdle();
    /// Ends what has taken its time: 408 for half a request, a plain close for none.
    void checkTime(std::chrono::steady_clock::time_point now);

private:
    using Instant = std::chrono::steady_clock::time_point;
    void judge();
    void noteConsumption();
    void readAhead();
    void detachFromServer();
    void turnAway(const Rejection &why);
    void finishTurnAway();
    void discardInput();

    GuardRoom &m_room;
    ReplyQueue m_replies;
    RequestParser m_parser;
    std::deque<RequestFacts> m_facts; ///< whole requests that QHttpServer has not read yet
    telemetry::ShortText<46> m_client;
    qint64 m_judgedBytes{0}; ///< of the bytes that wait, how many the parser has seen
    qint64 m_availableBefore{0};
    Instant m_since;        ///< when the present wait began: for a request, its head or its body
    bool m_endsHere{false}; ///< the last request was read ahead: "Connection: close", or bad
    bool m_isTurnedAway{false};
};

/// Hands guarded sockets to QHttpServer. Thread: that of the QHttpServer.
class GuardedListener : public QTcpServer {
    Q_OBJECT
public:
    explicit GuardedListener(GuardRoom &room);
    /// Takes the connections that the kernel holds ready, then closes: nobody is reset.
    void closeAfterBacklog();

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    void turnAwayAtTheDoor(int descriptor);

    GuardRoom &m_room;
};

} // namespace weir::http

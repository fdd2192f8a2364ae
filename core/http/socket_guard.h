// SPDX-License-Identifier: GPL-3.0-only
// Stands between a client and QHttpServer: reads the connection itself and shows QHttpServer nothing but whole,
// well-formed requests, one at a time.
//
// To QHttpServer it is a QTcpSocket that has exactly one request to read with each readyRead. The bytes of the client
// never reach it. So it cannot misread where a request ends, nor buffer what a client sends, nor see that a client has
// left. It is shown the same shortest request each time, because it reads byte by byte; the request itself is asked of
// the guard.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <unordered_set>

#include <QTcpSocket>

#include "core/base/ip_address.h"
#include "core/http/browser_rules.h"
#include "core/http/client_address.h"
#include "core/http/connection_limits.h"
#include "core/http/farewells.h"
#include "core/http/proxy_preface.h"
#include "core/http/reply_queue.h"
#include "core/http/request_facts.h"
#include "core/http/request_parser.h"
#include "core/http/socket_poll.h"
#include "core/telemetry/worker_telemetry.h"

class QHttpServer;

namespace weir::http {

class GuardedSocket;

/// What the guards of one worker share; outlives them. Thread: the worker's.
struct GuardRoom {
    GuardRoom(QHttpServer &itsServer, telemetry::WorkerTelemetry &itsTelemetry, ConnectionCensus &itsCensus,
              const ProxyTrust &itsTrust, bool keeps = false)
        : server{itsServer}, telemetry{itsTelemetry}, census{itsCensus}, trust{itsTrust}, keepsBodies{keeps}
    {
    }

    QHttpServer &server;
    telemetry::WorkerTelemetry &telemetry;
    ConnectionCensus &census;
    const ProxyTrust &trust;
    const bool keepsBodies; ///< for RequestHead::body
    SocketPoll poll;
    Farewells farewells{poll};
    std::unordered_set<GuardedSocket *> sockets; ///< open now
    const BrowserRules rules{census.limits()};
    GuardedSocket *presented{nullptr}; ///< whose request QHttpServer is being shown
    std::size_t underWay{0};           ///< requests that are being decided, those of ended sockets included
    std::array<char, 65'536> input;    ///< receive buffer; used within one call only
};

/// Thread: that of its construction. Deleted by QHttpServer once disconnected: hold it by QPointer.
class GuardedSocket final : public QTcpSocket, private Polled {
    Q_OBJECT
public:
    /// Take `descriptor` over; `peer` has been counted by the census of the room.
    GuardedSocket(int descriptor, const IpAddress &peer, GuardRoom &room);
    ~GuardedSocket() override;

    /// Begin to read; to be called once QHttpServer has connected its slot.
    void begin();

    /// Parse `bytes` as if the client had sent them.
    void feed(std::string_view bytes) { judge(bytes); }

    /// Take the facts of the request that QHttpServer has just read.
    [[nodiscard]] std::optional<RequestFacts> takeFacts() { return std::exchange(m_facts, std::nullopt); }
    // Of the same request, until its slot returns:
    [[nodiscard]] const RequestHead &head() const { return m_parser.head(); }
    /// Return the client, as trusted proxies name it.
    [[nodiscard]] const IpAddress &client() const { return m_client; }
    [[nodiscard]] bool isFromProxy() const { return m_isProxy; }
    /// Open the place of its answer; to be called in the order of the requests.
    [[nodiscard]] std::uint64_t openPlace() { return m_replies.open(); }
    /// Set the whole answer for a place; with `closes`, the connection ends after it.
    void answer(std::uint64_t place, const QByteArray &bytes, bool closes);
    /// End the connection unless something is still to be answered.
    void closeIfIdle();
    /// End the connection if its client has taken too long: with 408 in the middle of a request, else by a close.
    void checkTime(std::chrono::steady_clock::time_point now);
    /// End the connection at once, without an answer.
    void cut();

    // What QHttpServer sees.
    [[nodiscard]] bool isSequential() const override { return false; } // else QIODevice buffers, for its transactions
    [[nodiscard]] qint64 bytesAvailable() const override;
    void disconnectFromHost() override { cut(); }
    void close() override { cut(); }

protected:
    bool event(QEvent *event) override;
    qint64 readData(char *data, qint64 most) override;
    qint64 writeData(const char *, qint64) override { return -1; } // answers go through answer()

private:
    using Instant = std::chrono::steady_clock::time_point;

    // In: bytes, requests, verdicts.
    void onReady(std::uint32_t events) override;
    void receive();
    void judge(std::string_view bytes);
    void takePreface(std::string_view &bytes);
    [[nodiscard]] bool mayAskMore(std::size_t mostUnanswered) const;
    void present();
    void concludeInput();
    void turnAway(const Rejection &why);
    void sayContinue();
    void noteOtherField(std::string_view sent);
    void noteKept();

    // Out: answers, the end.
    void send(QByteArray bytes);
    void flush();
    void goOnReading();
    void settle();
    enum class Ending {
        Close,    ///< at once; unread input makes it a reset
        Farewell, ///< so that the client can read its answers
    };
    void end(Ending how);
    void cutUnread();
    void tellServer();

    GuardRoom &m_room;
    const IpAddress m_peer;
    IpAddress m_from; ///< the peer, or the client of its PROXY header
    telemetry::ShortText<46> m_fromText;
    bool m_isProxy;                        ///< m_from is a trusted proxy
    std::optional<ProxyPreface> m_preface; ///< comes before the first request, until it is whole
    IpAddress m_client;                    ///< of the request that is shown
    int m_descriptor;                      ///< -1: ended
    std::uint32_t m_watched{0};

    RequestParser m_parser;
    std::string m_held;                  ///< bytes that wait because too much is unanswered
    std::optional<RequestFacts> m_facts; ///< of the request that is shown
    std::size_t m_shown{0};              ///< bytes of the request line that QHttpServer has read
    std::size_t m_kept{0};               ///< of what the census counts
    ReplyQueue m_replies;
    QByteArray m_unsent;

    Instant m_since;            ///< when the present wait began: for a request, its head or its body
    Instant m_sentAt;           ///< when the client last took some of m_unsent
    bool m_isPresenting{false}; ///< QHttpServer is using this socket further up the stack
    bool m_isInputOver{false};  ///< the client has closed its half
    bool m_endsHere{false};     ///< no request follows: "Connection: close", a bad one, or no input
};

} // namespace weir::http

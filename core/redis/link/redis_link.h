// SPDX-License-Identifier: GPL-3.0-only
// One connection to a Redis: sends commands, reads replies, keeps deadlines, reconnects.
#pragma once

#include <deque>
#include <optional>

#include <QTimer>

#include "core/redis/link/connection.h"
#include "core/redis/link/sentinels.h"

class QIODevice;

namespace weir::redis {

/// A server is silent when a call is in flight and neither its sending nor the last answer is less than `callDeadline`
/// ago. A call that waits behind others that are being answered, or whose answer this thread was too busy to read, is
/// not late. Silence drops the connection (later replies could not be assigned to calls) and fails every call in
/// flight: whether they were executed is not known. A server that turns out to be a replica is left as well. With
/// sentinels each attempt to connect asks them first, and while ready they are asked twice a second whether the master
/// is still the same.
class RedisLink final : public Connection {
    Q_OBJECT
public:
    RedisLink(RedisUrl url, LinkOptions options, QObject *parent = nullptr);
    ~RedisLink() override;

    void start() override;
    using Connection::call;
    void call(QByteArrayView key, const QByteArray &command, Handler handler) override;
    [[nodiscard]] bool isReady() const override { return m_state == State::Ready; }
    [[nodiscard]] QString address() const override;

    /// Tell whether no call waits for a reply.
    [[nodiscard]] bool isIdle() const { return m_inFlight.empty() && m_waiting.empty(); }
    /// Tell whether the last attempt to connect failed.
    [[nodiscard]] bool hasFailed() const { return m_hasFailed; }

private:
    using Instant = std::chrono::steady_clock::time_point;
    struct Call {
        Instant since; ///< when it was sent, or made while waiting for the first connection
        Handler handler;
    };
    struct Waiting {
        QByteArray command;
        Call call;
    };
    struct HeldBack {
        QByteArray bytes;
        std::chrono::milliseconds delay;
    };
    enum class State { Stopped, Connecting, Ready, Backoff };

    void connectNow();
    void findMaster();
    void checkMaster();
    void openSocket();
    template<class Socket, class Signal>
    Socket *wire(Signal connected);
    [[nodiscard]] Error lossOf(const QIODevice &socket) const;
    void onConnected();
    void send(const QByteArray &command, Call call);
    void onWritten();
    void shakeHands();
    void becomeReady();
    void onReadyRead();
    void holdBack(QByteArray bytes, std::chrono::milliseconds delay);
    void digest(QByteArrayView bytes);
    [[nodiscard]] bool isCut() const { return m_options.faults && m_options.faults->isCut; }
    void cut();
    [[nodiscard]] Instant oldest() const;
    [[nodiscard]] bool isOurDelay() const;
    void checkDeadlines();
    void armDeadline();
    void fail(Error error);
    void failLater(Handler handler, Error error);
    void scheduleReconnect(std::chrono::milliseconds spent);

    LinkOptions m_options;
    RedisUrl m_server; ///< the one to connect to: that of `m_url`, or the one that the sentinels name
    Sentinels m_sentinels;
    State m_state{State::Stopped};
    bool m_hasFailed{false}; ///< since it was last ready
    bool m_wasEverReady{false};
    int m_attempts{0};
    std::chrono::milliseconds m_delay{0}; ///< before the present attempt
    Instant m_triedAt;                    ///< when the present attempt began
    Instant m_readyAt;
    std::unique_ptr<QIODevice> m_socket;
    std::function<void()> m_flush;
    std::unique_ptr<ReplyReader> m_reader;
    std::deque<HeldBack> m_heldBack; ///< delayed on purpose, in their order
    Instant m_heldUntil{};           ///< the last of them
    std::optional<Error> m_leaveFor; ///< why this is the wrong server; it is left when nothing is in flight any more
    std::deque<Call> m_inFlight;
    Instant m_heardAt{};           ///< time of the last answer on this connection, or of a delay of ours
    bool m_isSending{false};       ///< further up the stack
    std::deque<Waiting> m_waiting; ///< until the first connection
    QTimer m_deadlineTimer;
    QTimer m_reconnectTimer;
    QTimer m_connectTimer;
    QTimer m_masterTimer; ///< with sentinels, while ready
};

} // namespace weir::redis

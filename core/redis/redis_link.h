// SPDX-License-Identifier: GPL-3.0-only
// One connection to a Redis: bytes out, replies in, deadlines, and back again when it breaks.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>

#include <QObject>
#include <QTimer>

#include "core/redis/redis_url.h"
#include "core/redis/reply.h"

class QIODevice;

namespace weir::redis {

struct LinkOptions {
    std::chrono::milliseconds callDeadline{100};     ///< contracts.md "Failure": never later
    std::chrono::milliseconds connectDeadline{1000}; ///< connecting, AUTH, SELECT and PING together
    std::chrono::milliseconds firstDelay{50};        ///< back-off: doubles up to `lastDelay`, with jitter
    std::chrono::milliseconds lastDelay{5000};
    std::size_t maxInFlight{4096}; ///< calls above it fail at once with Overloaded
};

/// Thread: lives in one thread; everything is called and signalled there.
/// A missed deadline drops the connection (its replies could not be told apart any more) and fails
/// every call in flight: whether they were done is not known.
class RedisLink : public QObject {
    Q_OBJECT
public:
    using Handler = std::function<void(Result<Reply>)>;

    RedisLink(RedisUrl url, LinkOptions options, QObject *parent = nullptr);
    ~RedisLink() override;

    /// Connects, and goes on trying for ever.
    void start();

    /// One round trip; `command` from formatCommand. The handler gets the reply (an Error reply of
    /// Redis is a Reply), or an Error when there is none. Never called from inside call(). Before the
    /// first attempt to connect has failed, calls wait for it; later they fail at once.
    void call(const QByteArray &command, Handler handler);

    [[nodiscard]] bool isReady() const { return m_state == State::Ready; }
    /// Why it is not ready; of the last failure.
    [[nodiscard]] const Error &lastError() const { return m_lastError; }
    [[nodiscard]] const RedisUrl &url() const { return m_url; }

Q_SIGNALS:
    void readyChanged(bool isReady);
    void failed(); ///< an attempt to connect, or a connection, has just ended; lastError() says why

private:
    using Instant = std::chrono::steady_clock::time_point;
    struct Call {
        Instant deadline;
        Handler handler;
    };
    struct Waiting {
        QByteArray command;
        Call call;
    };
    enum class State { Stopped, Connecting, Ready, Backoff };

    void connectNow();
    template<class Socket>
    void wire(Socket *socket);
    void onConnected();
    void send(const QByteArray &command, Call call);
    void shakeHands();
    void becomeReady();
    void onReadyRead();
    void checkDeadlines();
    void armDeadline();
    void fail(Error error);
    void failLater(Handler handler, Error error);
    void scheduleReconnect();

    RedisUrl m_url;
    LinkOptions m_options;
    State m_state{State::Stopped};
    bool m_hasFailed{false}; ///< since it was last ready
    int m_attempts{0};
    Error m_lastError{Error::Code::Unavailable, "not connected yet", true};
    std::unique_ptr<QIODevice> m_socket;
    std::function<void()> m_flush;
    std::unique_ptr<ReplyReader> m_reader;
    std::deque<Call> m_inFlight;
    std::deque<Waiting> m_waiting; ///< until the first connection
    QTimer m_deadlineTimer;
    QTimer m_reconnectTimer;
    QTimer m_connectTimer;
};

} // namespace weir::redis

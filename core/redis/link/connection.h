// SPDX-License-Identifier: GPL-3.0-only
// Sends commands to a Redis, one server or a cluster: the interface for the rest of Weir.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <QObject>

#include "core/redis/link/link_faults.h"
#include "core/redis/link/redis_url.h"
#include "core/redis/link/reply.h"

namespace weir::redis {

struct LinkOptions {
    std::chrono::milliseconds callDeadline{100};      ///< the longest silence of a server (HACKING.md, 2)
    std::chrono::milliseconds connectDeadline{1000};  ///< connecting, AUTH, SELECT and PING together
    std::chrono::milliseconds reconnectDeadline{500}; ///< the same, once it was ready: five of the longest round trips
    std::chrono::milliseconds firstDelay{50};         ///< back-off: doubles up to one of these, with jitter:
    std::chrono::milliseconds lastDelay{5000};        ///< when the server answers but is of no use (password, no Redis)
    std::chrono::milliseconds lastDelayAway{500};     ///< when none answers; connected within 1 s of its return
    std::size_t maxInFlight{4096};                    ///< calls above it fail at once with Overloaded
    const LinkFaults *faults{nullptr};                ///< outlives the link; null: none
};

/// Thread: lives in one thread; everything is called and signalled there. Deleting it destroys handlers without calling
/// them.
class Connection : public QObject {
    Q_OBJECT
public:
    using Handler = std::function<void(Result<Reply>)>;

    /// Connect, and go on trying for ever.
    virtual void start() = 0;

    /// Send one command, made by formatCommand, to the server that has `key`; with an empty key to any server. The
    /// handler gets the reply (an Error reply of Redis is a Reply), or an Error when there is none. Never called from
    /// inside call(). A server that is silent for `callDeadline` is given up, with all calls in flight; as long as it
    /// answers others, a call waits. Until the first attempt to connect has failed, calls wait for the connection, as
    /// long as that; later they fail at once.
    virtual void call(QByteArrayView key, const QByteArray &command, Handler handler) = 0;
    void call(const QByteArray &command, Handler handler) { call({}, command, std::move(handler)); }

    [[nodiscard]] virtual bool isReady() const = 0;
    /// Return, for people, the URL without its secrets, and the present server.
    [[nodiscard]] virtual QString address() const { return m_url.display(); }
    /// Return the error of the last failure.
    [[nodiscard]] const Error &lastError() const { return m_lastError; }
    [[nodiscard]] const RedisUrl &url() const { return m_url; }

Q_SIGNALS:
    void readyChanged(bool isReady);
    void failed(); ///< an attempt to connect, or a connection, has just ended; lastError() says why

protected:
    Connection(RedisUrl url, QObject *parent) : QObject{parent}, m_url{std::move(url)} {}

    RedisUrl m_url;
    Error m_lastError{Error::Code::Unavailable, "not connected yet", true};
};

/// Make the connection that `url` asks for; not started.
[[nodiscard]] std::unique_ptr<Connection> makeConnection(const RedisUrl &url, const LinkOptions &options);

} // namespace weir::redis

// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/redis_link.h"

#include <algorithm>
#include <utility>

#include <QLocalSocket>
#include <QRandomGenerator>
#include <QTcpSocket>

namespace weir::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

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

Error unreachable(const QIODevice &socket, const RedisUrl &url)
{
    return {Error::Code::Unavailable, "cannot reach Redis at " + url.display().toStdString() + ": " + reasonOf(socket),
            true};
}

Error noRedis(const RedisUrl &url, const char *why)
{
    return {Error::Code::Protocol, "the server at " + url.display().toStdString() + " is no Redis: " + why, true};
}

} // namespace

RedisLink::RedisLink(RedisUrl url, LinkOptions options, QObject *parent)
    : QObject{parent},
      m_url{std::move(url)},
      m_options{options},
      m_deadlineTimer{this},
      m_reconnectTimer{this},
      m_connectTimer{this}
{
    for (QTimer *timer : {&m_deadlineTimer, &m_reconnectTimer, &m_connectTimer}) {
        timer->setSingleShot(true);
        timer->setTimerType(Qt::PreciseTimer);
    }
    // One more turn of the event loop before the verdict: after a stall of this thread the reply
    // may lie in the socket already while the timer is served first.
    connect(&m_deadlineTimer, &QTimer::timeout, this,
            [this] { QMetaObject::invokeMethod(this, &RedisLink::checkDeadlines, Qt::QueuedConnection); });
    connect(&m_reconnectTimer, &QTimer::timeout, this, &RedisLink::connectNow);
    connect(&m_connectTimer, &QTimer::timeout, this, [this] {
        fail({Error::Code::Timeout, "Redis at " + m_url.display().toStdString() + " does not answer", true});
    });
}

RedisLink::~RedisLink()
{
    if (m_socket)
        m_socket->disconnect(this);
}

void RedisLink::start()
{
    if (m_state == State::Stopped)
        connectNow();
}

template<class Socket>
void RedisLink::wire(Socket *socket)
{
    connect(socket, &Socket::connected, this, &RedisLink::onConnected);
    connect(socket, &Socket::readyRead, this, &RedisLink::onReadyRead);
    // Queued: the socket must not be deleted while it is still emitting; a socket that has been
    // replaced meanwhile no longer speaks for this link.
    const auto lost = [this, socket] {
        if (m_socket.get() == socket)
            fail(unreachable(*socket, m_url));
    };
    connect(socket, &Socket::errorOccurred, this, lost, Qt::QueuedConnection);
    connect(socket, &Socket::disconnected, this, lost, Qt::QueuedConnection);
    m_flush = [socket] { socket->flush(); };
}

void RedisLink::connectNow()
{
    m_state = State::Connecting;
    m_reader = std::make_unique<ReplyReader>();
    m_connectTimer.start(m_options.connectDeadline);
    if (m_url.transport == RedisUrl::Transport::Unix) {
        auto socket = std::make_unique<QLocalSocket>();
        auto *raw = socket.get();
        m_socket = std::move(socket);
        wire(raw);
        raw->connectToServer(m_url.path);
    } else {
        auto socket = std::make_unique<QTcpSocket>();
        auto *raw = socket.get();
        raw->setSocketOption(QAbstractSocket::LowDelayOption, 1);
        m_socket = std::move(socket);
        wire(raw);
        raw->connectToHost(m_url.host, m_url.port); // looks the name up without blocking
    }
}

void RedisLink::onConnected()
{
    if (auto *tcp = qobject_cast<QTcpSocket *>(m_socket.get()))
        tcp->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    shakeHands();
}

// AUTH, SELECT and PING in one write; ready when all of them were answered well.
void RedisLink::shakeHands()
{
    std::vector<QByteArray> commands;
    if (!m_url.password.isEmpty() || !m_url.user.isEmpty()) // a user may need no password
        commands.push_back(m_url.user.isEmpty() ? formatCommand({"AUTH", m_url.password})
                                                : formatCommand({"AUTH", m_url.user, m_url.password}));
    if (m_url.database != 0)
        commands.push_back(formatCommand({"SELECT", QByteArray::number(m_url.database)}));
    commands.push_back(formatCommand({"PING"}));

    const auto deadline = steady_clock::now() + m_options.connectDeadline;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const bool isLast = i + 1 == commands.size();
        send(commands[i], {deadline, [this, isLast](Result<Reply> result) {
                               if (m_state != State::Connecting || !result)
                                   return; // fail() has spoken
                               const Reply &reply = result.value();
                               if (reply.isError()
                                   || reply.text != (isLast ? "PONG" : "OK")) { // "+OK POP3 ready" is no Redis either
                                   const Error error = reply.isError()
                                                           ? errorOf(reply)
                                                           : Error{Error::Code::Protocol,
                                                                   "the server does not answer like a Redis", true};
                                   QMetaObject::invokeMethod(
                                       this, [this, error] { fail(error); }, Qt::QueuedConnection);
                                   m_state = State::Backoff; // the later replies of the handshake decide nothing
                               } else if (isLast) {
                                   becomeReady();
                               }
                           }});
    }
}

void RedisLink::becomeReady()
{
    m_state = State::Ready;
    m_hasFailed = false;
    m_attempts = 0;
    m_connectTimer.stop();
    m_deadlineTimer.stop(); // it was set for the handshake, which has longer; send() sets it anew
    for (Waiting &waiting : std::exchange(m_waiting, {}))
        send(waiting.command, std::move(waiting.call));
    Q_EMIT readyChanged(true);
}

void RedisLink::call(const QByteArray &command, Handler handler)
{
    const auto deadline = steady_clock::now() + m_options.callDeadline;
    // Before it is ready, only the handshake is in flight, which is no call.
    if ((m_state == State::Ready ? m_inFlight.size() : m_waiting.size()) >= m_options.maxInFlight) {
        failLater(std::move(handler), {Error::Code::Overloaded, "too many calls to Redis are in flight", true});
    } else if (m_state == State::Ready) {
        send(command, {deadline, std::move(handler)});
    } else if (m_state == State::Connecting && !m_hasFailed) {
        m_waiting.push_back({command, {deadline, std::move(handler)}});
        armDeadline();
    } else {
        failLater(std::move(handler), m_lastError);
    }
}

void RedisLink::send(const QByteArray &command, Call call)
{
    m_socket->write(command);
    m_inFlight.push_back(std::move(call));
    m_flush(); // now, not after one more turn of the event loop
    armDeadline();
}

void RedisLink::onReadyRead()
{
    if (!m_socket || sender() != m_socket.get())
        return;
    m_reader->feed(m_socket->readAll());
    while (true) {
        Result<std::optional<Reply>> next = m_reader->next();
        if (!next)
            return fail(noRedis(m_url, "it does not answer in the Redis protocol"));
        if (!next.value())
            return;
        if (m_inFlight.empty()) // nothing was asked: "-ERR max number of clients reached", or no Redis at all
            return fail(next.value()->isError() ? errorOf(*next.value()) : noRedis(m_url, "it speaks unasked"));
        Call call = std::move(m_inFlight.front());
        m_inFlight.pop_front();
        call.handler(std::move(*next.value()));
        if (!m_reader)
            return; // a handler ended the connection
    }
}

void RedisLink::armDeadline()
{
    if (m_deadlineTimer.isActive())
        return;
    Instant oldest = Instant::max();
    if (!m_inFlight.empty())
        oldest = m_inFlight.front().deadline;
    if (!m_waiting.empty())
        oldest = std::min(oldest, m_waiting.front().call.deadline);
    if (oldest == Instant::max())
        return;
    const auto left = std::chrono::ceil<milliseconds>(oldest - steady_clock::now());
    m_deadlineTimer.start(std::max(left, milliseconds{0}));
}

void RedisLink::checkDeadlines()
{
    const auto now = steady_clock::now();
    if (!m_inFlight.empty() && m_inFlight.front().deadline <= now && m_state == State::Ready)
        return fail({Error::Code::Timeout,
                     "Redis at " + m_url.display().toStdString() + " did not answer within "
                         + std::to_string(m_options.callDeadline.count()) + " ms",
                     true});
    while (!m_waiting.empty() && m_waiting.front().call.deadline <= now) {
        Handler handler = std::move(m_waiting.front().call.handler);
        m_waiting.pop_front();
        handler(
            Error{Error::Code::Timeout, "Redis at " + m_url.display().toStdString() + " is not connected yet", true});
    }
    armDeadline();
}

void RedisLink::fail(Error error)
{
    const bool wasReady = m_state == State::Ready;
    m_state = State::Backoff;
    m_hasFailed = true;
    m_lastError = std::move(error);
    m_connectTimer.stop();
    m_deadlineTimer.stop();
    m_reader.reset();
    if (m_socket) {
        m_socket->disconnect(this);
        m_socket.release()->deleteLater(); // it may be emitting right now
    }
    auto calls = std::exchange(m_inFlight, {});
    auto waiting = std::exchange(m_waiting, {});
    scheduleReconnect();
    Error unanswered = m_lastError;
    unanswered.mayBeDone = true;
    for (Call &call : calls)
        call.handler(unanswered);
    for (Waiting &each : waiting)
        each.call.handler(m_lastError);
    if (wasReady)
        Q_EMIT readyChanged(false);
    Q_EMIT failed();
}

void RedisLink::failLater(Handler handler, Error error)
{
    QMetaObject::invokeMethod(
        this, [handler = std::move(handler), error = std::move(error)] { handler(error); }, Qt::QueuedConnection);
}

// Doubles from firstDelay to lastDelay; half of it by chance, so that many instances do not come back at once.
void RedisLink::scheduleReconnect()
{
    const auto delay = std::min(m_options.lastDelay, m_options.firstDelay * (1 << std::min(m_attempts, 16)));
    ++m_attempts;
    const auto half = static_cast<int>(delay.count() / 2);
    m_reconnectTimer.start(milliseconds{half + QRandomGenerator::global()->bounded(half + 1)});
}

} // namespace weir::redis

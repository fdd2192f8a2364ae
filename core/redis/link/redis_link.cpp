// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/redis_link.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include <QLocalSocket>
#include <QRandomGenerator>
#include <QSslCipher>
#include <QSslSocket>
#include <QTcpSocket>

#include <poll.h>

#include "core/redis/link/handshake.h"
#include "core/redis/link/link_socket.h"
#include "core/redis/link/tls.h"

namespace weir::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kCheckMasterEvery{500};

} // namespace

RedisLink::RedisLink(RedisUrl url, LinkOptions options, QObject *parent)
    : Connection{std::move(url), parent},
      m_options{options},
      m_server{m_url},
      m_sentinels{m_url},
      m_deadlineTimer{this},
      m_reconnectTimer{this},
      m_connectTimer{this},
      m_masterTimer{this}
{
    for (QTimer *timer : {&m_deadlineTimer, &m_reconnectTimer, &m_connectTimer, &m_masterTimer}) {
        timer->setSingleShot(true);
        timer->setTimerType(Qt::PreciseTimer);
    }
    connect(&m_deadlineTimer, &QTimer::timeout, this, &RedisLink::checkDeadlines);
    connect(&m_reconnectTimer, &QTimer::timeout, this, &RedisLink::connectNow);
    connect(&m_masterTimer, &QTimer::timeout, this, &RedisLink::checkMaster);
    connect(&m_connectTimer, &QTimer::timeout, this, [this] {
        if (isOurDelay())
            return m_connectTimer.start(1);
        fail({Error::Code::Timeout, "Redis at " + m_server.display().toStdString() + " does not answer", true});
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

QString RedisLink::address() const
{
    const bool isFound = m_url.kind == RedisUrl::Kind::Sentinel && !m_server.host.isEmpty();
    return isFound ? m_url.display() + QStringLiteral(" (now %1:%2)").arg(m_server.host).arg(m_server.port)
                   : m_url.display();
}

void RedisLink::connectNow()
{
    m_state = State::Connecting;
    m_triedAt = steady_clock::now();
    if (isCut())
        cut();
    else if (m_url.kind == RedisUrl::Kind::Sentinel)
        findMaster();
    else
        openSocket();
}

void RedisLink::cut()
{
    QMetaObject::invokeMethod(
        this,
        [this] {
            if (m_state != State::Backoff)
                fail({Error::Code::Unavailable, "the connection to Redis is cut on purpose", true});
        },
        Qt::QueuedConnection);
}

void RedisLink::findMaster()
{
    m_sentinels.findMaster([this](const Result<HostPort> &master) {
        if (!master)
            return fail({master.error().code, "no sentinel tells the master: " + master.error().detail,
                         master.error().transient});
        m_server = m_url.serverAt(master.value());
        openSocket();
    });
}

// A master that was replaced while it lives takes writes, which will be lost, until a sentinel gets round to
// telling it: some seconds. Silent sentinels are no reason to leave it.
void RedisLink::checkMaster()
{
    if (m_state != State::Ready)
        return;
    m_sentinels.findMaster([this](const Result<HostPort> &master) {
        if (m_state != State::Ready)
            return;
        if (master && master.value() != HostPort{m_server.host, m_server.port}) {
            m_leaveFor = Error{Error::Code::Unavailable,
                               "the sentinels name another master: " + master.value().print().toStdString(), true};
            send(formatCommand({"PING"}), {steady_clock::now(), [](const Result<Reply> &) {}});
        }
        m_masterTimer.start(kCheckMasterEvery);
    });
}

// The only place that knows which kinds of sockets there are.
void RedisLink::openSocket()
{
    m_reader = std::make_unique<ReplyReader>();
    m_connectTimer.start(m_wasEverReady ? std::min(m_options.connectDeadline, m_options.reconnectDeadline)
                                        : m_options.connectDeadline);
    switch (m_server.transport) {
    case RedisUrl::Transport::Unix:
        wire<QLocalSocket>(&QLocalSocket::connected)->connectToServer(m_server.path);
        break;
    case RedisUrl::Transport::Tcp: // looks the name up without blocking
        wire<QTcpSocket>(&QTcpSocket::connected)->connectToHost(m_server.host, m_server.port);
        break;
    case RedisUrl::Transport::Tls: {
        const Tls tls = loadTls(m_server.tls); // each time: certificates are renewed
        if (!tls.problems.empty()) {
            const Error error{Error::Code::Configuration, tls.problems.front().sentence, false};
            QMetaObject::invokeMethod(
                this, [this, error] { fail(error); }, Qt::QueuedConnection);
            break;
        }
        auto *socket = wire<QSslSocket>(&QSslSocket::encrypted); // before that, no secret is sent
        socket->setSslConfiguration(tls.configuration);
        socket->connectToHostEncrypted(m_server.host, m_server.port);
        break;
    }
    }
}

template<class Socket, class Signal>
Socket *RedisLink::wire(Signal connected)
{
    auto owned = std::make_unique<Socket>();
    Socket *socket = owned.get();
    m_socket = std::move(owned);
    connect(socket, connected, this, &RedisLink::onConnected);
    connect(socket, &Socket::readyRead, this, &RedisLink::onReadyRead);
    connect(socket, &Socket::bytesWritten, this, &RedisLink::onWritten);
    if constexpr (std::is_same_v<Socket, QSslSocket>)
        connect(socket, &QSslSocket::encryptedBytesWritten, this, &RedisLink::onWritten);
    // The error is that of the moment: what is closed next has another one. Queued: the socket must not be
    // deleted while it is still emitting; a socket that has been replaced meanwhile no longer speaks for this link.
    const auto lost = [this, socket] {
        QMetaObject::invokeMethod(
            this,
            [this, socket, error = lossOf(*socket)] {
                if (m_socket.get() == socket)
                    fail(error);
            },
            Qt::QueuedConnection);
    };
    connect(socket, &Socket::errorOccurred, this, lost);
    connect(socket, &Socket::disconnected, this, lost);
    m_flush = [socket] { socket->flush(); };
    return socket;
}

// With TLS 1.3 a server refuses our certificate when we are connected already, and closes; its reason is
// overtaken by the close at times. Then the reason it gave before stands, so that it does not come and go.
Error RedisLink::lossOf(const QIODevice &socket) const
{
    Error error = unreachable(socket, m_server);
    const auto *tls = qobject_cast<const QSslSocket *>(&socket);
    if (!tls || m_state != State::Connecting || tls->sessionCipher().isNull() || !error.transient)
        return error;
    if (m_lastError.code == Error::Code::Configuration)
        return m_lastError;
    error.detail += " as soon as TLS was there (does it want a client certificate, --redis-cert and --redis-key?)";
    return error;
}

void RedisLink::onConnected()
{
    if (auto *tcp = qobject_cast<QTcpSocket *>(m_socket.get()))
        tcp->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    if (!qobject_cast<QSslSocket *>(m_socket.get()))
        return shakeHands();
    // With TLS 1.3 a server refuses our certificate after that; read why before a write finds the socket closed.
    QTimer::singleShot(0, m_socket.get(), [this, socket = m_socket.get()] {
        if (m_socket.get() == socket)
            shakeHands();
    });
}

// All in one write; ready when all of them were answered well.
void RedisLink::shakeHands()
{
    const std::vector<HandshakeStep> steps = handshake(m_server, m_url.kind == RedisUrl::Kind::Sentinel);
    const auto now = steady_clock::now();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const bool isLast = i + 1 == steps.size();
        send(steps[i].command, {now, [this, isLast, check = steps[i].check](const Result<Reply> &result) {
                                    if (m_state != State::Connecting || !result)
                                        return; // fail() has spoken
                                    if (const auto error = check(result.value())) {
                                        QMetaObject::invokeMethod(
                                            this, [this, error] { fail(*error); }, Qt::QueuedConnection);
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
    m_wasEverReady = true;
    m_readyAt = steady_clock::now();
    m_connectTimer.stop();
    for (Waiting &waiting : std::exchange(m_waiting, {}))
        send(waiting.command, {m_readyAt, std::move(waiting.call.handler)});
    if (m_url.kind == RedisUrl::Kind::Sentinel)
        m_masterTimer.start(kCheckMasterEvery);
    Q_EMIT readyChanged(true);
}

void RedisLink::call(QByteArrayView, const QByteArray &command, Handler handler)
{
    const auto now = steady_clock::now();
    // Before it is ready, only the handshake is in flight, which is no call.
    if ((m_state == State::Ready ? m_inFlight.size() : m_waiting.size()) >= m_options.maxInFlight) {
        failLater(std::move(handler), {Error::Code::Overloaded, "too many calls to Redis are in flight", true});
    } else if (m_state == State::Ready && isCut()) {
        cut(); // before the handler below: it is told what the others are
        failLater(std::move(handler), {Error::Code::Unavailable, "the connection to Redis is cut on purpose", true});
    } else if (m_leaveFor) {
        failLater(std::move(handler), *m_leaveFor);
    } else if (m_state == State::Ready) {
        send(command, {now, std::move(handler)});
    } else if (m_state == State::Connecting && !m_hasFailed) {
        m_waiting.push_back({command, {now, std::move(handler)}});
        armDeadline();
    } else {
        failLater(std::move(handler), m_lastError);
    }
}

void RedisLink::send(const QByteArray &command, Call call)
{
    m_inFlight.push_back(std::move(call));
    m_isSending = true;
    m_socket->write(command);
    m_flush(); // now, not after one more turn of the event loop
    m_isSending = false;
    armDeadline();
}

// What did not go out at once, because it was too much, or this thread had no time: so long the server waited for us.
void RedisLink::onWritten()
{
    if (!m_isSending)
        m_heardAt = steady_clock::now();
}

void RedisLink::onReadyRead()
{
    if (!m_socket || sender() != m_socket.get())
        return;
    const QByteArray bytes = m_socket->readAll();
    const std::int64_t delay = m_options.faults ? m_options.faults->delayMs.load() : 0;
    if (delay > 0 || !m_heldBack.empty())
        holdBack(bytes, milliseconds{delay});
    else
        digest(bytes);
}

// Nothing overtakes what came before it, whatever the delay is by now.
void RedisLink::holdBack(QByteArray bytes, milliseconds delay)
{
    const auto now = steady_clock::now();
    m_heldUntil = std::max(m_heldUntil, now + delay);
    m_heldBack.push_back({std::move(bytes), delay});
    const auto left = std::chrono::ceil<milliseconds>(m_heldUntil - now);
    QTimer::singleShot(left, Qt::PreciseTimer, this, [this, socket = m_socket.get()] {
        if (m_socket.get() != socket || m_heldBack.empty())
            return; // that connection has ended
        const QByteArray next = std::move(m_heldBack.front().bytes);
        m_heldBack.pop_front();
        digest(next);
    });
}

void RedisLink::digest(QByteArrayView bytes)
{
    m_reader->feed(bytes);
    while (true) {
        Result<std::optional<Reply>> next = m_reader->next();
        if (!next)
            return fail(noRedis(m_server, "it does not answer in the Redis protocol"));
        if (!next.value())
            break;
        if (m_inFlight.empty()) // nothing was asked: "-ERR max number of clients reached", or no Redis at all
            return fail(next.value()->isError() ? errorOf(*next.value()) : noRedis(m_server, "it speaks unasked"));
        if (isOfReplica(*next.value()))
            m_leaveFor = errorOf(*next.value());
        Call call = std::move(m_inFlight.front());
        m_inFlight.pop_front();
        m_heardAt = steady_clock::now();
        call.handler(std::move(*next.value()));
        if (!m_reader)
            return; // a handler ended the connection
    }
    if (m_leaveFor && m_inFlight.empty()) // the others hear from this server as well: no call is left in doubt
        fail(*m_leaveFor);
}

// Since when the one that has waited longest has a right to an answer. The handshake has a time of its own.
RedisLink::Instant RedisLink::oldest() const
{
    Instant oldest = Instant::max();
    if (!m_inFlight.empty() && m_state == State::Ready)
        oldest = std::max(m_inFlight.front().since, m_heardAt);
    if (!m_waiting.empty())
        oldest = std::min(oldest, m_waiting.front().call.since);
    return oldest;
}

void RedisLink::armDeadline()
{
    if (m_deadlineTimer.isActive())
        return;
    const Instant since = oldest();
    if (since == Instant::max())
        return;
    const auto left = std::chrono::ceil<milliseconds>(since + m_options.callDeadline - steady_clock::now());
    m_deadlineTimer.start(std::max(left, milliseconds{0}));
}

// This thread may have been at other work, or other sockets may have had the turn before: then the answer lies there
// unread, or what was asked for has not even been sent as a whole. An answer that is held back on purpose is none before.
bool RedisLink::isOurDelay() const
{
    if (!m_heldBack.empty())
        return m_heldBack.front().delay < m_options.callDeadline;
    pollfd entry{m_socket ? descriptorOf(*m_socket) : -1, POLLIN, 0};
    if (m_socket && hasUnsent(*m_socket))
        entry.events |= POLLOUT;
    return entry.fd >= 0 && ::poll(&entry, 1, 0) > 0;
}

void RedisLink::checkDeadlines()
{
    const auto now = steady_clock::now();
    const auto isOver = [&](Instant since) { return since <= now - m_options.callDeadline; };
    if (isOver(oldest()) && isOurDelay())
        return m_deadlineTimer.start(1); // the sockets have a turn before
    if (!m_inFlight.empty() && m_state == State::Ready && isOver(std::max(m_inFlight.front().since, m_heardAt)))
        return fail({Error::Code::Timeout,
                     "Redis at " + m_server.display().toStdString() + " did not answer within "
                         + std::to_string(m_options.callDeadline.count()) + " ms",
                     true});
    while (!m_waiting.empty() && isOver(m_waiting.front().call.since)) {
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
    const auto now = steady_clock::now();
    // A server that shakes hands and then fails is no reason to come back at once, over and over.
    if (wasReady && now - m_readyAt >= m_delay)
        m_attempts = 0;
    m_state = State::Backoff;
    m_hasFailed = true;
    m_lastError = std::move(error);
    m_connectTimer.stop();
    m_deadlineTimer.stop();
    m_reader.reset();
    m_heldBack.clear();
    m_leaveFor.reset();
    m_sentinels.cancel();
    m_masterTimer.stop();
    if (m_socket) {
        m_socket->disconnect(this);
        dropUnsent(*m_socket);
        m_socket.release()->deleteLater(); // it may be emitting right now
    }
    auto calls = std::exchange(m_inFlight, {});
    auto waiting = std::exchange(m_waiting, {});
    scheduleReconnect(wasReady ? milliseconds{0} : std::chrono::duration_cast<milliseconds>(now - m_triedAt));
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

// Doubles from firstDelay; half of it by chance, so that many instances do not come back at once. From attempt to
// attempt: time `spent` on one that nobody answered is waited already.
void RedisLink::scheduleReconnect(milliseconds spent)
{
    const bool isAway = m_lastError.code == Error::Code::Unavailable || m_lastError.code == Error::Code::Timeout;
    const auto longest = isAway ? std::min(m_options.lastDelay, m_options.lastDelayAway) : m_options.lastDelay;
    m_delay = std::min(longest, m_options.firstDelay * (1 << std::min(m_attempts, 16)));
    ++m_attempts;
    const auto half = static_cast<int>(m_delay.count() / 2);
    const milliseconds wait{half + QRandomGenerator::global()->bounded(half + 1)};
    m_reconnectTimer.start(std::max(wait - spent, std::min(wait, m_options.firstDelay / 2)));
}

} // namespace weir::redis

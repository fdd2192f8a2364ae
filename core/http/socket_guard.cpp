// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/socket_guard.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <QHostAddress>
#include <QHttpServer>
#include <QTimer>

#include <sys/socket.h>
#include <unistd.h>

#include "core/http/answers.h"

namespace weir::http {
namespace {

// Time for a client that was turned away to read why before the connection is cut.
constexpr std::chrono::milliseconds kLinger{500};

constexpr std::chrono::milliseconds kAcceptPause{100};

// What is read ahead of QHttpServer, and what may be owed to one client.
constexpr std::size_t kMaxAhead = 64;
constexpr std::size_t kMaxUnanswered = 64;

// The largest request that is let through, and some bytes of the next one. Qt reads no more until
// these are taken, so a client cannot make us hold what it sends.
constexpr qint64 kReadBufferBytes = static_cast<qint64>(kMaxHeadBytes + kMaxBodyBytes + 65'536);

constexpr Rejection kSlowHead{408, "Request Timeout", "The head of the request took too long."};
constexpr Rejection kSlowBody{408, "Request Timeout", "The body of the request took too long."};
constexpr Rejection kFull{503, "Service Unavailable", "There are too many connections; try again later."};

// "127.0.0.1" also for a client that came in as "::ffff:127.0.0.1".
telemetry::ShortText<46> addressOf(int descriptor)
{
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr *>(&storage), &size) != 0)
        return {};
    const QHostAddress address{reinterpret_cast<const sockaddr *>(&storage)};
    bool isV4 = false;
    const quint32 v4 = address.toIPv4Address(&isV4);
    return {(isV4 ? QHostAddress{v4} : address).toString().toStdString()};
}

void record(telemetry::WorkerTelemetry &telemetry, const telemetry::ShortText<46> &client, const Rejection &why)
{
    telemetry.countTurnedAway(telemetry::reasonOfStatus(why.status));
    telemetry.requests.push({std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds{1}, client,
                             std::string_view{"-"}, why.detail, static_cast<std::uint16_t>(why.status), -1, -1, 0});
}

} // namespace

GuardedSocket::GuardedSocket(qintptr descriptor, const telemetry::ShortText<46> &client, GuardRoom &room)
    : m_room{room}, m_replies{*this}, m_client{client}, m_since{std::chrono::steady_clock::now()}
{
    m_room.sockets.insert(this);
    m_room.telemetry.connections.add(1);
    setSocketDescriptor(descriptor);
    setSocketOption(QAbstractSocket::LowDelayOption, 1);
    setReadBufferSize(kReadBufferBytes);
    connect(this, &QTcpSocket::readyRead, this, &GuardedSocket::judge);
}

GuardedSocket::~GuardedSocket()
{
    if (m_replies.isCut())
        m_room.telemetry.countTurnedAway(telemetry::TurnAwayReason::Unread);
    m_room.sockets.erase(this);
    m_room.telemetry.connections.add(-1);
    m_room.census.leave(m_client.view());
}

void GuardedSocket::watchConsumption()
{
    connect(this, &QTcpSocket::readyRead, this, &GuardedSocket::noteConsumption);
}

std::optional<RequestFacts> GuardedSocket::takeFacts()
{
    if (m_facts.empty())
        return std::nullopt;
    RequestFacts facts = std::move(m_facts.front());
    m_facts.pop_front();
    if (facts.closes)
        detachFromServer();
    return facts;
}

void GuardedSocket::closeIfIdle()
{
    if (m_replies.unanswered() == 0 && m_facts.empty())
        disconnectFromHost();
}

// First slot of readyRead.
void GuardedSocket::judge()
{
    if (!isOpen()) // an emission that was queued before the client left
        return detachFromServer();
    if (m_isTurnedAway)
        return discardInput();
    if (!m_endsHere)
        readAhead();
    if (m_parser.state() == RequestParser::State::Rejected && m_facts.empty())
        return turnAway(m_parser.rejection());
    m_availableBefore = bytesAvailable();
}

// Last slot of readyRead; QHttpServer's came between.
void GuardedSocket::noteConsumption()
{
    m_judgedBytes = std::max<qint64>(0, m_judgedBytes - (m_availableBefore - bytesAvailable()));
    if (m_replies.unanswered() >= kMaxUnanswered)
        blockSignals(true); // QHttpServer takes a request per readyRead; it has posted the next one already
}

void GuardedSocket::answer(std::uint64_t place, const QByteArray &bytes, bool closes)
{
    m_replies.answer(place, bytes, closes);
    if (!signalsBlocked() || m_replies.unanswered() > kMaxUnanswered / 2)
        return;
    blockSignals(false);
    if (state() == QAbstractSocket::UnconnectedState)
        return deleteLater(); // it ended meanwhile, and QHttpServer was not told
    QMetaObject::invokeMethod(this, &QTcpSocket::readyRead, Qt::QueuedConnection);
}

void GuardedSocket::readAhead()
{
    const QByteArray waiting = peek(bytesAvailable());
    std::string_view fresh{waiting.constData(), static_cast<std::size_t>(waiting.size())};
    fresh.remove_prefix(static_cast<std::size_t>(std::min<qint64>(m_judgedBytes, waiting.size())));
    const Instant now = std::chrono::steady_clock::now();
    const bool wasBegun = m_parser.hasBegun();
    const bool wasInBody = m_parser.isInBody();
    while (!fresh.empty() && !m_endsHere && m_facts.size() < kMaxAhead) {
        fresh.remove_prefix(m_parser.feed(fresh));
        if (m_parser.state() == RequestParser::State::Complete) {
            const RequestHead &head = m_parser.head();
            m_facts.push_back({head.method, head.target, m_client, head.isHttp10, head.closes, now});
            m_since = now;
            m_endsHere = head.closes;
            m_parser.reset();
        } else if (m_parser.state() == RequestParser::State::Rejected) {
            m_endsHere = true;
        }
    }
    m_judgedBytes = waiting.size() - static_cast<qint64>(fresh.size());
    if (m_parser.hasBegun() && (!wasBegun || (m_parser.isInBody() && !wasInBody)))
        m_since = now;
    if (m_parser.takeContinue() && m_facts.empty() && m_replies.unanswered() == 0)
        write("HTTP/1.1 100 Continue\r\n\r\n"); // QHttpServer 6.4 leaves the client waiting
}

// A slot that is disconnected during an emission is not called any more.
void GuardedSocket::detachFromServer()
{
    disconnect(this, &QTcpSocket::readyRead, &m_room.server, nullptr);
}

void GuardedSocket::checkTime(Instant now)
{
    const ConnectionLimits &limits = m_room.census.limits();
    if (m_isTurnedAway || state() != QAbstractSocket::ConnectedState)
        return;
    if (m_parser.isInBody()) {
        if (now - m_since > limits.bodyTime)
            turnAway(kSlowBody);
    } else if (m_parser.hasBegun()) {
        if (now - m_since > limits.headTime)
            turnAway(kSlowHead);
    } else if (now - m_since > limits.idleTime) {
        closeIfIdle();
    }
}

void GuardedSocket::turnAway(const Rejection &why)
{
    m_isTurnedAway = true;
    detachFromServer();
    discardInput();
    record(m_room.telemetry, m_client, why);
    const std::uint64_t place = m_replies.open();
    m_replies.answer(place, problemAnswer(why.status, why.title, why.detail), false);
    connect(this, &QTcpSocket::bytesWritten, this, &GuardedSocket::finishTurnAway);
    finishTurnAway();
    QTimer::singleShot(kLinger, this, [this] { abort(); });
}

// Our half closes once the answer is out; what the client still sends is thrown away, because
// closing with unread input would reset the connection under the answer.
void GuardedSocket::finishTurnAway()
{
    if (m_replies.unanswered() == 0 && bytesToWrite() == 0)
        ::shutdown(static_cast<int>(socketDescriptor()), SHUT_WR);
}

void GuardedSocket::discardInput()
{
    if (isTransactionStarted())
        commitTransaction();
    skip(bytesAvailable());
}

GuardedListener::GuardedListener(GuardRoom &room) : m_room{room}
{
    setListenBacklogSize(1024);
    // Out of descriptors after all: the kernel would report the same waiting connection without end.
    connect(this, &QTcpServer::acceptError, this, [this] {
        pauseAccepting();
        QTimer::singleShot(kAcceptPause, this, [this] { resumeAccepting(); });
    });
}

void GuardedListener::incomingConnection(qintptr descriptor)
{
    const telemetry::ShortText<46> client = addressOf(static_cast<int>(descriptor));
    if (!m_room.census.enter(client.view())) {
        record(m_room.telemetry, client, kFull);
        return turnAwayAtTheDoor(static_cast<int>(descriptor));
    }
    auto *socket = new GuardedSocket{descriptor, client, m_room};
    addPendingConnection(socket);      // QHttpServer takes it and connects its slot before this returns
    socket->setParent(&m_room.server); // outlives this listener: answers go out after it has closed
    socket->watchConsumption();
}

// Without a QTcpSocket: this must stay cheap when thousands come.
void GuardedListener::turnAwayAtTheDoor(int descriptor)
{
    const QByteArray answer = problemAnswer(kFull.status, kFull.title, kFull.detail);
    ::send(descriptor, answer.constData(), static_cast<std::size_t>(answer.size()), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(descriptor, SHUT_WR);
    std::array<char, 4096> unread{}; // a close over unread input would reset the answer away
    while (::recv(descriptor, unread.data(), unread.size(), MSG_DONTWAIT) > 0) {
    }
    ::close(descriptor);
}

void GuardedListener::closeAfterBacklog()
{
    const int listener = static_cast<int>(socketDescriptor());
    for (int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC); fd >= 0;
         fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC))
        incomingConnection(fd);
    close();
}

} // namespace weir::http

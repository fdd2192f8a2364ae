// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/socket_guard.h"

#include <chrono>
#include <utility>

#include <QHostAddress>
#include <QHttpServer>
#include <QTimer>

#include <sys/socket.h>

#include "core/http/answers.h"

namespace weir::http {
namespace {

// Time for a client that was turned away to read why before the connection is cut.
constexpr std::chrono::milliseconds kLinger{500};

// "127.0.0.1" also for a client that came in as "::ffff:127.0.0.1".
telemetry::ShortText<46> printAddress(const QHostAddress &address)
{
    bool isV4 = false;
    const quint32 v4 = address.toIPv4Address(&isV4);
    return {(isV4 ? QHostAddress{v4} : address).toString().toStdString()};
}

} // namespace

GuardedSocket::GuardedSocket(qintptr descriptor, QHttpServer &server, telemetry::WorkerTelemetry &telemetry)
    : m_server{server}, m_telemetry{telemetry}, m_replies{*this}
{
    m_telemetry.connections.add(1);
    setSocketDescriptor(descriptor);
    setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_client = printAddress(peerAddress());
    connect(this, &QTcpSocket::readyRead, this, &GuardedSocket::judge);
}

GuardedSocket::~GuardedSocket()
{
    m_telemetry.connections.add(-1);
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
        return turnAway();
    m_availableBefore = bytesAvailable();
}

// Last slot of readyRead; QHttpServer's came between.
void GuardedSocket::noteConsumption()
{
    m_judgedBytes = std::max<qint64>(0, m_judgedBytes - (m_availableBefore - bytesAvailable()));
}

void GuardedSocket::readAhead()
{
    const QByteArray waiting = peek(bytesAvailable());
    std::string_view fresh{waiting.constData(), static_cast<std::size_t>(waiting.size())};
    fresh.remove_prefix(static_cast<std::size_t>(std::min<qint64>(m_judgedBytes, waiting.size())));
    m_judgedBytes = waiting.size();
    while (!fresh.empty() && !m_endsHere) {
        fresh.remove_prefix(m_parser.feed(fresh));
        if (m_parser.state() == RequestParser::State::Complete) {
            const RequestHead &head = m_parser.head();
            m_facts.push_back(
                {head.method, head.target, m_client, head.isHttp10, head.closes, std::chrono::steady_clock::now()});
            m_endsHere = head.closes;
            m_parser.reset();
        } else if (m_parser.state() == RequestParser::State::Rejected) {
            m_endsHere = true;
        }
    }
    if (m_parser.takeContinue() && m_facts.empty() && m_replies.unanswered() == 0)
        write("HTTP/1.1 100 Continue\r\n\r\n"); // QHttpServer 6.4 leaves the client waiting
}

// A slot that is disconnected during an emission is not called any more.
void GuardedSocket::detachFromServer()
{
    disconnect(this, &QTcpSocket::readyRead, &m_server, nullptr);
}

void GuardedSocket::turnAway()
{
    m_isTurnedAway = true;
    m_telemetry.malformed.add();
    detachFromServer();
    discardInput();
    const Rejection &why = m_parser.rejection();
    m_telemetry.requests.push({std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds{1},
                               m_client, std::string_view{"-"}, why.detail, static_cast<std::uint16_t>(why.status), -1,
                               -1, 0});
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

GuardedListener::GuardedListener(QHttpServer &server, telemetry::WorkerTelemetry &telemetry)
    : m_server{server}, m_telemetry{telemetry}
{
    setListenBacklogSize(1024);
}

void GuardedListener::incomingConnection(qintptr descriptor)
{
    auto *socket = new GuardedSocket{descriptor, m_server, m_telemetry};
    addPendingConnection(socket); // QHttpServer takes it and connects its slot before this returns
    socket->setParent(&m_server); // outlives this listener: answers go out after it has closed
    socket->watchConsumption();
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

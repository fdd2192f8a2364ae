// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/socket_guard.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include <QEvent>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/http/answers.h"
#include "core/http/turn_away.h"
#include "core/store/bucket_store.h"

namespace weir::http {
namespace {

// What may be owed to one client; more of its requests are not read until half of them are answered.
constexpr std::size_t kMaxUnanswered = 64;

// Beyond it each connection has one request under way at a time: the others wait unread, and nobody waits for more than
// these and one of everybody else's. A worker is through with so many in some 20 ms; Redis does them in four calls.
constexpr std::size_t kCrowd = 4 * store::kMaxRuns;

// For answers on their way; else the kernel takes some megabytes from us for a client that never reads.
constexpr int kSendBuffer = 131'072;

// What QHttpServer reads of any request: that there is one. What it says, the handler asks the guard. It reads byte by byte
// and makes a URL of it, so these are the fewest bytes, with a host: to give it one itself takes longer.
constexpr std::string_view kShown = "G //y HTTP/1.1\n\n";
// QIODevice would take 16 KiB for these bytes, hold a second copy in case they are to be read again, and keep both.
constexpr auto kOpenMode = QIODevice::ReadWrite | QIODevice::Unbuffered;
constexpr Rejection kSlowHead{408, "Request Timeout", "The head of the request took too long."};
constexpr Rejection kSlowBody{408, "Request Timeout", "The body of the request took too long."};
constexpr Rejection kSeveralClients{400, kBadRequest, "The field that names the client holds several addresses."};
// Of unfinished heads that all workers keep; small ones, of which there is one a connection at most, are always taken.
constexpr std::size_t kMostKept = std::size_t{64} * 1024 * 1024;
constexpr std::size_t kSmallHead = 4096;
constexpr Rejection kTooManyHeads{503, "Service Unavailable",
                                  "Too many long request heads are under way; try again later."};
constexpr Rejection kNoPreface{400, kBadRequest, "The connection does not begin with the PROXY protocol."};
constexpr Rejection kCutShort{400, kBadRequest, "The client ended its side within a request."};

const IpAddress kNobody; // the trial request's, and that of a client which has gone before it was looked at

void set(int descriptor, int level, int option, int value)
{
    ::setsockopt(descriptor, level, option, &value, sizeof value);
}

// A proxy that writes another field than the one that is believed: then all its clients are one, and nothing else would say
// so. Once in the life of the program: whoever reads it knows.
void warnOfOtherField(const IpAddress &peer, std::string_view believed, std::string_view sent)
{
    static std::atomic_flag isSaid;
    if (isSaid.test_and_set(std::memory_order_relaxed))
        return;
    const auto shown = [](std::string_view text) { return static_cast<int>(text.size()); };
    qWarning(
        "the proxy %s names clients in \"%.*s\", not in \"%.*s\": they all count as the proxy. Tell the proxy, or Weir "
        "by --client-header",
        printIpAddress(peer).c_str(), shown(sent), sent.data(), shown(believed), believed.data());
}

} // namespace

GuardedSocket::GuardedSocket(int descriptor, const IpAddress &peer, GuardRoom &room)
    : m_room{room},
      m_peer{peer},
      m_from{peer},
      m_fromText{std::string_view{printIpAddress(peer)}},
      m_isProxy{peer != kNobody && isInAny(room.trust.networks, peer)},
      m_client{peer},
      m_descriptor{descriptor},
      m_parser{room.census.limits()},
      m_since{std::chrono::steady_clock::now()}
{
    m_room.sockets.insert(this);
    m_room.telemetry.connections.add(1);
    set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    set(descriptor, SOL_SOCKET, SO_SNDBUF, kSendBuffer);
    if (room.keepsBodies)
        m_parser.keepBodies();
    if (m_isProxy && room.census.limits().takesProxyProtocol)
        m_preface.emplace();
    else if (m_isProxy)
        m_parser.setClientField(room.trust.field);
    setOpenMode(kOpenMode);
    setSocketState(QAbstractSocket::ConnectedState);
}

GuardedSocket::~GuardedSocket()
{
    setSocketState(QAbstractSocket::UnconnectedState); // nothing is left for the base class to end
    cut();
}

void GuardedSocket::begin()
{
    m_watched = EPOLLIN;
    m_room.poll.add(m_descriptor, *this, m_watched);
}

// --- in ---------------------------------------------------------------------------------------

void GuardedSocket::onReady(std::uint32_t events)
{
    if ((events & (EPOLLERR | EPOLLHUP)) != 0)
        return cut(); // reset: nobody is there to be answered
    if ((events & EPOLLOUT) != 0) {
        flush();
        settle();
    }
    if (m_descriptor >= 0 && (events & m_watched & EPOLLIN) != 0)
        receive();
}

void GuardedSocket::receive()
{
    const ssize_t size = ::recv(m_descriptor, m_room.input.data(), m_room.input.size(), MSG_DONTWAIT);
    if (size > 0)
        return judge({m_room.input.data(), static_cast<std::size_t>(size)});
    if (size == 0) {
        m_isInputOver = true;
        concludeInput();
        settle();
    } else if (errno != EAGAIN && errno != EINTR) {
        cut();
    }
}

void GuardedSocket::judge(std::string_view bytes)
{
    if (m_preface)
        takePreface(bytes);
    const bool wasBegun = m_parser.hasBegun();
    const bool wasInBody = m_parser.isInBody();
    while (!bytes.empty() && !m_endsHere && m_descriptor >= 0) {
        if (!mayAskMore(kMaxUnanswered)) {
            m_held.assign(bytes);
            break;
        }
        bytes.remove_prefix(m_parser.feed(bytes));
        if (m_parser.state() == RequestParser::State::Complete)
            present();
        else if (m_parser.state() == RequestParser::State::Rejected)
            turnAway(m_parser.rejection());
    }
    if (m_descriptor < 0)
        return tellServer();
    if (m_parser.hasBegun() && (!wasBegun || (m_parser.isInBody() && !wasInBody)))
        m_since = std::chrono::steady_clock::now();
    concludeInput();
    sayContinue();
    noteKept();
    settle();
}

// Whoever it names is taken at the word of a trusted proxy, and may be one itself.
void GuardedSocket::takePreface(std::string_view &bytes)
{
    if (!m_preface->hasBegun())
        m_since = std::chrono::steady_clock::now();
    bytes.remove_prefix(m_preface->feed(bytes));
    if (m_preface->state() == ProxyPreface::State::Incomplete)
        return;
    if (m_preface->state() == ProxyPreface::State::Broken)
        return turnAway(kNoPreface);
    m_from = m_preface->source().value_or(m_peer);
    m_fromText = std::string_view{printIpAddress(m_from)};
    m_isProxy = isInAny(m_room.trust.networks, m_from);
    if (m_isProxy)
        m_parser.setClientField(m_room.trust.field);
    m_preface.reset();
}

// One that may not has something to be answered, and goes on then.
bool GuardedSocket::mayAskMore(std::size_t mostUnanswered) const
{
    const std::size_t unanswered = m_replies.unanswered();
    return unanswered == 0 || (unanswered < mostUnanswered && m_room.underWay < kCrowd);
}

// QHttpServer reads the request and asks for its facts before this returns.
void GuardedSocket::present()
{
    const RequestHead &head = m_parser.head();
    const auto client = m_isProxy ? clientAddress(m_from, head.clientField, m_room.trust) : m_from;
    if (!client)
        return turnAway(kSeveralClients);
    if (!head.clientField && !head.otherClientField.empty())
        noteOtherField(head.otherClientField);
    const bool isAsked = m_room.rules.areAsked() && m_peer != kNobody;
    if (isAsked)
        if (const auto objection = m_room.rules.objection(head, m_isProxy))
            return turnAway(*objection);
    m_client = *client;
    m_since = std::chrono::steady_clock::now();
    m_endsHere = head.closes;
    const auto text =
        m_client == m_from ? m_fromText : telemetry::ShortText<46>{std::string_view{printIpAddress(m_client)}};
    m_facts = RequestFacts{head.method, head.target, text, head.isHttp10, head.closes, m_since};
    m_facts->isHead = head.method == "HEAD";
    if (isAsked)
        m_facts->cors = m_room.rules.corsOf(head);
    m_shown = 0;
    m_isPresenting = true;
    GuardedSocket *const outer = std::exchange(m_room.presented, this); // an answer may let another one go on
    Q_EMIT readyRead();
    m_room.presented = outer;
    m_isPresenting = false;
    m_parser.reset();
    if (std::exchange(m_facts, std::nullopt)) {
        qWarning("QHttpServer has not taken a request that the guard let through; the connection is closed");
        cut();
    }
}

// Of a connection that began with the PROXY protocol a client writes these fields, and it is known who that is.
void GuardedSocket::noteOtherField(std::string_view sent)
{
    if (m_isProxy)
        warnOfOtherField(m_from, m_room.trust.field, sent);
    else if (m_from == m_peer)
        m_room.census.notes().noteForwarder(m_from, sent);
}

// Large heads that come slowly must not add up to more than we can spare: the next one that grows goes.
void GuardedSocket::noteKept()
{
    const std::size_t kept = m_descriptor < 0 || m_endsHere ? 0 : m_parser.keptBytes();
    const bool grows = kept > m_kept;
    const std::size_t all = m_room.census.keep(std::exchange(m_kept, kept), kept);
    if (grows && kept > kSmallHead && all > kMostKept)
        turnAway(kTooManyHeads);
}

// The client has closed its half: what came whole is answered, and half a request is told so.
void GuardedSocket::concludeInput()
{
    if (!m_isInputOver || m_endsHere || !m_held.empty())
        return;
    if (m_parser.hasBegun() || (m_preface && m_preface->hasBegun()))
        turnAway(kCutShort);
    m_endsHere = true;
}

void GuardedSocket::turnAway(const Rejection &why)
{
    m_endsHere = true;
    m_held.clear();
    noteTurnedAway(m_room.telemetry, m_fromText, why);
    answer(m_replies.open(), problemAnswer(why.status, why.title, why.sentence()), true);
}

// QHttpServer 6.4 would leave the client waiting.
void GuardedSocket::sayContinue()
{
    if (m_endsHere || !m_parser.expectsContinue() || m_replies.unanswered() > 0)
        return;
    m_parser.noteContinue();
    m_since = std::chrono::steady_clock::now(); // the client has waited for this
    send(QByteArrayLiteral("HTTP/1.1 100 Continue\r\n\r\n"));
}

qint64 GuardedSocket::bytesAvailable() const
{
    return m_isPresenting ? static_cast<qint64>(kShown.size() - m_shown) : 0;
}

// From Qt 6.5 on QHttpServer has readyRead emitted once more by the event loop after each request, in case something came
// meanwhile; 6.11 makes a whole new request for it. What comes is shown with a readyRead of its own, and nothing else is
// queued for this socket.
bool GuardedSocket::event(QEvent *event)
{
    return event->type() == QEvent::MetaCall || QTcpSocket::event(event);
}

// One byte, as it is asked for.
qint64 GuardedSocket::readData(char *data, qint64 most)
{
    if (most < 1 || bytesAvailable() == 0)
        return 0;
    *data = kShown[m_shown++];
    return 1;
}

// --- out --------------------------------------------------------------------------------------

void GuardedSocket::answer(std::uint64_t place, const QByteArray &bytes, bool closes)
{
    if (m_descriptor < 0)
        return;
    m_replies.answer(place, {bytes, closes});
    while (auto reply = m_replies.takeReady())
        send(std::move(reply->bytes));
    if (m_replies.unanswered() == 0 && !m_parser.hasBegun())
        m_since = std::chrono::steady_clock::now(); // idle from now on
    if (m_isPresenting || m_descriptor < 0)
        return; // judge() goes on
    goOnReading();
    sayContinue();
    settle();
}

void GuardedSocket::send(QByteArray bytes)
{
    if (m_descriptor < 0)
        return;
    if (m_unsent.isEmpty()) {
        m_unsent = std::move(bytes);
        flush();
        if (!m_unsent.isEmpty())
            m_sentAt = std::chrono::steady_clock::now();
        return;
    }
    m_unsent += bytes;
    if (static_cast<std::size_t>(m_unsent.size()) > m_room.census.limits().maxUnreadBytes)
        cutUnread();
}

void GuardedSocket::flush()
{
    const ssize_t size = ::send(m_descriptor, m_unsent.constData(), static_cast<std::size_t>(m_unsent.size()),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && errno != EAGAIN && errno != EINTR)
        return cut();
    if (size <= 0)
        return;
    if (size == m_unsent.size()) {
        m_unsent = QByteArray{};
    } else {
        m_unsent.remove(0, size);
        m_sentAt = std::chrono::steady_clock::now();
    }
}

void GuardedSocket::goOnReading()
{
    if (m_held.empty() || !mayAskMore(kMaxUnanswered / 2))
        return;
    m_since = std::chrono::steady_clock::now(); // so far it was we who kept the client waiting
    const std::string held = std::exchange(m_held, {});
    judge(held);
}

// Ends the connection when nothing is left to do; else waits for what is.
void GuardedSocket::settle()
{
    if (m_descriptor < 0)
        return;
    const bool isAnswered = m_endsHere && m_held.empty() && m_replies.unanswered() == 0;
    if ((isAnswered || m_replies.isClosed()) && m_unsent.isEmpty())
        return end(m_isInputOver ? Ending::Close : Ending::Farewell);
    std::uint32_t wanted = 0;
    if (!m_isInputOver && !m_endsHere && m_held.empty())
        wanted |= EPOLLIN;
    if (!m_unsent.isEmpty())
        wanted |= EPOLLOUT;
    if (std::exchange(m_watched, wanted) != wanted)
        m_room.poll.change(m_descriptor, *this, *this, wanted);
}

void GuardedSocket::closeIfIdle()
{
    if (m_replies.unanswered() > 0 || !m_held.empty())
        return;
    m_endsHere = true;
    settle();
}

void GuardedSocket::checkTime(Instant now)
{
    const config::HttpLimits &limits = m_room.census.limits();
    const Instant::duration waited = now - m_since;
    if (m_descriptor < 0)
        return;
    if (!m_unsent.isEmpty() && now - m_sentAt > limits.bodyTimeout)
        return cutUnread();
    if (m_endsHere || !m_held.empty() || m_parser.expectsContinue())
        return; // it waits for us
    const bool hasBegun = m_parser.hasBegun() || (m_preface && m_preface->hasBegun());
    if (m_parser.isInBody() && waited > limits.bodyTimeout)
        turnAway(kSlowBody);
    else if (hasBegun && !m_parser.isInBody() && waited > limits.headerTimeout)
        turnAway(kSlowHead);
    else if (!hasBegun && waited > limits.idleTimeout)
        closeIfIdle();
}

void GuardedSocket::cutUnread()
{
    m_room.telemetry.countTurnedAway(telemetry::TurnAwayReason::Unread);
    cut();
}

void GuardedSocket::cut()
{
    if (m_descriptor >= 0)
        end(Ending::Close);
}

void GuardedSocket::end(Ending how)
{
    const int descriptor = std::exchange(m_descriptor, -1);
    m_room.census.keep(std::exchange(m_kept, 0), 0);
    m_room.sockets.erase(this);
    m_room.telemetry.connections.add(-1);
    auto leave = [&census = m_room.census, peer = m_peer] { census.leave(peer); };
    if (how == Ending::Farewell) {
        m_room.farewells.bid(descriptor, this, std::move(leave));
    } else {
        m_room.poll.remove(descriptor, *this);
        ::close(descriptor);
        leave();
    }
    tellServer();
}

// QHttpServer deletes this socket after it, and what it holds for it: not while it works with it.
void GuardedSocket::tellServer()
{
    if (m_isPresenting || state() == QAbstractSocket::UnconnectedState)
        return;
    setSocketState(QAbstractSocket::UnconnectedState);
    Q_EMIT disconnected();
}

} // namespace weir::http

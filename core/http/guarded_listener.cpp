// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/guarded_listener.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <limits>

#include <QHostAddress>
#include <QTimer>

#include <sys/socket.h>
#include <unistd.h>

#include "core/base/carried_ipv4.h"
#include "core/http/answers.h"
#include "core/http/qt_http_compat.h"
#include "core/http/turn_away.h"

namespace weir::http {
namespace {

// In a turn of the event loop: requests wait for its end.
constexpr int kMostATurn = 64;

// How long connections wait before another try when there was no descriptor for one.
constexpr std::chrono::milliseconds kAcceptPause{100};

constexpr Rejection kFull{503, "Service Unavailable", "There are too many connections; try again later."};

// The other end of a connection; "::" when it has gone already.
IpAddress peerOf(int descriptor)
{
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    IpAddress peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr *>(&storage), &size) != 0)
        return peer;
    const Q_IPV6ADDR bytes = QHostAddress{reinterpret_cast<const sockaddr *>(&storage)}.toIPv6Address();
    std::copy(std::begin(bytes.c), std::end(bytes.c), peer.bytes.begin());
    return clientOf(peer);
}

} // namespace

GuardedListener::GuardedListener(GuardRoom &room) : m_room{room}
{
    setListenBacklogSize(1024);
}

GuardedListener::~GuardedListener()
{
    if (isListening())
        m_room.poll.remove(static_cast<int>(socketDescriptor()), *this);
}

// Qt's own loop is left out: of one socket it keeps the first error for ever, which is that nobody waits any more. So it takes
// EMFILE for that as well, and turns without end (QNativeSocketEnginePrivate::setError, seen with 6.4).
void GuardedListener::open(int descriptor)
{
    setSocketDescriptor(descriptor);
    pauseAccepting();
    m_room.poll.add(descriptor, *this, EPOLLIN);
}

// QTcpServer goes on accepting each time that somebody takes a connection from it.
QTcpSocket *GuardedListener::nextPendingConnection()
{
    QTcpSocket *socket = QTcpServer::nextPendingConnection();
    pauseAccepting();
    return socket;
}

// Out of descriptors the kernel would report the same waiting connection without end.
void GuardedListener::onReady(std::uint32_t)
{
    if (takeWaiting(kMostATurn) || !isListening())
        return;
    m_room.census.notes().noteStarved();
    m_room.poll.change(static_cast<int>(socketDescriptor()), *this, *this, 0);
    QTimer::singleShot(kAcceptPause, this, [this] {
        if (isListening())
            m_room.poll.change(static_cast<int>(socketDescriptor()), *this, *this, EPOLLIN);
    });
}

// False: there was no descriptor, or no memory, for the next one. Whoever has left meanwhile, or whose network has gone, is one
// connection less (accept(2), "Error handling").
bool GuardedListener::takeWaiting(int most)
{
    for (int i = 0; i < most; ++i) {
        const int descriptor =
            ::accept4(static_cast<int>(socketDescriptor()), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0)
            enter(descriptor);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            return false;
        else if (errno == EAGAIN || errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
            return true;
    }
    return true;
}

void GuardedListener::enter(int descriptor)
{
    const IpAddress peer = peerOf(descriptor);
    if (!m_room.census.enter(peer)) {
        noteTurnedAway(m_room.telemetry, {std::string_view{printIpAddress(peer)}}, kFull);
        turnAwayAtTheDoor(descriptor);
        return Q_EMIT entered();
    }
    takeIn(descriptor, peer)->begin();
    Q_EMIT entered();
}

GuardedSocket *GuardedListener::takeIn(int descriptor, const IpAddress &peer)
{
    auto *socket = new GuardedSocket{descriptor, peer, m_room};
    addPendingConnection(socket); // QHttpServer takes it and connects its slot before this returns
    outliveListener(*socket, m_room.server);
    return socket;
}

void GuardedListener::showTrialRequest()
{
    std::array<int, 2> ends{};
    const IpAddress nobody;
    if (!m_room.census.enter(nobody))
        return;
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return m_room.census.leave(nobody);
    GuardedSocket *socket = takeIn(ends[0], nobody);
    socket->begin();
    socket->feed("GET / HTTP/1.1\r\nHost: weir\r\nConnection: close\r\n\r\n");
    socket->cut();
    ::close(ends[1]);
}

// This must stay cheap when thousands come: a few are given the time to read why, the others only the
// time that their bytes take.
void GuardedListener::turnAwayAtTheDoor(int descriptor)
{
    const QByteArray answer = problemAnswer(kFull.status, kFull.title, kFull.sentence());
    ::send(descriptor, answer.constData(), static_cast<std::size_t>(answer.size()), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (m_room.census.enterFarewell())
        return m_room.farewells.bid(descriptor, nullptr, [&census = m_room.census] { census.leaveFarewell(); });
    ::shutdown(descriptor, SHUT_WR);
    std::array<char, 4096> unread{}; // a close over unread input would reset the answer away
    while (::recv(descriptor, unread.data(), unread.size(), MSG_DONTWAIT) > 0) {
    }
    ::close(descriptor);
}

void GuardedListener::closeAfterBacklog()
{
    if (!isListening())
        return;
    m_room.poll.remove(static_cast<int>(socketDescriptor()), *this);
    takeWaiting(std::numeric_limits<int>::max());
    close();
}

} // namespace weir::http

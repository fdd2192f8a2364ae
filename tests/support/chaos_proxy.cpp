// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/chaos_proxy.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// How soon a new order is followed when no bytes come.
constexpr auto kLook = 10ms;
constexpr std::size_t kDepth = 1000;

void sendAll(int socket, const std::string &bytes)
{
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t n = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (n <= 0)
            return; // the other side is gone; poll() will tell
        sent += static_cast<std::size_t>(n);
    }
}

void resetOnClose(int socket)
{
    const linger now{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

int connectTo(const std::string &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char *>(address.sun_path), sizeof address.sun_path - 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0)
        return socket;
    ::close(socket);
    return -1;
}

} // namespace

ChaosProxy::ChaosProxy(const QString &path, std::uint64_t seed) : m_path{path.toStdString()}, m_random{seed}
{
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    if (::bind(m_listener, generic, size) == 0 && ::listen(m_listener, SOMAXCONN) == 0
        && ::getsockname(m_listener, generic, &size) == 0)
        m_port = ntohs(address.sin_port);
    m_thread = std::thread{[this] { run(); }};
}

ChaosProxy::~ChaosProxy()
{
    m_isStopping = true;
    m_thread.join();
    std::for_each(m_pairs.begin(), m_pairs.end(), &ChaosProxy::end);
    ::close(m_listener);
}

void ChaosProxy::run()
{
    std::vector<pollfd> entries;
    while (!m_isStopping) {
        entries.assign(1, {m_listener, POLLIN, 0});
        auto patience = kLook;
        for (const Pair &pair : m_pairs) {
            entries.push_back({pair.client, POLLIN, 0});
            entries.push_back({pair.server, POLLIN, 0});
            if (!pair.late.empty())
                patience = std::clamp(
                    std::chrono::ceil<std::chrono::milliseconds>(pair.late.front().due - steady_clock::now()), 0ms,
                    patience);
        }
        ::poll(entries.data(), entries.size(), static_cast<int>(patience.count()));
        std::size_t next = 1;
        for (Pair &pair : m_pairs) {
            const bool isClientReady = entries[next++].revents != 0, isServerReady = entries[next++].revents != 0;
            std::array<char, 65'536> bytes{};
            if (isClientReady) {
                const ssize_t n = ::recv(pair.client, bytes.data(), bytes.size(), MSG_DONTWAIT);
                pair.isOver |= n <= 0;
                if (n > 0)
                    sendAll(pair.server, {bytes.data(), static_cast<std::size_t>(n)});
            }
            if (isServerReady) {
                const ssize_t n = ::recv(pair.server, bytes.data(), bytes.size(), MSG_DONTWAIT);
                if (n > 0)
                    passOn(pair, {bytes.data(), static_cast<std::size_t>(n)});
                else
                    leaveServer(pair);
            }
            deliverDue(pair);
            pair.isOver |= pair.server < 0 && pair.late.empty();
        }
        const bool isCut = m_isCutAsked.exchange(false);
        m_pairs.remove_if([isCut](Pair &pair) {
            if (!pair.isOver && !isCut)
                return false;
            end(pair);
            return true;
        });
        if (entries[0].revents != 0)
            accept();
    }
}

void ChaosProxy::accept()
{
    Pair pair;
    pair.client = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
    pair.server = connectTo(m_path);
    if (pair.client < 0 || pair.server < 0)
        return end(pair);
    const int on = 1;
    ::setsockopt(pair.client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (m_way == Way::Banner)
        sendAll(pair.client, "+OK POP3 ready\r\n");
    m_pairs.push_back(std::move(pair));
}

// Nothing overtakes what came before it.
void ChaosProxy::passOn(Pair &pair, std::string bytes)
{
    const std::chrono::milliseconds delay{m_delayMs};
    if (delay == 0ms && pair.late.empty())
        return deliver(pair, bytes);
    const Instant due = steady_clock::now() + delay;
    pair.late.push_back({pair.late.empty() ? due : std::max(due, pair.late.back().due), std::move(bytes)});
}

void ChaosProxy::deliverDue(Pair &pair)
{
    const Instant now = steady_clock::now();
    while (!pair.late.empty() && pair.late.front().due <= now) {
        const std::string bytes = std::move(pair.late.front().bytes);
        pair.late.pop_front();
        deliver(pair, bytes);
    }
}

void ChaosProxy::deliver(Pair &pair, const std::string &bytes)
{
    if (pair.isMute || pair.isOver)
        return;
    switch (m_way.load()) {
    case Way::Through:
    case Way::Banner:
        return sendAll(pair.client, bytes);
    case Way::ByteByByte:
        for (const char byte : bytes)
            sendAll(pair.client, {byte});
        return;
    case Way::Garbage:
        return sendAll(pair.client, garbage(bytes.size()));
    case Way::Half:
        pair.isMute = true;
        return sendAll(pair.client, bytes.substr(0, bytes.size() / 2));
    case Way::Reset:
        sendAll(pair.client, bytes.substr(0, bytes.size() / 2));
        resetOnClose(pair.client);
        pair.isOver = true;
        return;
    case Way::Swallow:
        pair.isMute = true;
        return;
    case Way::HugeBulk:
        pair.isMute = true;
        return sendAll(pair.client, "$2147483647\r\n" + garbage(100'000));
    case Way::HugeArray:
        pair.isMute = true;
        return sendAll(pair.client, "*2147483647\r\n:1\r\n");
    case Way::NestedArrays: {
        std::string nested;
        for (std::size_t i = 0; i < kDepth; ++i)
            nested += "*1\r\n";
        return sendAll(pair.client, nested);
    }
    }
}

std::string ChaosProxy::garbage(std::size_t size)
{
    std::string bytes(size, '\0');
    std::generate(bytes.begin(), bytes.end(), [this] { return static_cast<char>(m_random() & 0xff); });
    return bytes;
}

// What it has said still goes to the client, late as it may be.
void ChaosProxy::leaveServer(Pair &pair)
{
    ::close(pair.server);
    pair.server = -1; // which poll() passes over
}

void ChaosProxy::end(Pair &pair)
{
    for (const int socket : {pair.client, pair.server})
        if (socket >= 0)
            ::close(socket);
}

} // namespace weir::test

// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/raw_http_client.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace weir::test {
namespace {

std::optional<RawResponse> parseHead(const QByteArray &head)
{
    RawResponse response;
    const QList<QByteArray> lines = head.split('\n');
    response.statusLine = lines.front().trimmed();
    const QList<QByteArray> words = response.statusLine.split(' ');
    if (!response.statusLine.startsWith("HTTP/1.") || words.size() < 2)
        return std::nullopt;
    response.status = words.at(1).toInt();
    for (const QByteArray &line : lines.mid(1)) {
        const qsizetype colon = line.indexOf(':');
        if (colon > 0)
            response.headers.emplace(line.left(colon).toLower(), line.mid(colon + 1).trimmed());
    }
    return response;
}

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// Of a literal; null when it is none.
AddressList addressOf(const QByteArray &host, std::uint16_t port)
{
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (getaddrinfo(host.constData(), QByteArray::number(port).constData(), &hints, &found) != 0)
        found = nullptr;
    return {found, &freeaddrinfo};
}

bool hasNoBody(const RawResponse &response, bool isHead)
{
    return isHead || response.status / 100 == 1 || response.status == 204 || response.status == 304;
}

} // namespace

QByteArray RawResponse::header(const QByteArray &name) const
{
    return headers.count(name) == 1 ? headers.find(name)->second : QByteArray{};
}

bool RawHttpClient::connectTo(std::uint16_t port, const QByteArray &host, const QByteArray &source)
{
    close();
    m_buffer.clear();
    m_host = (host.contains(':') ? '[' + host + ']' : host) + ':' + QByteArray::number(port);
    const AddressList found = addressOf(host, port), own = addressOf(source.isEmpty() ? host : source, 0);
    if (!found || !own) {
        m_error = QStringLiteral("not an address literal");
        return false;
    }
    m_socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(m_socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); // each send() is one segment
    const bool isBound = source.isEmpty() || ::bind(m_socket, own->ai_addr, own->ai_addrlen) == 0;
    if (isBound && ::connect(m_socket, found->ai_addr, found->ai_addrlen) == 0)
        return true;
    m_error = QStringLiteral("connect: ") + QString::fromLocal8Bit(std::strerror(errno));
    close();
    return false;
}

bool RawHttpClient::wait(short events, const char *what)
{
    pollfd entry{m_socket, events, 0};
    if (m_socket >= 0 && ::poll(&entry, 1, static_cast<int>(m_timeout.count())) > 0)
        return true;
    m_error = QStringLiteral("waited %1 ms for %2").arg(m_timeout.count()).arg(QLatin1String{what});
    return false;
}

bool RawHttpClient::send(const QByteArray &bytes)
{
    for (qsizetype sent = 0; sent < bytes.size();) {
        if (!wait(POLLOUT, "room to send"))
            return false;
        const ssize_t n = ::send(m_socket, bytes.constData() + sent, static_cast<std::size_t>(bytes.size() - sent),
                                 MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN) {
            m_error = QStringLiteral("send: ") + QString::fromLocal8Bit(std::strerror(errno));
            return false;
        }
        sent += std::max<ssize_t>(n, 0);
    }
    return true;
}

bool RawHttpClient::sendRequest(const QByteArray &method, const QByteArray &target, const QByteArray &headers)
{
    return send(method + ' ' + target + " HTTP/1.1\r\nHost: " + m_host + "\r\n" + headers + "\r\n");
}

RawHttpClient::Read RawHttpClient::readMore()
{
    if (!wait(POLLIN, "more of the answer"))
        return Read::TimedOut;
    std::array<char, 65'536> bytes{};
    const ssize_t n = ::recv(m_socket, bytes.data(), bytes.size(), 0);
    if (n <= 0) {
        m_error = n == 0 ? QStringLiteral("closed by the peer") : QString::fromLocal8Bit(std::strerror(errno));
        return Read::Closed;
    }
    m_buffer.append(bytes.data(), n);
    return Read::Bytes;
}

std::optional<QByteArray> RawHttpClient::takeHead()
{
    for (;;) {
        const qsizetype end = m_buffer.indexOf("\r\n\r\n");
        if (end >= 0) {
            const QByteArray head = m_buffer.left(end);
            m_buffer.remove(0, end + 4);
            return head;
        }
        if (readMore() != Read::Bytes)
            return std::nullopt;
    }
}

std::optional<QByteArray> RawHttpClient::takeBody(qsizetype size)
{
    while (m_buffer.size() < size)
        if (readMore() != Read::Bytes)
            return std::nullopt;
    const QByteArray body = m_buffer.left(size);
    m_buffer.remove(0, size);
    return body;
}

std::optional<RawResponse> RawHttpClient::readResponse(bool isHead)
{
    const auto head = takeHead();
    auto response = head ? parseHead(*head) : std::nullopt;
    m_isCutShort = !response && (head || !m_buffer.isEmpty());
    if (!response || hasNoBody(*response, isHead))
        return response;
    const bool isSized = response->headers.count("content-length") == 1;
    const auto body = isSized ? takeBody(response->header("content-length").toLongLong()) : readUntilClosed();
    m_isCutShort = !body;
    if (!body)
        return std::nullopt;
    response->body = *body;
    return response;
}

std::optional<QByteArray> RawHttpClient::readUntilClosed()
{
    for (;;) {
        switch (readMore()) {
        case Read::Bytes:
            continue;
        case Read::TimedOut:
            return std::nullopt;
        case Read::Closed:
            return std::exchange(m_buffer, {});
        }
    }
}

void RawHttpClient::halfClose()
{
    ::shutdown(m_socket, SHUT_WR);
}

void RawHttpClient::abort()
{
    const linger now{1, 0};
    setsockopt(m_socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
}

void RawHttpClient::close()
{
    if (m_socket >= 0)
        ::close(m_socket);
    m_socket = -1;
}

} // namespace weir::test

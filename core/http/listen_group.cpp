// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/listen_group.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::http {
namespace {

constexpr int kBacklog = 1024;

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size{0};

    [[nodiscard]] sockaddr *get() { return reinterpret_cast<sockaddr *>(&storage); }
    [[nodiscard]] int family() const { return storage.ss_family; }
};

SocketAddress socketAddress(const config::ListenAddress &address)
{
    SocketAddress result;
    if (auto *v4 = reinterpret_cast<sockaddr_in *>(&result.storage);
        inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(address.port);
        result.size = sizeof(sockaddr_in);
        return result;
    }
    auto *v6 = reinterpret_cast<sockaddr_in6 *>(&result.storage);
    inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    result.size = sizeof(sockaddr_in6);
    return result;
}

Error describe(int number, const config::ListenAddress &address)
{
    const std::string where = config::printListenAddress(address);
    if (number == EADDRINUSE)
        return {Error::Code::Taken,
                "port " + std::to_string(address.port) + " of " + address.host + " is already in use", false};
    if (number == EACCES)
        return {Error::Code::Io,
                "no permission to listen on " + where
                    + "; ports below 1024 need a privileged user, choose a higher one",
                false};
    if (number == EADDRNOTAVAIL)
        return {Error::Code::Io, "this machine has no address " + address.host + " to listen on", false};
    return {Error::Code::Io, "cannot listen on " + where + ": " + std::strerror(number), false};
}

// A listening socket, or -1 with errno set.
int openSocket(SocketAddress address, bool isShared, bool isDual)
{
    const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    const int on = 1, isIpv6Only = isDual ? 0 : 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); // the ends of old connections do not count
    if (isShared)
        ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (address.family() == AF_INET6)
        ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &isIpv6Only, sizeof isIpv6Only);
    if (::bind(fd, address.get(), address.size) == 0 && ::listen(fd, kBacklog) == 0)
        return fd;
    const int number = errno;
    ::close(fd);
    errno = number;
    return -1;
}

std::uint16_t portOf(int fd)
{
    SocketAddress address;
    address.size = sizeof address.storage;
    ::getsockname(fd, address.get(), &address.size);
    return ntohs(address.family() == AF_INET6 ? reinterpret_cast<sockaddr_in6 *>(&address.storage)->sin6_port
                                              : reinterpret_cast<sockaddr_in *>(&address.storage)->sin_port);
}

} // namespace

ListenGroup::ListenGroup(config::ListenAddress address, std::vector<int> descriptors)
    : m_address{std::move(address)}, m_descriptors{std::move(descriptors)}
{
}

ListenGroup::~ListenGroup()
{
    for (const int fd : m_descriptors)
        ::close(fd);
}

ListenGroup::ListenGroup(ListenGroup &&other) noexcept
    : m_address{std::move(other.m_address)}, m_descriptors{std::exchange(other.m_descriptors, {})}
{
}

void ListenGroup::addDescriptor(int descriptor)
{
    m_descriptors.push_back(descriptor);
}

int ListenGroup::takeDescriptor()
{
    const int fd = m_descriptors.back();
    m_descriptors.pop_back();
    return fd;
}

Result<ListenGroup> openListenGroup(const config::ListenAddress &address, int count, bool isDual)
{
    config::ListenAddress real = address;
    // Alone first: this fails when anybody listens there, whatever options that one has set.
    const int probe = openSocket(socketAddress(real), false, isDual);
    if (probe < 0)
        return describe(errno, real);
    real.port = portOf(probe);
    ::close(probe);

    ListenGroup group{real, {}};
    for (int i = 0; i < count; ++i) {
        const int fd = openSocket(socketAddress(real), true, isDual);
        if (fd < 0)
            return describe(errno, real);
        group.addDescriptor(fd);
    }
    return group;
}

bool takesIpv4(const config::ListenAddress &address, const std::vector<config::ListenAddress> &all)
{
    const auto isIpv4Twin = [&](const config::ListenAddress &one) {
        return one.host.find(':') == std::string::npos && one.port == address.port && one.port != 0;
    };
    return address.host == "::" && std::none_of(all.begin(), all.end(), isIpv4Twin);
}

} // namespace weir::http

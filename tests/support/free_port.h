// SPDX-License-Identifier: GPL-3.0-only
// A TCP port of the loopback that nobody listened on a moment ago.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

namespace weir::test {

/// 0 when there is none. For servers that cannot be told "any port"; everybody else binds port 0 itself.
inline std::uint16_t freePort()
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    const bool isBound = fd >= 0 && ::bind(fd, generic, size) == 0 && ::getsockname(fd, generic, &size) == 0;
    if (fd >= 0)
        ::close(fd);
    return isBound ? ntohs(address.sin_port) : std::uint16_t{0};
}

} // namespace weir::test

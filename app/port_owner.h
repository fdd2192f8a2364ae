// SPDX-License-Identifier: GPL-3.0-only
// Finds the process that holds a TCP port, to explain "address in use".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weir::app {

struct PortOwner {
    std::int64_t pid{0};
    std::string name; ///< as /proc/PID/comm has it, at most 15 bytes
};

/// Return the process that listens on TCP `port`, IPv4 or IPv6; nothing when there is none, or when its files in /proc
/// cannot be read.
[[nodiscard]] std::optional<PortOwner> findPortOwner(std::uint16_t port);

} // namespace weir::app

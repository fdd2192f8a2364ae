// SPDX-License-Identifier: GPL-3.0-only
// Who holds a TCP port of this machine: turns "address in use" into a sentence that helps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weir::app {

struct PortOwner {
    std::int64_t pid{0};
    std::string name; ///< as /proc/PID/comm has it, at most 15 bytes
};

/// The process that listens on TCP `port`, IPv4 or IPv6; nothing when there is none or when it
/// belongs to somebody whose files cannot be read.
[[nodiscard]] std::optional<PortOwner> findPortOwner(std::uint16_t port);

} // namespace weir::app

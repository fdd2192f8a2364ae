// SPDX-License-Identifier: GPL-3.0-only
// What the workers meet at the door that somebody should hear of: written by all of them, read by the service thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "core/base/ip_address.h"

namespace weir::http {

/// Any thread.
class FrontNotes {
public:
    /// Somebody without trust whose request says that it is another one's.
    struct Forwarder {
        IpAddress peer;
        std::string_view field;  ///< in which it says so; lives as long as the program
        bool isNeighbour{false}; ///< of this machine or a private network
        friend bool operator==(const Forwarder &, const Forwarder &) = default;
    };

    /// A connection could not be taken in, because the system gives no descriptor or no memory for it.
    void noteStarved() { m_starved.fetch_add(1, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t starved() const { return m_starved.load(std::memory_order_relaxed); }

    /// The first one is kept, and gives way to one of this machine or a private network: there proxies are, and from elsewhere
    /// anybody may write what it likes.
    void noteForwarder(const IpAddress &peer, std::string_view field);
    [[nodiscard]] std::optional<Forwarder> forwarder() const;

private:
    enum class Kept : std::uint8_t { None, Stranger, Neighbour };

    std::atomic<std::int64_t> m_starved{0};
    std::atomic<Kept> m_kept{Kept::None};
    mutable std::mutex m_mutex; // twice in the life of the program, and once a second for who reads
    Forwarder m_forwarder;
};

} // namespace weir::http

// SPDX-License-Identifier: GPL-3.0-only
// Bounds and counts the connections.
#pragma once

#include <atomic>
#include <mutex>
#include <unordered_map>

#include "core/base/ip_address.h"
#include "core/config/http_limits.h"
#include "core/http/front_notes.h"

namespace weir::http {

/// Return `limits` with maxConnections lowered to what the descriptor limit of this process leaves.
[[nodiscard]] config::HttpLimits fittedToDescriptors(config::HttpLimits limits);

/// Counts the connections of all workers. Any thread.
class ConnectionCensus {
public:
    explicit ConnectionCensus(const config::HttpLimits &limits) : m_limits{limits} {}

    /// Tell whether a connection from `address` may come in, and count it then, until leave().
    [[nodiscard]] bool enter(const IpAddress &address);
    void leave(const IpAddress &address);
    /// Tell whether a connection that is turned away may stay until it has read the answer, and count it then, until
    /// leaveFarewell().
    [[nodiscard]] bool enterFarewell();
    void leaveFarewell() { m_farewells.fetch_sub(1); }
    /// Note that a connection holds `now` bytes of an incomplete head, after `before`. Return what all connections
    /// hold.
    std::size_t keep(std::size_t before, std::size_t now)
    {
        return before == now ? m_kept.load(std::memory_order_relaxed)
                             : m_kept.fetch_add(now - before, std::memory_order_relaxed) + (now - before);
    }
    [[nodiscard]] const config::HttpLimits &limits() const { return m_limits; }
    [[nodiscard]] FrontNotes &notes() { return m_notes; }

private:
    const config::HttpLimits m_limits;
    FrontNotes m_notes;
    std::atomic<int> m_open{0};
    std::atomic<int> m_farewells{0};
    std::atomic<std::size_t> m_kept{0};
    std::mutex m_mutex; // once per connection, and not for loopback
    std::unordered_map<IpAddress, int> m_perAddress;
};

} // namespace weir::http

// SPDX-License-Identifier: GPL-3.0-only
// How many connections there may be, and how many there are.
#pragma once

#include <atomic>
#include <mutex>
#include <unordered_map>

#include "core/base/ip_address.h"
#include "core/config/http_limits.h"

namespace weir::http {

/// `limits` with maxConnections lowered to what the descriptor limit of this process leaves.
[[nodiscard]] config::HttpLimits fittedToDescriptors(config::HttpLimits limits);

/// Counts the connections of all workers. Any thread.
class ConnectionCensus {
public:
    explicit ConnectionCensus(const config::HttpLimits &limits) : m_limits{limits} {}

    /// May a connection from `address` come in? Counted when it may; leave() it then.
    [[nodiscard]] bool enter(const IpAddress &address);
    void leave(const IpAddress &address);
    /// May one that was turned away stay for a moment, to read why? Counted when it may.
    [[nodiscard]] bool enterFarewell();
    void leaveFarewell() { m_farewells.fetch_sub(1); }
    [[nodiscard]] const config::HttpLimits &limits() const { return m_limits; }

private:
    const config::HttpLimits m_limits;
    std::atomic<int> m_open{0};
    std::atomic<int> m_farewells{0};
    std::mutex m_mutex; // once per connection, and not for loopback
    std::unordered_map<IpAddress, int> m_perAddress;
};

} // namespace weir::http

// SPDX-License-Identifier: GPL-3.0-only
// How many connections there may be and how long each may take its time.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weir::http {

/// The defaults of newer Qt (QHttpServerConfiguration 6.10 to 6.12), where it has them.
struct ConnectionLimits {
    int maxConnections{10'000};                 ///< all workers together
    int maxPerAddress{1'000};                   ///< loopback exempt: a proxy there speaks for many
    std::chrono::milliseconds headTime{10'000}; ///< from a request's first byte to the end of its head
    std::chrono::milliseconds bodyTime{30'000}; ///< from there to the end of its body
    std::chrono::milliseconds idleTime{15'000}; ///< without a request
};

/// `limits` with maxConnections lowered to what the descriptor limit of this process leaves.
[[nodiscard]] ConnectionLimits fittedToDescriptors(ConnectionLimits limits);

/// Counts the connections of all workers. Any thread.
class ConnectionCensus {
public:
    explicit ConnectionCensus(const ConnectionLimits &limits) : m_limits{limits} {}

    /// May a connection from `address` come in? Counted when it may; leave() it then.
    [[nodiscard]] bool enter(std::string_view address);
    void leave(std::string_view address);
    [[nodiscard]] const ConnectionLimits &limits() const { return m_limits; }

private:
    const ConnectionLimits m_limits;
    std::atomic<int> m_open{0};
    std::mutex m_mutex; // once per connection, and not for loopback
    std::unordered_map<std::string, int> m_perAddress;
};

} // namespace weir::http

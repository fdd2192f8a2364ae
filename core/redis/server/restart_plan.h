// SPDX-License-Identifier: GPL-3.0-only
// How often a child that ends by itself is started again. Pure: the time comes with the call.
#pragma once

#include <chrono>
#include <deque>
#include <optional>

namespace weir::redis {

struct RestartRule {
    int maxEnds{5}; ///< within `window`; the last of them makes it wait for long
    std::chrono::milliseconds window{60'000};
    std::chrono::milliseconds firstDelay{200}; ///< after the second end; doubles with every one more
};

/// Restarts at once after the first end within the window, because most causes do not last.
class RestartPlan {
public:
    using Instant = std::chrono::steady_clock::time_point;

    explicit RestartPlan(RestartRule rule) : m_rule{rule} {}

    /// Note an end, and return how long to wait before the next start; nothing after too many within the window.
    [[nodiscard]] std::optional<std::chrono::milliseconds> noteEnd(Instant now)
    {
        while (!m_ends.empty() && now - m_ends.front() >= m_rule.window)
            m_ends.pop_front();
        m_ends.push_back(now);
        const auto ends = static_cast<int>(m_ends.size());
        if (ends >= m_rule.maxEnds)
            return std::nullopt;
        return ends == 1 ? std::chrono::milliseconds{0} : m_rule.firstDelay * (1 << (ends - 2));
    }

    /// Forget all ends.
    void clear() { m_ends.clear(); }

private:
    RestartRule m_rule;
    std::deque<Instant> m_ends; ///< within the window, oldest first; never more than maxEnds
};

} // namespace weir::redis

// SPDX-License-Identifier: GPL-3.0-only
// Limits how often something is drawn: at once while that is rare, evenly when it is frequent. Pure.
#pragma once

#include <algorithm>
#include <chrono>

namespace weir::ui {

class Pace {
public:
    using Clock = std::chrono::steady_clock;

    /// `slack`: how much may be spent in advance.
    explicit Pace(std::chrono::milliseconds slack) : m_slack{slack} {}

    [[nodiscard]] bool isOpen(Clock::time_point now) const { return now + m_slack >= m_free; }
    /// Note something drawn: over time at most one of this cost per `cost`.
    void spend(std::chrono::milliseconds cost, Clock::time_point now) { m_free = std::max(m_free, now) + cost; }

private:
    std::chrono::milliseconds m_slack;
    Clock::time_point m_free{};
};

} // namespace weir::ui

// SPDX-License-Identifier: GPL-3.0-only
// When to stop asking a store that does not answer, and when to try again.
#pragma once

#include <chrono>

namespace weir::engine {

/// Std only; the caller passes the time. Not thread safe; one per link.
class CircuitBreaker {
public:
    using Instant = std::chrono::steady_clock::time_point;
    enum class State {
        Closed,   ///< the store is asked
        Open,     ///< it is not
        HalfOpen, ///< one probe is under way, nothing else
    };
    // After the 100 ms of a silent server the policy must decide; soon after its return, the store again.
    static constexpr int kMostFailures = 3; ///< in a row
    static constexpr std::chrono::milliseconds kProbeEvery{250};

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool isClosed() const { return m_state == State::Closed; }

    /// Note that the store answered, whatever it said.
    void noteSuccess()
    {
        m_state = State::Closed;
        m_failures = 0;
    }

    /// Note that no answer came. One missed deadline opens it, other failures at the third in a row.
    void noteFailure(bool isDeadline, Instant now)
    {
        ++m_failures;
        if (m_state == State::Closed && !isDeadline && m_failures < kMostFailures)
            return;
        m_state = State::Open;
        m_nextProbe = now + kProbeEvery;
    }

    /// Tell whether to send a probe now: at most once every kProbeEvery while open. The caller sends it and notes the
    /// outcome.
    [[nodiscard]] bool takeProbe(Instant now)
    {
        if (m_state != State::Open || now < m_nextProbe)
            return false;
        m_state = State::HalfOpen;
        return true;
    }

private:
    State m_state{State::Closed};
    int m_failures{0};
    Instant m_nextProbe{};
};

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// Keeps the server's time from its answers, for calls with a clock that is stepped on purpose.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/base/duration.h"

namespace weir::redis {

/// Thread: lives in one thread.
class ServerClock {
public:
    using Instant = std::chrono::steady_clock::time_point;

    /// Learn from an answer at `at` that the server's time was `now`, microseconds since 1970.
    void hear(Micros now, Instant at) { m_ahead = now - sinceStart(at); }

    /// Return the time argument of a script with the clock stepped by `step`. 0, the server's own time, without a step
    /// and until the first answer.
    [[nodiscard]] Micros argumentFor(Micros step, Instant at) const
    {
        return step == Micros{0} || !m_ahead ? Micros{0} : sinceStart(at) + *m_ahead + step;
    }

private:
    static Micros sinceStart(Instant at) { return std::chrono::duration_cast<Micros>(at.time_since_epoch()); }

    std::optional<Micros> m_ahead; ///< how far the server is ahead of the steady clock
};

} // namespace weir::redis

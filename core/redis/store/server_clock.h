// SPDX-License-Identifier: GPL-3.0-only
// The server's time as far as its answers tell, for calls that are to believe another one.
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

    /// An answer that came at `at` said that it was `now` there, microseconds since 1970.
    void hear(Micros now, Instant at) { m_ahead = now - sinceStart(at); }

    /// What a script is to take for the time when the clock is `step` off; 0 is the server's own: without a step, and
    /// until the first answer.
    [[nodiscard]] Micros argumentFor(Micros step, Instant at) const
    {
        return step == Micros{0} || !m_ahead ? Micros{0} : sinceStart(at) + *m_ahead + step;
    }

private:
    static Micros sinceStart(Instant at) { return std::chrono::duration_cast<Micros>(at.time_since_epoch()); }

    std::optional<Micros> m_ahead; ///< of the steady clock
};

} // namespace weir::redis

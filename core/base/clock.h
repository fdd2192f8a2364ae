// SPDX-License-Identifier: GPL-3.0-only
// Time as a parameter: what needs "now" is given a clock, so that tests never sleep. The steady clock is the same for
// the whole process; a simulation can replace it.
#pragma once

#include <atomic>
#include <chrono>

#include "core/base/duration.h"

namespace weir {

/// Microseconds since the Unix epoch, as Redis TIME counts them.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Micros now() const = 0;
};

using SteadyInstant = std::chrono::steady_clock::time_point;

namespace detail {
inline Micros systemNow()
{
    return std::chrono::duration_cast<Micros>(std::chrono::system_clock::now().time_since_epoch());
}
inline std::atomic<SteadyInstant (*)()> steadyClock{&std::chrono::steady_clock::now};
inline std::atomic<Micros (*)()> wallClock{&systemNow};
} // namespace detail

/// The clock of this machine. Any thread.
class SystemClock final : public Clock {
public:
    [[nodiscard]] Micros now() const override { return detail::wallClock.load(std::memory_order_relaxed)(); }
};

/// Return the time of the process' steady clock. Any thread.
[[nodiscard]] inline SteadyInstant steadyNow()
{
    return detail::steadyClock.load(std::memory_order_relaxed)();
}

/// Replace the clocks of the process, for a simulation in virtual time. To be called before any time is read.
inline void setClocks(SteadyInstant (*steady)(), Micros (*wall)())
{
    detail::steadyClock.store(steady, std::memory_order_relaxed);
    detail::wallClock.store(wall, std::memory_order_relaxed);
}

/// Stands still until it is told to move.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Micros start) : m_now{start} {}
    [[nodiscard]] Micros now() const override { return m_now; }
    void advance(Micros step) { m_now += step; }
    void set(Micros now) { m_now = now; }

private:
    Micros m_now;
};

} // namespace weir

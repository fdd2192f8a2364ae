// SPDX-License-Identifier: GPL-3.0-only
// Time as a parameter: whoever needs "now" is given a clock, so that tests never sleep.
#pragma once

#include <chrono>

#include "core/base/duration.h"

namespace weir {

/// Microseconds since the Unix epoch, as Redis TIME counts them.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Micros now() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Micros now() const override
    {
        return std::chrono::duration_cast<Micros>(std::chrono::system_clock::now().time_since_epoch());
    }
};

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

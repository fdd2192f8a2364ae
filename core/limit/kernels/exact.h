// SPDX-License-Identifier: GPL-3.0-only
// Products beyond 64 bits, divided exactly, and time in intervals; for the files of the kernels only.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/limit/bounds.h"

namespace weir::limit::kernels {

struct Quotient {
    std::int64_t whole{0};
    std::int64_t rest{0};
};

/// Return a * b / m, rounded down, and the remainder, for a, b >= 0 and m > 0. Above kMaxTotal it is kMaxTotal without
/// a remainder, as in the Lua, which gets there in steps that stay below 2^53.
[[nodiscard]] constexpr Quotient scaled(std::int64_t a, std::int64_t b, std::int64_t m)
{
    __extension__ using Wide = __int128;
    const Wide product = Wide{a} * b;
    if (product / m > kMaxTotal)
        return {kMaxTotal, 0};
    return {static_cast<std::int64_t>(product / m), static_cast<std::int64_t>(product % m)};
}

/// Return the number of the interval that `time` is in.
[[nodiscard]] constexpr std::int64_t intervalAt(Micros time, Micros interval)
{
    return time / interval;
}

/// Return the sum of two waits, at most kMaxWait.
[[nodiscard]] inline Micros waitOf(Micros first, Micros then)
{
    return std::min(first + then, kMaxWait);
}

/// How the clock has moved since the time that a cell stands at.
enum class ClockStep : std::uint8_t {
    Forward,
    Waits, ///< back by at most kMaxClockStep: the cell stands still until the clock has caught up
    Back,  ///< by more: it goes on from there
};

[[nodiscard]] inline ClockStep stepOf(Micros at, Micros now)
{
    if (now >= at)
        return ClockStep::Forward;
    return at - now > kMaxClockStep ? ClockStep::Back : ClockStep::Waits;
}

} // namespace weir::limit::kernels

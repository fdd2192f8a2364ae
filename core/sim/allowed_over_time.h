// SPDX-License-Identifier: GPL-3.0-only
// What a limit allows to somebody who always wants more: when it gives tokens, and how many at worst in one interval.
#pragma once

#include <span>
#include <vector>

#include "core/limit/limit.h"

namespace weir::sim {

/// From `from` until right before `until`: microseconds of the clock that the intervals are counted by.
struct Stretch {
    Micros from{0};
    Micros until{0};
    friend bool operator==(const Stretch &, const Stretch &) = default;
};

struct Given {
    Micros at{0};
    limit::Tokens tokens{0}; ///< >= 1: all that was given at this moment
    friend bool operator==(const Given &, const Given &) = default;
};

struct AllowedOverTime {
    std::vector<Given> given; ///< by time
    limit::Tokens most{0};    ///< in any stretch as long as the interval
    Micros mostFrom{0};       ///< where the first such stretch begins; zero when nothing was given
};

/// Everything that can be had while somebody waits, each token taken as soon as it is there. `waiting`: ascending, not
/// overlapping, from zero on. The bucket is new at the first of them, so it begins at its start level.
/// The limit's own arithmetic (core/limit/kernel.h) says all of it. Steps: as many as moments that give something.
/// Pure; any thread.
[[nodiscard]] AllowedOverTime allowedOverTime(const limit::LimitSpec &spec, std::span<const Stretch> waiting);

/// Tokens given in `stretch`.
[[nodiscard]] limit::Tokens givenWithin(const AllowedOverTime &allowed, const Stretch &stretch);

} // namespace weir::sim

// SPDX-License-Identifier: GPL-3.0-only
// What a limit allows to a client that always wants more: when it gives tokens, and how many at worst in one interval.
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

/// Work out what a client gets that wants tokens all through `waiting` and takes each as soon as it is there.
/// `waiting`: ascending, not overlapping, from zero on. The bucket is new at the first of them, at its start level. The
/// arithmetic is that of core/limit/kernel.h. Linear in the moments at which something is given. Pure; any thread.
[[nodiscard]] AllowedOverTime allowedOverTime(const limit::LimitSpec &spec, std::span<const Stretch> waiting);

/// Return the tokens given in `stretch`.
[[nodiscard]] limit::Tokens givenWithin(const AllowedOverTime &allowed, const Stretch &stretch);

} // namespace weir::sim

// SPDX-License-Identifier: GPL-3.0-only
// What a limit promises over a stretch of time: the numbers behind "what does this mean?".
#pragma once

#include "core/limit/limit.h"

namespace weir::limit {

/// The most tokens that any window of length `window` (> 0) can see taken, by the algorithm. It is reached by
/// somebody who takes at the worst moments, but for token-bucket (up to one refill less when `window` is no
/// whole number of intervals) and for sliding-counter in windows longer than the interval. Saturates.
[[nodiscard]] Tokens mostWithin(const LimitSpec &spec, Micros window);

/// So many tokens in so long a time.
struct Pace {
    Tokens tokens{0};
    Micros window{0};
    friend bool operator==(const Pace &, const Pace &) = default;
};

/// What a client may rely on, from a full bucket on: whoever spends at most `tokens` in any stretch of `window` (or of one that
/// is longer) is never refused; of sliding-counter, which fades a burst over the interval after it, whoever spends them evenly.
/// It is the largest multiple of the refill within the capacity, in the time that brings it: the whole of what is sustained.
/// As many intervals as `longest` (>= the interval) has room for.
[[nodiscard]] Pace paceOf(const LimitSpec &spec, Micros longest);

/// What the refill sustains, tokens per second.
[[nodiscard]] double sustainedPerSecond(const LimitSpec &spec);

/// From an empty bucket to a full one, without traffic, at most.
[[nodiscard]] Micros timeToFull(const LimitSpec &spec);

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
// What a limit promises over a stretch of time.
#pragma once

#include "core/limit/limit.h"

namespace weir::limit {

/// Return the most tokens that can be taken in any window of length `window` (> 0). A client that takes at the worst
/// moments reaches it, except for token-bucket (up to one refill less when `window` is no whole number of intervals)
/// and for sliding-counter in windows longer than the interval. Saturates.
[[nodiscard]] Tokens mostWithin(const LimitSpec &spec, Micros window);

/// So many tokens in so long a time.
struct Pace {
    Tokens tokens{0};
    Micros window{0};
    friend bool operator==(const Pace &, const Pace &) = default;
};

/// Return the pace at which a client is never refused, from a full bucket on: at most `tokens` in any stretch of
/// `window` or longer; for sliding-counter, which fades a burst over the interval after it, spent evenly. It is a
/// multiple of the refill within the capacity, in the time that brings it, so it uses all that the refill sustains;
/// `window` is as many intervals as fit into `longest` (>= the interval). For sliding-counter it is one token less than
/// the capacity, because its count is rounded up.
[[nodiscard]] Pace paceOf(const LimitSpec &spec, Micros longest);

/// Return the tokens per second that the refill sustains.
[[nodiscard]] double sustainedPerSecond(const LimitSpec &spec);

/// Return the longest time in which an empty bucket gets full without traffic.
[[nodiscard]] Micros timeToFull(const LimitSpec &spec);

} // namespace weir::limit

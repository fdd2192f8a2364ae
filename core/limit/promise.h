// SPDX-License-Identifier: GPL-3.0-only
// What a limit promises over a stretch of time: the numbers behind "what does this mean?".
#pragma once

#include "core/limit/limit.h"

namespace weir::limit {

/// The most tokens that any window of length `window` (> 0) can see taken: a full bucket and every
/// refill that falls into it. Saturates at the largest 64-bit number.
[[nodiscard]] Tokens mostWithin(const LimitSpec &spec, Micros window);

/// What the refill sustains, tokens per second.
[[nodiscard]] double sustainedPerSecond(const LimitSpec &spec);

/// From an empty bucket to a full one, without traffic, at most.
[[nodiscard]] Micros timeToFull(const LimitSpec &spec);

} // namespace weir::limit

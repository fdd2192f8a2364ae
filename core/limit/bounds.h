// SPDX-License-Identifier: GPL-3.0-only
// The largest totals and waits, and how far a clock may go back.
#pragma once

#include <cstdint>

#include "core/base/duration.h"

namespace weir::limit {

/// The largest lifetime total of a bucket, at which it stops: 2^53 - 1, up to which the doubles of Lua are exact.
inline constexpr std::int64_t kMaxTotal = 9'007'199'254'740'991;

/// A clock that goes back by at most this stops the refill until it has caught up: a clock that goes to and fro adds no
/// more than the latest time seen would have. After a longer step back the bucket goes on from the new time: a clock
/// that had been far ahead would otherwise stop the refill for as long. No step back adds a token; but when the clock
/// comes forward again, the intervals that it passes are added once more, which is a capacity at most.
inline constexpr Micros kMaxClockStep{60'000'000};

/// For how long at least, and less than twice as long, the bucket of a subject is kept once it is full again, if a new
/// one begins full: the two are equal, and clients can make up any number of subjects.
inline constexpr Micros kKeptWhenFull{1'000'000};

/// The longest wait, at which longer ones stop: 2^53 - 1 us, 285 years.
inline constexpr Micros kMaxWait{kMaxTotal};

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
// Where the numbers of all limits and buckets stop, and how far a clock may go back.
#pragma once

#include <cstdint>

#include "core/base/duration.h"

namespace weir::limit {

/// Where the lifetime totals of a bucket stop: 2^53 - 1, the last whole number that the Lua can count to.
inline constexpr std::int64_t kMaxTotal = 9'007'199'254'740'991;

/// A clock that goes back by at most this stops the refill until it has caught up, so that however it goes to and fro nothing is
/// added that the highest time seen would not have added. By more, the bucket goes on from the new time: else a clock that had
/// been far ahead would stop everything for as long. No step back adds a token; but when the clock comes forward again, the
/// intervals that it passes are added once more, which is a capacity at most.
inline constexpr Micros kMaxClockStep{60'000'000};

/// The bucket of a subject that is full again, and would be when it began anew, is kept for at least so long, and less than twice as long: it is as if it had never
/// been, and strangers make up subjects.
inline constexpr Micros kKeptWhenFull{1'000'000};

/// Where a wait stops that nobody lives to see the end of: 2^53 - 1 us are 285 years.
inline constexpr Micros kMaxWait{kMaxTotal};

} // namespace weir::limit

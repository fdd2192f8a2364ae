// SPDX-License-Identifier: GPL-3.0-only
// The cell of a bucket, its state by any algorithm: time passes, tokens are taken, limits change. Totals, epochs and
// what callers know are in take.h.
//
// lua/algorithms is the same arithmetic inside Redis. Whole numbers only. `spec` is within the bounds of config::check
// and is the one that the cell was made with or has adopted last.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "core/limit/kernels/fixed_window.h"
#include "core/limit/kernels/gcra.h"
#include "core/limit/kernels/leaky_bucket.h"
#include "core/limit/kernels/sliding_counter.h"
#include "core/limit/kernels/sliding_log.h"
#include "core/limit/kernels/smooth.h"
#include "core/limit/kernels/token_bucket_cell.h"
#include "core/limit/bounds.h"

namespace weir::limit {

/// The state of one bucket; index: Algorithm.
using Cell = std::variant<kernels::TokenBucketCell, kernels::SmoothCell, kernels::GcraCell, kernels::LeakyBucketCell,
                          kernels::FixedWindowCell, kernels::SlidingLogCell, kernels::SlidingCounterCell>;

/// Make a cell of `spec.algorithm` that has `room` tokens (0 to the capacity) at `at`. In a window the rest of the
/// capacity counts as taken at `at`.
[[nodiscard]] Cell cellWith(const LimitSpec &spec, Tokens room, Micros at);

/// Make the cell of a new bucket, at its start level. For a window, empty means that the current one is used up.
[[nodiscard]] Cell startCell(const LimitSpec &spec, Micros now);

/// Advance the cell to `now`. If the clock went back by at most kMaxClockStep, the cell stays where it is; by more, it
/// goes on from `now` with the tokens that it has, and the result is true. Within one interval the algorithms that only
/// count intervals (token-bucket, fixed-window) notice neither. The functions below need a cell that has been advanced
/// to their `now`.
bool advance(const LimitSpec &spec, Cell &cell, Micros now);

/// Return the most tokens that a request may cost now.
[[nodiscard]] Tokens roomOf(const LimitSpec &spec, const Cell &cell);

/// Take `cost` tokens; they must be there.
void take(const LimitSpec &spec, Cell &cell, Tokens cost);

/// Take `cost` tokens, which were granted elsewhere, or as many as are there. Return how many.
Tokens charge(const LimitSpec &spec, Cell &cell, Tokens cost);

/// Give back `tokens` that were taken ahead and not used, up to the capacity. Return how many were added. Errs on the
/// safe side: except for a token-bucket it makes a new cell with that much room, so a part of a token gets lost, and
/// what a window still counts is treated as taken now. `now` is that of the last advance().
Tokens giveBack(const LimitSpec &spec, Cell &cell, Tokens tokens, Micros now);

/// Return the time from `now` until there is room for `cost` if nobody takes: exact to the microsecond, zero when there
/// is, at most kMaxWait. Nothing when the cost is above the capacity: never.
[[nodiscard]] std::optional<Micros> untilRoom(const LimitSpec &spec, const Cell &cell, Tokens cost, Micros now);

/// Return the time from `now` until there is more room than now; zero when the cell is full.
[[nodiscard]] Micros untilChange(const LimitSpec &spec, const Cell &cell, Micros now);

/// Return the time from `now` until the cell is full, and so equal to a new one that starts full; zero when it is.
[[nodiscard]] Micros untilFull(const LimitSpec &spec, const Cell &cell, Micros now);

/// Return the most intervals that pass between a take and a full cell.
[[nodiscard]] std::int64_t intervalsToFull(const LimitSpec &spec);

/// Return how long a store must keep a cell at least, when it renews that with the first change in each interval: until
/// it is full, and an interval to spare. At most kMaxWait. (The cell of a subject is kept until it is full, and
/// kKeptWhenFull longer.)
[[nodiscard]] Micros timeToLive(const LimitSpec &spec);

/// Change the limit of the cell, its level, or both: the room becomes tokensAfterChange() of the room under `before`.
/// Parts of a token, and the times at which tokens come back, are kept where that is possible; when the algorithm
/// changes, only the room is.
void adopt(const LimitSpec &before, const LimitSpec &after, Cell &cell, TokenMode mode, Micros now);

/// Return the time that the cell stands at; for algorithms that only count intervals, the beginning of the interval.
[[nodiscard]] Micros timeOf(const LimitSpec &spec, const Cell &cell);

/// Return the state as numbers, each at most kMaxTotal. The entries of a sliding log are left out; their sum is among
/// them.
[[nodiscard]] std::vector<std::int64_t> numbersOf(const Cell &cell);

inline constexpr std::size_t kMostCellNumbers = 3;

/// Make a cell from its numbersOf(); nothing when they are not those of a cell of `spec`. All that a sliding log counts
/// is dated at the time of its cell, so nothing comes back too early.
[[nodiscard]] std::optional<Cell> cellOf(const LimitSpec &spec, std::span<const std::int64_t> numbers);

/// Return the names of the numbers in the store and in lua/README.md, in their order.
[[nodiscard]] std::span<const std::string_view> fieldsOf(Algorithm algorithm);

} // namespace weir::limit

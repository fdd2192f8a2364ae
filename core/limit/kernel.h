// SPDX-License-Identifier: GPL-3.0-only
// One bucket of any algorithm, below totals, epochs and what callers know: time passes, tokens are taken, limits change.
//
// lua/algorithms is the same arithmetic inside Redis. Pure, whole numbers, no clock, no I/O; any thread. `spec` is within
// the bounds of config::check and is the one that the cell was made with or has adopted last.
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

/// A cell of `spec.algorithm` that has `room` tokens (0 to the capacity) at `at`. A window has the others taken at `at`.
[[nodiscard]] Cell cellWith(const LimitSpec &spec, Tokens room, Micros at);

/// A bucket that nobody knew of, at its start level. Empty means for a window that the current one is used up.
[[nodiscard]] Cell startCell(const LimitSpec &spec, Micros now);

/// Time passes. A clock that went back by at most kMaxClockStep is waited for; by more, the cell goes on from `now` with
/// the tokens that it has, and the result is true. Within one interval the algorithms that only count intervals
/// (token-bucket, fixed-window) notice neither. The functions below want a cell that has been advanced to their `now`.
bool advance(const LimitSpec &spec, Cell &cell, Micros now);

/// Tokens that a request may cost now.
[[nodiscard]] Tokens roomOf(const LimitSpec &spec, const Cell &cell);

/// Takes `cost` tokens; they must be there.
void take(const LimitSpec &spec, Cell &cell, Tokens cost);

/// Takes `cost` tokens, or as many as are there: what was decided elsewhere. Returns how many.
Tokens charge(const LimitSpec &spec, Cell &cell, Tokens cost);

/// `tokens` that were taken ahead and not used; at most to the capacity. Returns how many the cell has more. Errs on the
/// safe side: but for a token-bucket it is a new cell with that much room, so a part of a token gets lost, and what a
/// window still counts is as if taken now. `now` as of the last advance().
Tokens giveBack(const LimitSpec &spec, Cell &cell, Tokens tokens, Micros now);

/// From `now` until there is room for `cost` if nobody takes: exact to the microsecond, zero when there is,
/// at most kMaxWait. Nothing when the cost is above the capacity: never.
[[nodiscard]] std::optional<Micros> untilRoom(const LimitSpec &spec, const Cell &cell, Tokens cost, Micros now);

/// From `now` until there is more room than now; zero when the cell is full.
[[nodiscard]] Micros untilChange(const LimitSpec &spec, const Cell &cell, Micros now);

/// From `now` until the cell is full, that is, as if it had never been; zero when it is.
[[nodiscard]] Micros untilFull(const LimitSpec &spec, const Cell &cell, Micros now);

/// The most intervals that pass between a take and a full cell.
[[nodiscard]] std::int64_t intervalsToFull(const LimitSpec &spec);

/// How long a store must keep a cell at least when it renews that with the first change in each interval: until it is
/// full, and an interval to spare. At most kMaxWait. (That of a subject is kept until it is full, and kKeptWhenFull.)
[[nodiscard]] Micros timeToLive(const LimitSpec &spec);

/// Another limit, or another level: the room becomes tokensAfterChange() of the one under `before`. Parts of a token,
/// and when tokens come back, are kept where that is possible; of another algorithm, the room is all that is kept.
void adopt(const LimitSpec &before, const LimitSpec &after, Cell &cell, TokenMode mode, Micros now);

/// The time that the cell stands at; for those that only count intervals, the beginning of theirs.
[[nodiscard]] Micros timeOf(const LimitSpec &spec, const Cell &cell);

/// The state as numbers, each at most kMaxTotal: all but the entries of a sliding log, of which it has the sum.
[[nodiscard]] std::vector<std::int64_t> numbersOf(const Cell &cell);

inline constexpr std::size_t kMostCellNumbers = 3;

/// A cell from the numbers that somebody remembers; nothing when they are none of `spec`. What a sliding log lacks
/// counts as taken at the time that it stood at, so it gives nothing back too early.
[[nodiscard]] std::optional<Cell> cellOf(const LimitSpec &spec, std::span<const std::int64_t> numbers);

/// What they are called, in the store and in lua/README.md; as many as the numbers, in their order.
[[nodiscard]] std::span<const std::string_view> fieldsOf(Algorithm algorithm);

} // namespace weir::limit

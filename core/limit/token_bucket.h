// SPDX-License-Identifier: GPL-3.0-only
// The arithmetic of the token bucket with interval refill: pure, whole numbers, no clock, no I/O.
//
// lua/token_bucket.lua is the same arithmetic inside Redis; this is its oracle in the tests and the
// kernel of the memory store. All functions may be called from any thread; they share nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/limit/limit.h"
#include "core/limit/verdict.h"

namespace weir::limit {

/// `count` requests in a row that cost `cost` each. A batch is a list of runs in order of arrival.
struct CostRun {
    Tokens cost{1};
    std::int64_t count{1};
};

/// Where the lifetime totals of a bucket stop: 2^53 - 1, the last whole number that the Lua can count to.
inline constexpr std::int64_t kMaxTotal = 9'007'199'254'740'991;

/// A bucket as it is stored.
struct Bucket {
    LimitSpec spec;
    std::int64_t epoch{0};
    Tokens tokens{0};
    std::int64_t interval{0};    ///< number of the last interval applied: floor(time / spec.interval)
    std::int64_t admitted{0};    ///< lifetime: requests
    std::int64_t refused{0};     ///< lifetime: requests, impossible ones included
    std::int64_t taken{0};       ///< lifetime: tokens
    std::int64_t refilled{0};    ///< lifetime: tokens that intervals added
    std::int64_t regressions{0}; ///< lifetime: times the clock went back by more than kMaxClockStep
};

/// One call on one bucket.
struct TakeInput {
    LimitSpec spec; ///< as the caller believes it to be
    std::int64_t epoch{1};
    TokenMode mode{TokenMode::Keep}; ///< Keep for plain takes; the others set the level first
    Micros now{0};                   ///< of the store's clock
    std::span<const CostRun> runs{}; ///< empty: only refill
};

/// What the call did. When `isStale`, nothing was done, and `inForce`/`epoch` are the newer limit.
struct TakeOutput {
    bool isStale{false};
    LimitSpec inForce;
    std::int64_t epoch{0};
    Tokens tokens{0};     ///< after the call
    Micros nextRefill{0}; ///< until the next interval begins, > 0
    Micros now{0};
    Tokens refilled{0};       ///< added by the intervals that this call applied
    std::int64_t admitted{0}; ///< lifetime totals, after the call
    std::int64_t refused{0};
    std::vector<std::int64_t> granted; ///< per run: how many of its first requests were admitted
};

/// A clock that goes back by less stops the refill until it has caught up; by more, the bucket
/// goes on from the new time. Neither adds a token.
inline constexpr Micros kMaxClockStep{2'000'000};

/// Applies the intervals that are due, then the mode, then the runs. Creates the bucket at its
/// start level when there is none. `input.spec` must be within its bounds, costs >= 0.
TakeOutput take(std::optional<Bucket> &bucket, const TakeInput &input);

/// The level that `mode` makes of `tokens` when the capacity goes from `before` to `after`.
[[nodiscard]] Tokens tokensAfterChange(Tokens tokens, Tokens before, Tokens after, TokenMode mode);

/// Time until a bucket with `tokens` has `cost`; zero when it has them. `cost` <= capacity.
/// The largest duration when it does not fit in 64 bits.
[[nodiscard]] Micros timeUntil(Tokens cost, Tokens tokens, const LimitSpec &spec, Micros nextRefill);

/// The verdict of each request of a batch, in order; `visit(run index, verdict)` once per request.
template<class Visit>
void forEachVerdict(const TakeOutput &output, std::span<const CostRun> runs, Visit &&visit)
{
    Tokens level = output.tokens;
    for (std::size_t i = 0; i < runs.size(); ++i)
        level += output.granted[i] * runs[i].cost;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const CostRun &run = runs[i];
        for (std::int64_t n = 0; n < run.count; ++n) {
            if (n < output.granted[i]) {
                level -= run.cost;
                visit(i, Verdict{Verdict::Kind::Admitted, level, Micros{0}, output.nextRefill});
            } else if (run.cost > output.inForce.capacity) {
                visit(i, Verdict{Verdict::Kind::Impossible, level, Micros{0}, output.nextRefill});
            } else {
                // From the level after the whole batch: a retry meets that one, not today's.
                visit(i, Verdict{Verdict::Kind::Refused, level,
                                 timeUntil(run.cost, output.tokens, output.inForce, output.nextRefill),
                                 output.nextRefill});
            }
        }
    }
}

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
// The arithmetic of the token bucket with interval refill: pure, whole numbers, no clock, no I/O.
//
// lua/token_bucket.lua is the same arithmetic inside Redis; this is its oracle in the tests and the
// kernel of the memory store. All functions may be called from any thread; they share nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
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
    std::int64_t born{0};        ///< when it began, us: tells it from another one under the same name
    std::int64_t losses{0};      ///< 0, or when it was last restored, us: the store had lost it, or a part of it
    std::int64_t restored{0};    ///< `taken` that the last restoration knew of
    Tokens debt{0};              ///< taken beyond what was there while the store had forgotten; refills pay it first
    std::string refiller;        ///< who applied the last interval; "-": a request
};

/// A bucket as a caller last heard of it, by the limit that it calls with.
struct Known {
    std::int64_t born{0}; ///< 0: the caller knows of none
    std::int64_t losses{0};
    std::int64_t taken{0};
    Tokens tokens{0};
    std::int64_t interval{0};
    std::int64_t admitted{0};
    std::int64_t refused{0};
    std::int64_t refilled{0};
    Tokens debt{0}; ///< >= 0

    [[nodiscard]] bool isKnown() const { return born > 0; }
    friend bool operator==(const Known &, const Known &) = default;
};

/// What a call found out about the store's memory.
enum class Memory : std::uint8_t {
    Intact,
    Began,    ///< nobody knew of a bucket: a new one
    Lost,     ///< the bucket was gone; it goes on from what the caller knew
    WentBack, ///< it was an older one, or begun anew by somebody who knew nothing; corrected
    CaughtUp, ///< it had been restored by somebody who knew less than this caller; the rest was taken
};

/// One call on one bucket.
struct TakeInput {
    LimitSpec spec; ///< as the caller believes it to be
    std::int64_t epoch{1};
    TokenMode mode{TokenMode::Keep}; ///< Keep for plain takes; the others set the level first
    Micros now{0};                   ///< of the store's clock
    std::span<const CostRun> runs{}; ///< empty: only refill
    bool appliesDue{true};           ///< false: intervals that are due are left to the refiller
    std::string refiller{"-"};       ///< who calls; "-": a request
    Known known{};                   ///< `tokens` <= the capacity
    bool givesBack{false};           ///< the runs were granted before and are given back; see giveBack() of kernel.h
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
    // Not when it is stale:
    std::int64_t taken{0}; ///< lifetime totals, after the call
    std::int64_t refilledTotal{0};
    std::int64_t interval{0}; ///< number of the last one applied
    std::int64_t born{0};
    std::int64_t losses{0};
    std::int64_t restored{0};
    Tokens debt{0};
    Memory memory{Memory::Intact};
    std::string refiller; ///< only for a refiller: who applied the last interval
    // Of a share (share.h): how many have one, and what is there beyond `tokens`, in parts of a token, as many as they are.
    std::int64_t instances{1};
    Tokens rest{0};
};

/// The bucket as `output` (not stale) leaves it.
[[nodiscard]] Known knownAfter(const TakeOutput &output);

/// What a caller who knows `before` knows after the answer to a call that went out with `sent`. When the
/// bucket was restored by somebody who had not heard of all that was taken, and the call did not tell
/// either, the older knowledge is kept for one more call.
[[nodiscard]] Known knownFrom(const Known &before, const Known &sent, const TakeOutput &output);

/// What was known by `from`, for a call with `to`: at most the capacity; another interval begins at `now`.
[[nodiscard]] Known knownUnder(const LimitSpec &to, Known known, const LimitSpec &from, Micros now);

/// A clock that goes back by at most this stops the refill until it has caught up, so that however it goes to and fro nothing is
/// added that the highest time seen would not have added. By more, the bucket goes on from the new time: else a clock that had
/// been far ahead would stop everything for as long. No step back adds a token; but when the clock comes forward again, the
/// intervals that it passes are added once more, which is a capacity at most.
inline constexpr Micros kMaxClockStep{60'000'000};

/// Where a wait stops that nobody lives to see the end of: 2^53 - 1 us are 285 years.
inline constexpr Micros kMaxWait{kMaxTotal};

/// Compares with what the caller knows, applies the intervals that are due, then the mode, then the runs.
/// Creates the bucket at its start level when nobody knows of one. `input.spec` must be within its bounds, costs >= 0.
TakeOutput take(std::optional<Bucket> &bucket, const TakeInput &input);

/// The level that `mode` makes of `tokens` when the capacity goes from `before` to `after`.
[[nodiscard]] Tokens tokensAfterChange(Tokens tokens, Tokens before, Tokens after, TokenMode mode);

/// Time until a bucket with `tokens` has `cost`; zero when it has them. `cost` <= capacity.
/// The largest duration when it does not fit in 64 bits.
[[nodiscard]] Micros timeUntil(Tokens cost, Tokens tokens, const LimitSpec &spec, Micros nextRefill);

/// Time until what `output` tells of has `cost` (<= capacity). A share that never has: until the next interval; the store
/// may be back.
[[nodiscard]] Micros timeUntil(Tokens cost, const TakeOutput &output);

/// The verdict of each request of a batch, in order; `visit(run index, verdict)` once per request.
template<class Visit>
void forEachVerdict(const TakeOutput &output, std::span<const CostRun> runs, Visit &&visit)
{
    Tokens level = output.tokens;
    const Micros next = output.instances == 1 ? output.nextRefill : timeUntil(level + 1, output);
    for (std::size_t i = 0; i < runs.size(); ++i)
        level += output.granted[i] * runs[i].cost;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const CostRun &run = runs[i];
        for (std::int64_t n = 0; n < run.count; ++n) {
            if (n < output.granted[i]) {
                level -= run.cost;
                visit(i, Verdict{Verdict::Kind::Admitted, level, Micros{0}, next});
            } else if (run.cost > output.inForce.capacity) {
                visit(i, Verdict{Verdict::Kind::Impossible, level, Micros{0}, next});
            } else {
                // From the level after the whole batch: a retry meets that one, not today's.
                visit(i, Verdict{Verdict::Kind::Refused, level, timeUntil(run.cost, output), next});
            }
        }
    }
}

} // namespace weir::limit

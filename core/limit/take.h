// SPDX-License-Identifier: GPL-3.0-only
// Several buckets, of any algorithms, in one step: each request takes from all that it must, or from none.
//
// lua/take.lua is the same inside Redis; this is its oracle in the tests, and decides for the memory store.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/limit/kernel.h"
#include "core/limit/bounds.h"
#include "core/limit/verdict.h"

namespace weir::limit {

/// What a call found out about the store's memory of a bucket.
enum class Memory : std::uint8_t {
    Intact,
    Began,    ///< neither store nor caller knew of a bucket: a new one
    Lost,     ///< the bucket was gone; it goes on from what the caller knew
    WentBack, ///< it was an older state, or a new bucket of a caller that knew of none; corrected
    CaughtUp, ///< a caller that knew less than this one had restored it; the rest was taken
};

/// A bucket of any algorithm as a caller last heard of it, by the limit that it calls with.
struct Known {
    std::int64_t born{0}; ///< 0: the caller knows of none
    std::int64_t losses{0};
    std::int64_t taken{0};
    std::int64_t admitted{0};
    std::int64_t refused{0};
    std::int64_t refilled{0};
    Tokens debt{0};
    std::array<std::int64_t, kMostCellNumbers> cell{}; ///< numbersOf(), as many as the algorithm has

    [[nodiscard]] bool isKnown() const { return born > 0; }
    friend bool operator==(const Known &, const Known &) = default;
};

/// A bucket of any algorithm, as it is stored.
struct Bucket {
    LimitSpec spec;
    std::int64_t epoch{0};
    Cell cell;
    std::int64_t admitted{0};    ///< lifetime: requests
    std::int64_t refused{0};     ///< lifetime: requests, impossible ones included
    std::int64_t taken{0};       ///< lifetime: tokens
    std::int64_t refilled{0};    ///< lifetime: tokens that time gave back
    std::int64_t regressions{0}; ///< lifetime: times the clock went back by more than kMaxClockStep
    std::int64_t born{0};        ///< when it began, us: tells it from another one under the same name
    std::int64_t losses{0};      ///< 0, or when it was last restored, us: the store had lost it, or a part of it
    std::int64_t restored{0};    ///< `taken` that the last restoration knew of
    Tokens debt{0};       ///< taken beyond what was there while the store had forgotten; what comes back pays it first
    std::string refiller; ///< the last refiller that applied intervals
    std::int64_t refillerAt{0}; ///< number of the last interval that it applied
};

/// One bucket of a call.
struct BucketCall {
    LimitSpec spec;
    std::int64_t epoch{1};
    TokenMode mode{TokenMode::Keep}; ///< Keep for plain takes; the others set the level first
    Known known;
};

/// What a request wants of one bucket of its call.
struct Ask {
    std::size_t bucket{0}; ///< its place among the buckets of the call; no two asks of a request have the same
    Tokens cost{1};        ///< >= 0
    bool isShadow{false};  ///< takes what it can of an admitted request, and never refuses one
    friend bool operator==(const Ask &, const Ask &) = default;
};

/// `count` requests in a row that all want the same.
struct AskRun {
    std::vector<Ask> asks; ///< at least one
    std::int64_t count{1};
    /// The requests were granted before and are given back; none of a shadow. A cost that no bucket has room for stands
    /// for refused requests: the bucket takes them off its count.
    bool givesBack{false};
};

struct TakeInput {
    Micros now{0}; ///< of the store's clock
    std::span<const BucketCall> buckets{};
    std::span<const AskRun> runs{};
    bool appliesDue{true};       ///< false: intervals of a token bucket that are due are left to the refiller
    std::string_view refiller{}; ///< who calls, if it is a refiller
};

/// What became of one bucket of a call.
struct BucketOutput {
    bool isStale{false}; ///< the limit of the call is older: no bucket was changed; what follows is in force
    LimitSpec inForce;
    std::int64_t epoch{0};
    Tokens room{0};        ///< tokens that may be taken after the call
    Micros untilChange{0}; ///< until there is more; zero when it is full
    Micros untilFull{0};
    Memory memory{Memory::Intact};
    Known known; ///< after the call; not when it is stale
    std::int64_t restored{0};
};

/// Return the time until there is more; for a full bucket, until the next interval begins.
[[nodiscard]] inline Micros nextRefill(const BucketOutput &bucket, Micros now)
{
    const Micros every = bucket.inForce.interval;
    return bucket.untilChange > Micros{0} ? bucket.untilChange : every - now % every;
}

/// What became of one ask of a run.
struct AskOutput {
    std::int64_t taken{0};  ///< in how many requests its tokens were taken
    bool isRefusing{false}; ///< there was no room for the next request of the run; of a shadow as well
    /// Where a request of the run was refused (of a shadow: would have been): until there is room for the next one if
    /// nobody takes; nothing: never. A retry needs the longest of its limits'.
    std::optional<Micros> wait{Micros{0}};
};

struct RunOutput {
    std::int64_t granted{0}; ///< the first so many requests were admitted
    std::vector<AskOutput> asks;
};

struct TakeOutput {
    bool isStale{false}; ///< one of the buckets is
    Micros now{0};
    std::vector<BucketOutput> buckets;
    std::vector<RunOutput> runs; ///< none when it is stale
    /// By bucket, for a refiller: who applied its last interval; "-": a request; empty: not known.
    std::vector<std::string> refillers;
};

/// Let time pass in all buckets, adopt the limits of the call, then judge its runs. `buckets` are as many as
/// `input.buckets`; those that do not exist yet begin. When one is stale, none changes.
TakeOutput take(std::span<std::optional<Bucket>> buckets, const TakeInput &input);

/// Return what every answer tells of a bucket, except `memory`; room and waits in units of `unit` tokens.
[[nodiscard]] BucketOutput told(const Bucket &bucket, Micros now, Tokens unit = 1);

/// Return what a caller knows after the answer to a call that carried `sent`, if it knew `before`. When the bucket was
/// restored by a caller that did not know of all that was taken, and this call did not tell it either, `before` is kept
/// for one more call.
[[nodiscard]] Known knownFrom(const Known &before, const Known &sent, const BucketOutput &output);

/// Return what was known under `from` as it is under `to`, for a call with that limit.
[[nodiscard]] Known knownUnder(const LimitSpec &to, const Known &known, const LimitSpec &from, Micros now);

/// Return the room of a known bucket, less its debt, at `now` or, if that is later, at the time of `known`.
[[nodiscard]] Tokens roomOf(const LimitSpec &spec, const Known &known, Micros now);

} // namespace weir::limit

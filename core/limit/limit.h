// SPDX-License-Identifier: GPL-3.0-only
// What a limit is: its numbers, its name, and the age of its numbers.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "core/base/duration.h"
#include "core/limit/algorithm.h"

namespace weir::limit {

using Tokens = std::int64_t;

/// Level of a bucket that does not exist yet.
enum class StartLevel : std::uint8_t { Full, Empty };

/// What becomes of the tokens in a bucket when its limit changes.
enum class TokenMode : std::uint8_t {
    Keep,         ///< the same number, at most the new capacity
    Proportional, ///< the same share of the capacity, rounded down
    Refill,       ///< full
    Drain,        ///< none
};

// Bounds of what may be configured. They keep every product in the Lua below 2^53, where doubles are exact.
inline constexpr Tokens kMinCapacity = 1;
inline constexpr Tokens kMaxCapacity = 1'000'000'000;
inline constexpr Micros kMinInterval{10'000};
inline constexpr Micros kMaxInterval{366LL * 86'400 * 1'000'000};

/// The numbers of a limit, in tokens of a token bucket; algorithm.h says what they are elsewhere. Valid when
/// kMinCapacity <= capacity <= kMaxCapacity, 1 <= refill <= capacity and kMinInterval <= interval <= kMaxInterval, and
/// refill == capacity for a window, capacity <= kMaxLogCapacity for sliding-log, and a burst of gcra is paid for within
/// kMaxBurstTime (core/limit/kernels).
struct LimitSpec {
    Tokens capacity{5};
    Tokens refill{5}; ///< tokens that each interval adds
    Micros interval{60'000'000};
    StartLevel start{StartLevel::Full};
    Algorithm algorithm{Algorithm::TokenBucket};

    [[nodiscard]] Tokens startTokens() const { return start == StartLevel::Full ? capacity : 0; }
    friend bool operator==(const LimitSpec &, const LimitSpec &) = default;
};

/// All but the start level, which has no say in a bucket that is there.
[[nodiscard]] inline bool hasSameNumbers(const LimitSpec &a, const LimitSpec &b)
{
    return a.algorithm == b.algorithm && a.capacity == b.capacity && a.refill == b.refill && a.interval == b.interval;
}

/// A limit in force. Every change makes the epoch larger; the store refuses calls with an older one.
struct Limit {
    std::string name{"global"};
    LimitSpec spec;
    std::int64_t epoch{1};

    friend bool operator==(const Limit &, const Limit &) = default;
};

/// Of two limits with other numbers one is the stricter one: that of the smaller capacity, then of the smaller refill, then of
/// the longer interval.
[[nodiscard]] inline bool isStricter(const LimitSpec &a, const LimitSpec &b)
{
    const auto numbers = [](const LimitSpec &spec) {
        return std::tuple{spec.capacity, spec.refill, -spec.interval, spec.algorithm};
    };
    return numbers(a) < numbers(b);
}

/// Whatever was made by one limit, against what was made by another of the same name: it holds instead, for it is newer, or the
/// stricter one of the same epoch, as two can make it who change it at once, or when the store has forgotten which ones there
/// were. So all come to the same one, whichever bucket of it they meet first. What the store has replaces what a call was made
/// by: the call is stale; or is replaced by it.
template<class Told, class Believed>
[[nodiscard]] bool replaces(const Told &told, const Believed &believed)
{
    return told.epoch > believed.epoch || (told.epoch == believed.epoch && isStricter(told.spec, believed.spec));
}

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
// What a limit is: its numbers, its name, and its epoch. All of core/limit is pure (no clock, no I/O): any thread.
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

/// Compare all but the start level, which only a new bucket goes by.
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

/// Tell whether `a` is the stricter one of two limits: the one with the smaller capacity, then with the smaller refill,
/// then with the longer interval, then with the earlier algorithm.
[[nodiscard]] inline bool isStricter(const LimitSpec &a, const LimitSpec &b)
{
    const auto numbers = [](const LimitSpec &spec) {
        return std::tuple{spec.capacity, spec.refill, -spec.interval, spec.algorithm};
    };
    return numbers(a) < numbers(b);
}

/// Tell whether the limit of `told` replaces that of `believed`, which has the same name: it is newer, or of the same
/// epoch and stricter. Two limits have one epoch when two instances change a limit at once, or when the store has
/// forgotten the epochs; by this rule all instances come to the same one. When the limit in the store replaces that of
/// a call, the call is stale; the other way round the bucket adopts the limit of the call.
template<class Told, class Believed>
[[nodiscard]] bool replaces(const Told &told, const Believed &believed)
{
    return told.epoch > believed.epoch || (told.epoch == believed.epoch && isStricter(told.spec, believed.spec));
}

} // namespace weir::limit

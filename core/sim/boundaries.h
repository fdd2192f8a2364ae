// SPDX-License-Identifier: GPL-3.0-only
// When the intervals of a bucket begin, by the clock of a history.
#pragma once

#include <cstdint>

#include "core/limit/limit.h"

namespace weir::sim {

inline constexpr std::int64_t kSecondUs = 1'000'000;

/// Intervals begin at all multiples of `interval` plus `phase`, 0 to the interval, which is not zero when the store's
/// clock is another one or was stepped. Times are microseconds since 1970.
struct Boundaries {
    std::int64_t interval{1};
    std::int64_t phase{0};

    Boundaries(const limit::LimitSpec &spec, Micros shift) : interval{spec.interval.count()}, phase{shift.count()} {}

    /// Return the first boundary at `time` or after it.
    [[nodiscard]] std::int64_t from(std::int64_t time) const { return indexFrom(time) * interval + phase; }
    /// Count the boundaries from `begin` on and before `end`.
    [[nodiscard]] std::int64_t within(std::int64_t begin, std::int64_t end) const
    {
        return indexFrom(end) - indexFrom(begin);
    }
    /// Return the number of the interval that ends at `time`, or holds it.
    [[nodiscard]] std::int64_t indexBefore(std::int64_t time) const { return indexFrom(time) - 1; }

private:
    [[nodiscard]] std::int64_t indexFrom(std::int64_t time) const
    {
        const std::int64_t since = time - phase;
        return since / interval + (since % interval > 0 ? 1 : 0);
    }
};

} // namespace weir::sim

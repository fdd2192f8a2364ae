// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/promise.h"

#include <algorithm>

#include "core/base/whole.h"
#include "core/limit/kernel.h"
#include "core/limit/kernels/exact.h"

namespace weir::limit {

Tokens mostWithin(const LimitSpec &spec, Micros window)
{
    // A window is half-open and times are whole: the last moment in it is window - 1 after the first.
    const std::int64_t interval = spec.interval.count();
    const auto capacities = [&](std::int64_t count) { return saturatingMultiply(count, spec.capacity); };
    switch (spec.algorithm) {
    case Algorithm::TokenBucket:
        // One of one interval's length holds at most one boundary.
        return saturatingAdd(spec.capacity, saturatingMultiply(ceilDiv(window.count(), interval), spec.refill));
    case Algorithm::TokenBucketSmooth:
    case Algorithm::Gcra:
    case Algorithm::LeakyBucket:
        return spec.capacity + kernels::scaled(window.count() - 1, spec.refill, interval).whole;
    case Algorithm::FixedWindow:
        return capacities(1 + ceilDiv(window.count() - 1, interval));
    case Algorithm::SlidingLog:
        return capacities(ceilDiv(window.count(), interval));
    case Algorithm::SlidingCounter:
        // All of it in the last moment of an interval, then what its fading share leaves.
        if (window <= spec.interval)
            return spec.capacity
                   + kernels::scaled(std::max(window.count() - 2, std::int64_t{0}), spec.capacity, interval).whole;
        return capacities(1 + ceilDiv(window.count() - 1, interval));
    }
    return 0;
}

Pace paceOf(const LimitSpec &spec, Micros longest)
{
    if (spec.algorithm == Algorithm::SlidingCounter) {
        // What counts of the interval before is rounded up, so of an even flow there is always one more than passed.
        if (spec.capacity > 1)
            return {spec.capacity - 1, spec.interval};
        return {1, 2 * spec.interval};
    }
    const std::int64_t intervals = std::clamp<std::int64_t>(longest / spec.interval, 1, spec.capacity / spec.refill);
    return {intervals * spec.refill, intervals * spec.interval};
}

double sustainedPerSecond(const LimitSpec &spec)
{
    return static_cast<double>(spec.refill) * 1e6 / static_cast<double>(spec.interval.count());
}

Micros timeToFull(const LimitSpec &spec)
{
    return Micros{saturatingMultiply(intervalsToFull(spec), spec.interval.count())};
}

} // namespace weir::limit

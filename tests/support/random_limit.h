// SPDX-License-Identifier: GPL-3.0-only
// Limits of every algorithm within the bounds of its check, and clocks that mostly go forward.
#pragma once

#include "core/limit/kernel.h"
#include "tests/support/seed.h"

namespace weir::test {

inline constexpr std::array<limit::Algorithm, 7> kAlgorithms{
    limit::Algorithm::TokenBucket,   limit::Algorithm::TokenBucketSmooth, limit::Algorithm::Gcra,
    limit::Algorithm::LeakyBucket,   limit::Algorithm::FixedWindow,       limit::Algorithm::SlidingLog,
    limit::Algorithm::SlidingCounter};

/// Where a burst would take too long for gcra, it comes back in one interval.
inline void shortenBurst(limit::LimitSpec &spec)
{
    using namespace limit;
    if (spec.algorithm == Algorithm::Gcra && spec.capacity / spec.refill >= kernels::kMaxBurstTime / spec.interval)
        spec.refill = spec.capacity;
}

inline limit::LimitSpec randomLimit(Random &random, limit::Algorithm algorithm)
{
    using namespace limit;
    LimitSpec spec;
    spec.algorithm = algorithm;
    const Tokens most = algorithm == Algorithm::SlidingLog ? kernels::kMaxLogCapacity : kMaxCapacity;
    spec.capacity = random.oneIn(2) ? random.between(1, 20) : random.scaled(kMinCapacity, most);
    spec.refill = isWindow(algorithm) ? spec.capacity : random.scaled(1, spec.capacity);
    spec.interval = Micros{random.scaled(kMinInterval.count(), kMaxInterval.count())};
    spec.start = random.oneIn(3) ? StartLevel::Empty : StartLevel::Full;
    shortenBurst(spec);
    return spec;
}

inline limit::Algorithm randomAlgorithm(Random &random)
{
    return kAlgorithms[static_cast<std::size_t>(random.between(0, kAlgorithms.size() - 1))];
}

/// Mostly forward by less than an interval; sometimes by many, sometimes back by little or by up to an hour, sometimes
/// to an edge of an interval or to one us beside it.
inline Micros randomMoment(Random &random, Micros now, Micros interval)
{
    constexpr std::int64_t kLatest = 5'000'000'000'000'000; // the year 2128: gcra's times stay below 2^53
    std::int64_t step = random.scaled(0, interval.count());
    if (random.oneIn(10))
        step = -random.scaled(0, 3'600'000'000);
    else if (random.oneIn(10))
        step = random.scaled(0, 2000) * interval.count();
    else if (random.oneIn(8)) // the next edge
        step = interval.count() - now.count() % interval.count() + random.between(-1, 1);
    else if (random.oneIn(20)) // back to around the step that is still waited for
        step = -limit::kMaxClockStep.count() + random.between(-1, 1);
    return Micros{std::clamp<std::int64_t>(now.count() + step, 1, kLatest)};
}

} // namespace weir::test

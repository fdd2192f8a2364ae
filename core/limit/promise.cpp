// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/promise.h"

#include <limits>

#include "core/base/whole.h"

namespace weir::limit {
namespace {

std::int64_t saturatingMultiply(std::int64_t a, std::int64_t b)
{
    std::int64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::int64_t>::max() : product;
}

} // namespace

Tokens mostWithin(const LimitSpec &spec, Micros window)
{
    // A half-open window of one interval's length holds at most one boundary.
    const std::int64_t refills = ceilDiv(window.count(), spec.interval.count());
    const Tokens added = saturatingMultiply(refills, spec.refill);
    Tokens sum = 0;
    return __builtin_add_overflow(spec.capacity, added, &sum) ? std::numeric_limits<Tokens>::max() : sum;
}

double sustainedPerSecond(const LimitSpec &spec)
{
    return static_cast<double>(spec.refill) * 1e6 / static_cast<double>(spec.interval.count());
}

Micros timeToFull(const LimitSpec &spec)
{
    return Micros{saturatingMultiply(ceilDiv(spec.capacity, spec.refill), spec.interval.count())};
}

} // namespace weir::limit

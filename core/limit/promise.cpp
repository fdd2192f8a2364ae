// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/promise.h"

#include "core/base/whole.h"

namespace weir::limit {

Tokens mostWithin(const LimitSpec &spec, Micros window)
{
    // A half-open window of one interval's length holds at most one boundary.
    const std::int64_t refills = ceilDiv(window.count(), spec.interval.count());
    return saturatingAdd(spec.capacity, saturatingMultiply(refills, spec.refill));
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

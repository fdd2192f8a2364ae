// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/kernels/leaky_bucket.h"

#include "core/limit/kernels/even_flow.h"
#include "core/limit/kernels/exact.h"

namespace weir::limit::kernels {
namespace {

// What is free in the queue: it grows as the queue drains.
EvenLevel freeIn(const LimitSpec &spec, const LeakyBucketCell &cell)
{
    return {spec.capacity - cell.queued, cell.part};
}

void setFree(const LimitSpec &spec, LeakyBucketCell &cell, EvenLevel level)
{
    cell.queued = spec.capacity - level.tokens;
    cell.part = level.part;
}

} // namespace

LeakyBucketCell LeakyBucketCell::with(const LimitSpec &spec, Tokens room, Micros at)
{
    return {spec.capacity - room, 0, at};
}

bool advance(const LimitSpec &spec, LeakyBucketCell &cell, Micros now)
{
    const ClockStep step = stepOf(cell.at, now);
    if (step == ClockStep::Waits)
        return false;
    if (step == ClockStep::Forward)
        setFree(spec, cell, flowed(spec, freeIn(spec, cell), now - cell.at));
    cell.at = now;
    return step == ClockStep::Back;
}

bool fits(const LimitSpec &spec, const LeakyBucketCell &cell)
{
    return cell.queued <= spec.capacity && cell.part < spec.interval.count() && (cell.queued > 0 || cell.part == 0);
}

Tokens room(const LimitSpec &spec, const LeakyBucketCell &cell)
{
    return spec.capacity - cell.queued;
}

void take(const LimitSpec &, LeakyBucketCell &cell, Tokens cost)
{
    cell.queued += cost;
}

Micros untilRoom(const LimitSpec &spec, const LeakyBucketCell &cell, Tokens cost, Micros now)
{
    if (room(spec, cell) >= cost)
        return Micros{0};
    return waitOf(cell.at - now, flowTime(spec, freeIn(spec, cell), cost));
}

void adopt(const LimitSpec &before, const LimitSpec &after, LeakyBucketCell &cell, TokenMode mode, Micros)
{
    setFree(after, cell, changed(before, after, freeIn(before, cell), mode));
}

Micros timeOf(const LimitSpec &, const LeakyBucketCell &cell)
{
    return cell.at;
}

} // namespace weir::limit::kernels

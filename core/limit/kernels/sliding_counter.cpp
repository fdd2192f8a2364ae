// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/kernels/sliding_counter.h"

#include "core/limit/kernels/exact.h"
#include "core/limit/token_mode.h"

namespace weir::limit::kernels {
namespace {

// What counts of the previous interval, rounded up.
Tokens counted(const LimitSpec &spec, const SlidingCounterCell &cell)
{
    const std::int64_t interval = spec.interval.count();
    const Quotient share = scaled(interval - cell.at.count() % interval, cell.previous, interval);
    return share.whole + (share.rest > 0 ? 1 : 0);
}

// How far into an interval, at the earliest, no more than `most` (>= 0) counts of `previous`; the interval: not in it.
std::int64_t elapsedUntil(const LimitSpec &spec, Tokens previous, Tokens most)
{
    if (most >= previous)
        return 0;
    return spec.interval.count() - scaled(spec.interval.count(), most, previous).whole;
}

} // namespace

SlidingCounterCell SlidingCounterCell::with(const LimitSpec &spec, Tokens room, Micros at)
{
    return {at, 0, spec.capacity - room};
}

bool advance(const LimitSpec &spec, SlidingCounterCell &cell, Micros now)
{
    const ClockStep step = stepOf(cell.at, now);
    if (step == ClockStep::Waits)
        return false;
    if (step == ClockStep::Back) {
        // How much of the previous interval counts would be another share now.
        cell.current = spec.capacity - room(spec, cell);
        cell.previous = 0;
    } else {
        const std::int64_t passed = intervalAt(now, spec.interval) - intervalAt(cell.at, spec.interval);
        if (passed > 0) {
            cell.previous = passed == 1 ? cell.current : 0;
            cell.current = 0;
        }
    }
    cell.at = now;
    return step == ClockStep::Back;
}

bool fits(const LimitSpec &spec, const SlidingCounterCell &cell)
{
    // `previous` may be of a larger capacity.
    return cell.previous <= kMaxCapacity && cell.current <= spec.capacity && room(spec, cell) >= 0;
}

Tokens room(const LimitSpec &spec, const SlidingCounterCell &cell)
{
    return spec.capacity - cell.current - counted(spec, cell);
}

void take(const LimitSpec &, SlidingCounterCell &cell, Tokens cost)
{
    cell.current += cost;
}

Micros untilRoom(const LimitSpec &spec, const SlidingCounterCell &cell, Tokens cost, Micros now)
{
    if (room(spec, cell) >= cost)
        return Micros{0};
    const std::int64_t interval = spec.interval.count();
    const Micros begin{cell.at.count() - cell.at.count() % interval};
    if (const Tokens most = spec.capacity - cost - cell.current; most >= 0)
        if (const std::int64_t elapsed = elapsedUntil(spec, cell.previous, most); elapsed < interval)
            return begin + Micros{elapsed} - now;
    // In the next interval the current one is the previous one; in the one after that nothing counts.
    return begin + Micros{interval + elapsedUntil(spec, cell.current, spec.capacity - cost)} - now;
}

void adopt(const LimitSpec &before, const LimitSpec &after, SlidingCounterCell &cell, TokenMode mode, Micros)
{
    const Tokens used = after.capacity - tokensAfterChange(room(before, cell), before.capacity, after.capacity, mode);
    const Tokens ofPrevious = counted(before, cell);
    if (after.interval == before.interval && ofPrevious <= used) {
        cell.current = used - ofPrevious;
    } else {
        cell.previous = 0;
        cell.current = used;
    }
}

Micros timeOf(const LimitSpec &, const SlidingCounterCell &cell)
{
    return cell.at;
}

} // namespace weir::limit::kernels

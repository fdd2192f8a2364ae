// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/kernels/token_bucket_cell.h"

#include "core/limit/bucket_steps.h"
#include "core/limit/kernels/exact.h"

namespace weir::limit::kernels {

TokenBucketCell TokenBucketCell::with(const LimitSpec &spec, Tokens room, Micros at)
{
    return {room, steps::intervalAt(at, spec.interval)};
}

bool advance(const LimitSpec &spec, TokenBucketCell &cell, Micros now)
{
    const std::int64_t current = steps::intervalAt(now, spec.interval);
    if (current >= cell.interval) {
        cell.tokens += steps::addedBy(current - cell.interval, cell.tokens, spec);
        cell.interval = current;
        return false;
    }
    if (stepOf(timeOf(spec, cell), now) != ClockStep::Back)
        return false;
    cell.interval = current;
    return true;
}

bool fits(const LimitSpec &spec, const TokenBucketCell &cell)
{
    // Two intervals more can be counted.
    return cell.tokens <= spec.capacity && cell.interval <= kMaxTotal / spec.interval.count() - 2;
}

Tokens room(const LimitSpec &, const TokenBucketCell &cell)
{
    return cell.tokens;
}

void take(const LimitSpec &, TokenBucketCell &cell, Tokens cost)
{
    cell.tokens -= cost;
}

Micros untilRoom(const LimitSpec &spec, const TokenBucketCell &cell, Tokens cost, Micros now)
{
    const Micros nextRefill = Micros{(cell.interval + 1) * spec.interval.count()} - now;
    return std::min(timeUntil(cost, cell.tokens, spec, nextRefill), kMaxWait);
}

void adopt(const LimitSpec &before, const LimitSpec &after, TokenBucketCell &cell, TokenMode mode, Micros now)
{
    if (after.interval != before.interval)
        cell.interval = steps::intervalAt(now, after.interval);
    cell.tokens = tokensAfterChange(cell.tokens, before.capacity, after.capacity, mode);
}

Micros timeOf(const LimitSpec &spec, const TokenBucketCell &cell)
{
    return Micros{cell.interval * spec.interval.count()};
}

} // namespace weir::limit::kernels

// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/kernels/token_bucket_cell.h"

#include "core/base/whole.h"
#include "core/limit/kernels/exact.h"
#include "core/limit/token_mode.h"

namespace weir::limit::kernels {
namespace {

// Never multiplies before it knows that the product stays below what is missing.
Tokens addedBy(std::int64_t intervals, Tokens tokens, const LimitSpec &spec)
{
    const Tokens missing = spec.capacity - tokens;
    return intervals >= ceilDiv(missing, spec.refill) ? missing : intervals * spec.refill;
}

} // namespace

TokenBucketCell TokenBucketCell::with(const LimitSpec &spec, Tokens room, Micros at)
{
    return {room, intervalAt(at, spec.interval)};
}

bool advance(const LimitSpec &spec, TokenBucketCell &cell, Micros now)
{
    const std::int64_t current = intervalAt(now, spec.interval);
    if (current >= cell.interval) {
        cell.tokens += addedBy(current - cell.interval, cell.tokens, spec);
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
    if (cell.tokens >= cost)
        return Micros{0};
    const Micros nextRefill = Micros{(cell.interval + 1) * spec.interval.count()} - now;
    // A refill of 1 a year into a capacity of 10^9 is beyond 64 bits: never, for anybody who waits.
    const std::int64_t more = ceilDiv(cost - cell.tokens, spec.refill) - 1;
    return std::min(Micros{saturatingAdd(nextRefill.count(), saturatingMultiply(more, spec.interval.count()))},
                    kMaxWait);
}

void adopt(const LimitSpec &before, const LimitSpec &after, TokenBucketCell &cell, TokenMode mode, Micros now)
{
    if (after.interval != before.interval)
        cell.interval = intervalAt(now, after.interval);
    cell.tokens = tokensAfterChange(cell.tokens, before.capacity, after.capacity, mode);
}

Micros timeOf(const LimitSpec &spec, const TokenBucketCell &cell)
{
    return Micros{cell.interval * spec.interval.count()};
}

} // namespace weir::limit::kernels

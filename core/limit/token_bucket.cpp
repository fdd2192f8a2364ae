// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/token_bucket.h"

#include <algorithm>
#include <cassert>

#include "core/base/whole.h"

namespace weir::limit {
namespace {

std::int64_t intervalAt(Micros time, Micros interval)
{
    return time.count() / interval.count();
}

bool sameNumbers(const LimitSpec &a, const LimitSpec &b)
{
    return a.capacity == b.capacity && a.refill == b.refill && a.interval == b.interval;
}

void addToTotal(std::int64_t &total, std::int64_t more)
{
    total = std::min(saturatingAdd(total, more), kMaxTotal);
}

// Never multiplies before it knows that the product stays below the capacity.
Tokens applyDueIntervals(Bucket &bucket, Micros now)
{
    const std::int64_t current = intervalAt(now, bucket.spec.interval);
    if (current < bucket.interval) {
        if (Micros{bucket.interval * bucket.spec.interval.count()} - now > kMaxClockStep) {
            bucket.interval = current;
            ++bucket.regressions;
        }
        return 0;
    }
    const std::int64_t due = current - bucket.interval;
    const Tokens missing = bucket.spec.capacity - bucket.tokens;
    const Tokens added = due >= ceilDiv(missing, bucket.spec.refill) ? missing : due * bucket.spec.refill;
    bucket.interval = current;
    bucket.tokens += added;
    addToTotal(bucket.refilled, added);
    return added;
}

Bucket newBucket(const TakeInput &input)
{
    Bucket bucket;
    bucket.spec = input.spec;
    bucket.epoch = input.epoch;
    bucket.tokens = input.spec.startTokens();
    bucket.interval = intervalAt(input.now, input.spec.interval);
    return bucket;
}

void adopt(Bucket &bucket, const TakeInput &input)
{
    const Tokens capacityBefore = bucket.spec.capacity;
    if (bucket.spec.interval != input.spec.interval)
        bucket.interval = intervalAt(input.now, input.spec.interval);
    bucket.spec = input.spec;
    bucket.epoch = input.epoch;
    bucket.tokens = tokensAfterChange(bucket.tokens, capacityBefore, bucket.spec.capacity, input.mode);
}

std::int64_t grant(Bucket &bucket, const CostRun &run)
{
    assert(run.cost >= 0 && run.count >= 0);
    const std::int64_t affordable = run.cost == 0 ? run.count : bucket.tokens / run.cost;
    const std::int64_t granted = std::min(run.count, affordable);
    bucket.tokens -= granted * run.cost;
    addToTotal(bucket.admitted, granted);
    addToTotal(bucket.refused, run.count - granted);
    addToTotal(bucket.taken, granted * run.cost);
    return granted;
}

} // namespace

Tokens tokensAfterChange(Tokens tokens, Tokens before, Tokens after, TokenMode mode)
{
    switch (mode) {
    case TokenMode::Keep:
        return std::min(tokens, after);
    case TokenMode::Refill:
        return after;
    case TokenMode::Drain:
        return 0;
    case TokenMode::Proportional:
        break;
    }
    // floor(tokens * after / before) in two halves, so that no product passes 2^53 (the Lua has doubles).
    constexpr Tokens kHalf = 32'768;
    const Tokens high = tokens * (after / kHalf);
    const Tokens rest = (high % before) * kHalf + tokens * (after % kHalf);
    return (high / before) * kHalf + rest / before;
}

Micros timeUntil(Tokens cost, Tokens tokens, const LimitSpec &spec, Micros nextRefill)
{
    assert(cost <= spec.capacity);
    if (tokens >= cost)
        return Micros{0};
    // A refill of 1 a year into a capacity of 10^9 is beyond 64 bits: never, for anybody who waits.
    const std::int64_t more = ceilDiv(cost - tokens, spec.refill) - 1;
    return Micros{saturatingAdd(nextRefill.count(), saturatingMultiply(more, spec.interval.count()))};
}

TakeOutput take(std::optional<Bucket> &bucket, const TakeInput &input)
{
    TakeOutput output;
    output.now = input.now;
    if (!bucket) {
        bucket = newBucket(input);
        if (input.mode != TokenMode::Keep)
            adopt(*bucket, input);
    } else if (input.epoch < bucket->epoch
               || (input.epoch == bucket->epoch && !sameNumbers(input.spec, bucket->spec))) {
        output.isStale = true;
    } else {
        output.refilled = applyDueIntervals(*bucket, input.now);
        if (input.epoch > bucket->epoch || input.mode != TokenMode::Keep)
            adopt(*bucket, input);
    }
    output.inForce = bucket->spec;
    output.epoch = bucket->epoch;
    if (!output.isStale)
        for (const CostRun &run : input.runs)
            output.granted.push_back(grant(*bucket, run));
    output.tokens = bucket->tokens;
    // A stale call has applied nothing, so intervals may be due that the bucket does not know of.
    const std::int64_t interval = std::max(bucket->interval, intervalAt(input.now, bucket->spec.interval));
    output.nextRefill = Micros{(interval + 1) * bucket->spec.interval.count()} - input.now;
    output.admitted = bucket->admitted;
    output.refused = bucket->refused;
    return output;
}

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/token_bucket.h"

#include <algorithm>
#include <cassert>

#include "core/base/whole.h"
#include "core/limit/bucket_steps.h"

namespace weir::limit {
namespace {

std::int64_t grant(Bucket &bucket, const CostRun &run)
{
    assert(run.cost >= 0 && run.count >= 0);
    const std::int64_t affordable = run.cost == 0 ? run.count : bucket.tokens / run.cost;
    const std::int64_t granted = std::min(run.count, affordable);
    bucket.tokens -= granted * run.cost;
    steps::addToTotal(bucket.admitted, granted);
    steps::addToTotal(bucket.refused, run.count - granted);
    steps::addToTotal(bucket.taken, granted * run.cost);
    return granted;
}

// Of a cost that no bucket has room for nothing was taken: the refusals are not counted any more.
std::int64_t putBack(Bucket &bucket, const CostRun &run)
{
    if (run.cost > bucket.spec.capacity) {
        bucket.refused = std::max<std::int64_t>(bucket.refused - run.count, 0);
        return run.count;
    }
    const Tokens back = std::min(bucket.spec.capacity - bucket.tokens, saturatingMultiply(run.cost, run.count));
    bucket.tokens += back;
    steps::addToTotal(bucket.refilled, back);
    bucket.admitted = std::max<std::int64_t>(bucket.admitted - run.count, 0);
    return run.count;
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

Micros timeUntil(Tokens cost, const TakeOutput &output)
{
    const Tokens price = saturatingMultiply(cost, output.instances);
    if (price > output.inForce.capacity)
        return output.nextRefill;
    const Tokens level = output.tokens * output.instances + output.rest - output.debt; // refills pay that first
    return timeUntil(price, level, output.inForce, output.nextRefill);
}

TakeOutput take(std::optional<Bucket> &bucket, const TakeInput &input)
{
    TakeOutput output;
    steps::open(bucket, input, output);
    if (!output.isStale)
        for (const CostRun &run : input.runs)
            output.granted.push_back(input.givesBack ? putBack(*bucket, run) : grant(*bucket, run));
    steps::close(*bucket, input, output);
    return output;
}

Known knownAfter(const TakeOutput &output)
{
    return {output.born,     output.losses,  output.taken,         output.tokens, output.interval,
            output.admitted, output.refused, output.refilledTotal, output.debt};
}

Known knownFrom(const Known &before, const Known &sent, const TakeOutput &output)
{
    if (output.isStale)
        return before;
    const bool isUnheardOf =
        sent != before && output.born == before.born && output.losses > before.losses && output.restored < before.taken;
    return isUnheardOf ? before : knownAfter(output);
}

Known knownUnder(const LimitSpec &to, Known known, const LimitSpec &from, Micros now)
{
    known.tokens = std::min(known.tokens, to.capacity);
    if (to.interval != from.interval)
        known.interval = steps::intervalAt(now, to.interval);
    return known;
}

} // namespace weir::limit

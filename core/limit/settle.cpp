// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/settle.h"

#include <algorithm>

#include "core/base/whole.h"
#include "core/limit/settle_counts.h"

namespace weir::limit {
namespace {

// Taken by anybody since the base; what this instance has settled already is in it.
std::int64_t takenSince(const Bucket &bucket, const Settlement &settlement)
{
    return bucket.taken - settlement.baseTaken;
}

// Of the takes in doubt, how much was taken, if nobody else took anything.
std::int64_t foundTaken(const Bucket &bucket, const SettleMark &mark, const Settlement &settlement)
{
    return takenSince(bucket, settlement) - mark.spent;
}

std::int64_t intervalsSince(const Bucket &bucket, const Settlement &settlement)
{
    return std::max<std::int64_t>(0, bucket.interval - settlement.baseInterval);
}

// Could the bucket be where it is by the takes in doubt and by refills alone? Early takes leave more
// room to refills than late ones, so there are two bounds; beyond them somebody has set the level.
bool isUntouched(const Bucket &bucket, const SettleMark &mark, const Settlement &settlement)
{
    const std::int64_t taken = takenSince(bucket, settlement);
    const std::int64_t found = foundTaken(bucket, mark, settlement);
    if (taken < 0 || found < 0 || found > settlement.inDoubt)
        return false;
    const std::int64_t intervals = intervalsSince(bucket, settlement);
    const Tokens base = settlement.baseTokens;
    const Tokens least = base + steps::addedBy(intervals, base, bucket.spec) - taken;
    const Tokens early = base - taken;
    return bucket.tokens >= least && bucket.tokens <= early + steps::addedBy(intervals, early, bucket.spec);
}

// Where the instance has come to, less what its takes in doubt have taken for nobody; or where the store has come to, less what
// the instance has given. Each takes the other's tokens last, when they leave no more room to refills: the higher one is nearer.
Tokens levelOfInstance(const Bucket &bucket, Tokens found, Tokens more, const Settlement &settlement)
{
    const Tokens level = std::max<Tokens>(0, settlement.tokens - found);
    const std::int64_t intervals = std::max<std::int64_t>(0, bucket.interval - settlement.interval);
    return std::max(level + steps::addedBy(intervals, level, bucket.spec), bucket.tokens - more);
}

Tokens excessOf(const Bucket &bucket, Tokens more, const Settlement &settlement)
{
    const std::int64_t over = takenSince(bucket, settlement) + more - settlement.baseTokens + settlement.baseDebt;
    const std::int64_t intervals = intervalsSince(bucket, settlement);
    if (over <= 0 || intervals >= ceilDiv(over, bucket.spec.refill))
        return 0;
    return over - intervals * bucket.spec.refill;
}

void enter(Bucket &bucket, SettleMark &mark, bool isSameLimit, const Known &known, const Settlement &settlement,
           SettleOutput &output)
{
    const std::int64_t more = std::max<std::int64_t>(0, settlement.spent - mark.spent);
    const bool isOurs = bucket.born == known.born;
    Tokens level = std::max<Tokens>(0, bucket.tokens - more);
    output.isSettled = true;
    if (settlement.isWhole && isOurs && isSameLimit && isUntouched(bucket, mark, settlement)) {
        output.isExact = true;
        output.foundTaken = foundTaken(bucket, mark, settlement);
        level = levelOfInstance(bucket, output.foundTaken, more, settlement);
        bucket.interval = std::max(bucket.interval, settlement.interval);
    } else if (isOurs) {
        mark.excess = std::max(mark.excess, excessOf(bucket, more, settlement));
    } else {
        steps::addToTotal(mark.excess, more - (bucket.tokens - level));
    }
    output.excess = mark.excess;
    steps::addToTotal(bucket.refilled, std::max<Tokens>(0, level - (bucket.tokens - more)));
    bucket.tokens = level;
    steps::enterCounts(bucket, mark, settlement);
}

} // namespace

SettleOutput settle(std::optional<Bucket> &bucket, SettleMark &mark, const TakeInput &input,
                    const Settlement &settlement)
{
    SettleOutput output;
    const std::optional<Bucket> before = bucket;
    steps::open(bucket, input, output.bucket);
    if (!output.bucket.isStale && steps::isNew(mark, settlement)) {
        if (settlement.outage > mark.outage)
            mark = {};
        const bool wasRestored = output.bucket.memory == Memory::Lost || output.bucket.memory == Memory::WentBack;
        const bool isSameLimit =
            !before || wasRestored || (before->epoch == input.epoch && hasSameNumbers(before->spec, input.spec));
        enter(*bucket, mark, isSameLimit, input.known, settlement, output);
    }
    steps::close(*bucket, input, output.bucket);
    return output;
}

} // namespace weir::limit

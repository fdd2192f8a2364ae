// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/group_settle.h"

#include <algorithm>

#include "core/limit/bucket_steps.h"

namespace weir::limit {
namespace {

using steps::addToTotal;

// By anybody else since the instance went on by itself: at most what it is in doubt of?
bool isOurs(const CellBucket &bucket, const SettleMark &mark, const BucketCall &call, const CellSettlement &settlement)
{
    const std::int64_t others = bucket.taken - settlement.baseTaken - mark.spent;
    return settlement.isWhole && bucket.spec.algorithm != Algorithm::SlidingLog && bucket.born == call.known.born
           && others >= 0 && others <= settlement.inDoubt;
}

Tokens enter(CellBucket &bucket, Tokens more, bool isExact, Micros now, const CellSettlement &settlement)
{
    if (!isExact)
        return more - charge(bucket.spec, bucket.cell, more);
    const std::span numbers{settlement.cell};
    bucket.cell = cellOf(bucket.spec, numbers.first(fieldsOf(bucket.spec.algorithm).size())).value_or(bucket.cell);
    if (now > timeOf(bucket.spec, bucket.cell))
        advance(bucket.spec, bucket.cell, now);
    return 0;
}

} // namespace

CellSettleOutput settle(std::optional<CellBucket> &bucket, SettleMark &mark, const BucketCall &call, Micros now,
                        const CellSettlement &settlement)
{
    CellSettleOutput output;
    const bool isOld =
        settlement.outage < mark.outage || (settlement.outage == mark.outage && settlement.part <= mark.part);
    const std::optional<CellBucket> before = bucket;
    const GroupInput input{.now = now, .buckets = {&call, 1}, .runs = {}};
    output.bucket = takeAll({&bucket, 1}, input).buckets.front();
    if (output.bucket.isStale || isOld)
        return output;
    if (settlement.outage > mark.outage)
        mark = {};
    output.isSettled = true;
    output.isExact = isOurs(*bucket, mark, call, settlement) && (!before || before->epoch == call.epoch);
    const Tokens more = std::max<std::int64_t>(0, settlement.spent - mark.spent);
    const Tokens level = roomOf(bucket->spec, bucket->cell);
    output.excess = enter(*bucket, more, output.isExact, now, settlement);
    addToTotal(bucket->refilled, std::max<Tokens>(0, roomOf(bucket->spec, bucket->cell) - (level - more)));
    addToTotal(bucket->taken, more);
    addToTotal(bucket->admitted, std::max<std::int64_t>(0, settlement.admitted - mark.admitted));
    addToTotal(bucket->refused, std::max<std::int64_t>(0, settlement.refused - mark.refused));
    mark = {settlement.outage, settlement.part, std::max(settlement.spent, mark.spent),
            std::max(settlement.admitted, mark.admitted), std::max(settlement.refused, mark.refused)};
    const Memory memory = output.bucket.memory;
    output.bucket = told(*bucket, now);
    output.bucket.memory = memory;
    return output;
}

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/group_settle.h"

#include <algorithm>

#include "core/limit/bucket_steps.h"

namespace weir::limit {
namespace {

using steps::addToTotal;

using Numbers = std::array<std::int64_t, kMostCellNumbers>;

std::optional<Cell> readCell(const LimitSpec &spec, const Numbers &numbers)
{
    return cellOf(spec, std::span{numbers}.first(fieldsOf(spec.algorithm).size()));
}

// Could time and these takes have led from the base to where the bucket is? Takes that come early leave more room to what
// comes back than late ones; beyond these two bounds somebody has set the level. A part that was entered before has charged
// what is in doubt, taken or not.
bool isUntouched(const CellBucket &bucket, const SettleMark &mark, Micros now, const CellSettlement &settlement)
{
    const LimitSpec &spec = bucket.spec;
    const auto base = readCell(spec, settlement.base);
    if (!base)
        return false;
    const Tokens taken = bucket.taken - settlement.baseTaken;
    Cell late = *base, early = *base;
    const Tokens rest = taken - charge(spec, early, taken); // was taken of what has come back since
    if (now > timeOf(spec, late)) {
        advance(spec, late, now);
        advance(spec, early, now);
    }
    const Tokens room = roomOf(spec, bucket.cell);
    const Tokens slack = mark.part > 0 ? settlement.inDoubt : 0;
    return room >= roomOf(spec, late) - taken - slack && (rest > 0 || room <= roomOf(spec, early));
}

// By anybody else since the instance went on by itself: nothing but what it is in doubt of?
bool isOurs(const CellBucket &bucket, const SettleMark &mark, const BucketCall &call, Micros now,
            const CellSettlement &settlement)
{
    const std::int64_t others = bucket.taken - settlement.baseTaken - mark.spent;
    return settlement.isWhole && bucket.spec.algorithm != Algorithm::SlidingLog && bucket.born == call.known.born
           && others >= 0 && others <= settlement.inDoubt && isUntouched(bucket, mark, now, settlement);
}

Tokens enter(CellBucket &bucket, Tokens more, bool isExact, Micros now, const CellSettlement &settlement)
{
    if (!isExact)
        return more - charge(bucket.spec, bucket.cell, more);
    bucket.cell = readCell(bucket.spec, settlement.cell).value_or(bucket.cell);
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
    output.isExact = isOurs(*bucket, mark, call, now, settlement) && (!before || before->epoch == call.epoch);
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

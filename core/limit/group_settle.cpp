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
// comes back than late ones; beyond these two bounds somebody has set the level.
bool isUntouched(const CellBucket &bucket, Micros now, const CellSettlement &settlement)
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
    return room >= roomOf(spec, late) - taken && (rest > 0 || room <= roomOf(spec, early));
}

// By anybody else since the instance went on by itself: nothing but what it is in doubt of?
bool isOurs(const CellBucket &bucket, Tokens found, const BucketCall &call, Micros now,
            const CellSettlement &settlement)
{
    return settlement.isWhole && bucket.spec.algorithm != Algorithm::SlidingLog && bucket.born == call.known.born
           && found >= 0 && found <= settlement.inDoubt && isUntouched(bucket, now, settlement);
}

// As levelOfInstance() of settle.cpp.
void setToInstance(CellBucket &bucket, Tokens found, Tokens more, Micros now, const CellSettlement &settlement)
{
    Cell cell = readCell(bucket.spec, settlement.cell).value_or(bucket.cell);
    charge(bucket.spec, cell, found);
    if (now > timeOf(bucket.spec, cell))
        advance(bucket.spec, cell, now);
    if (roomOf(bucket.spec, cell) >= roomOf(bucket.spec, bucket.cell) - more)
        bucket.cell = cell;
    else
        charge(bucket.spec, bucket.cell, more);
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
    const Tokens found = bucket->taken - settlement.baseTaken - mark.spent;
    output.isExact = isOurs(*bucket, found, call, now, settlement) && (!before || before->epoch == call.epoch);
    const Tokens more = std::max<std::int64_t>(0, settlement.spent - mark.spent);
    const Tokens level = roomOf(bucket->spec, bucket->cell);
    if (output.isExact)
        setToInstance(*bucket, found, more, now, settlement);
    else
        addToTotal(mark.excess, more - charge(bucket->spec, bucket->cell, more));
    output.excess = mark.excess;
    addToTotal(bucket->refilled, std::max<Tokens>(0, roomOf(bucket->spec, bucket->cell) - (level - more)));
    addToTotal(bucket->taken, more);
    addToTotal(bucket->admitted, std::max<std::int64_t>(0, settlement.admitted - mark.admitted));
    addToTotal(bucket->refused, std::max<std::int64_t>(0, settlement.refused - mark.refused));
    mark = {settlement.outage, settlement.part, std::max(settlement.spent, mark.spent),
            std::max(settlement.admitted, mark.admitted), std::max(settlement.refused, mark.refused), mark.excess};
    const Memory memory = output.bucket.memory;
    output.bucket = told(*bucket, now);
    output.bucket.memory = memory;
    return output;
}

} // namespace weir::limit

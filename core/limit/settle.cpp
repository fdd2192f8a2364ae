// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/settle.h"

#include <algorithm>

#include "core/base/whole.h"
#include "core/limit/totals.h"

namespace weir::limit {
namespace {

using Numbers = std::array<std::int64_t, kMostCellNumbers>;

std::optional<Cell> readCell(const LimitSpec &spec, const Numbers &numbers)
{
    return cellOf(spec, std::span{numbers}.first(fieldsOf(spec.algorithm).size()));
}

// False: a later part has been entered before.
bool isNew(const SettleMark &mark, const Settlement &settlement)
{
    return settlement.outage > mark.outage || (settlement.outage == mark.outage && settlement.part > mark.part);
}

// Adds to the totals of `bucket` what `mark` has not got yet of the outage; from then on it has.
void enterCounts(Bucket &bucket, SettleMark &mark, const Settlement &settlement)
{
    const auto enter = [](std::int64_t &total, std::int64_t &entered, std::int64_t now) {
        addToTotal(total, std::max<std::int64_t>(0, now - entered));
        entered = std::max(entered, now);
    };
    enter(bucket.taken, mark.spent, settlement.spent);
    enter(bucket.admitted, mark.admitted, settlement.admitted);
    enter(bucket.refused, mark.refused, settlement.refused);
    mark.outage = settlement.outage;
    mark.part = settlement.part;
}

// Could time and these takes have led from the base to where the bucket is? Takes that come early leave more room to what
// comes back than late ones; beyond these two bounds somebody has set the level.
bool isUntouched(const Bucket &bucket, Micros now, const Settlement &settlement)
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

// Has nobody else taken since the instance went on by itself: nothing but what it is in doubt of?
bool isOurs(const Bucket &bucket, Tokens found, const BucketCall &call, const Settlement &settlement)
{
    return settlement.isWhole && bucket.born == call.known.born && found >= 0 && found <= settlement.inDoubt;
}

// What time brings between two moments, at most; nothing: as much as there is room for, or more.
std::optional<Tokens> broughtBetween(const LimitSpec &spec, Micros from, Micros to)
{
    Cell cell = cellWith(spec, 0, from);
    advance(spec, cell, to);
    const Tokens room = roomOf(spec, cell);
    if (room >= spec.capacity)
        return std::nullopt;
    return room + (spec.algorithm == Algorithm::TokenBucket ? 0 : 1); // with a part of one
}

// All that the instance's own bucket has had until now, spent or not. What comes to a full bucket was never there; and what has come
// to it by a clock that the store's has been set back behind is still to come to the stored one.
std::optional<Tokens> hadUntil(const Bucket &bucket, Micros now, const Settlement &settlement)
{
    const LimitSpec &spec = bucket.spec;
    std::optional<Cell> cell = readCell(spec, settlement.cell);
    if (!cell)
        return std::nullopt;
    const Micros reached = std::max(now, timeOf(spec, bucket.cell)), then = timeOf(spec, *cell);
    if (then > reached) {
        const std::optional<Tokens> ahead = broughtBetween(spec, reached, then);
        return ahead ? std::optional{settlement.had - *ahead} : std::nullopt;
    }
    const Tokens before = roomOf(spec, *cell);
    if (now > then)
        advance(spec, *cell, now);
    return settlement.had + roomOf(spec, *cell) - before;
}

// In this outage, this part included, of which `missing` tokens are not there. Two upper bounds of what has been taken too much:
// it is entered late, when refills may have been lost to a full bucket; and all that was taken for somebody beyond what the
// instance itself has had. Of the sliding ones the first alone: when a token comes back depends on when it was taken.
Tokens excessOf(const Bucket &bucket, Tokens missing, Tokens takenForSomebody, bool isBaseOurs, const SettleMark &mark,
                Micros now, const Settlement &settlement)
{
    const Tokens late = std::min(saturatingAdd(mark.excess, missing), kMaxTotal);
    const Algorithm algorithm = bucket.spec.algorithm;
    const bool isSliding = isWindow(algorithm) && algorithm != Algorithm::FixedWindow;
    const auto had = isBaseOurs && !isSliding ? hadUntil(bucket, now, settlement) : std::nullopt;
    return had ? std::clamp<Tokens>(takenForSomebody - *had, mark.excess, late) : late;
}

// As many as are there. When there are not enough, the part of a token that has come back goes with them: else it would be given
// once more than excessOf() reckons.
Tokens chargeLate(Bucket &bucket, Tokens more, Micros now)
{
    const Tokens charged = charge(bucket.spec, bucket.cell, more);
    const Algorithm algorithm = bucket.spec.algorithm;
    if (charged < more && !isWindow(algorithm) && algorithm != Algorithm::TokenBucket)
        bucket.cell = cellWith(bucket.spec, 0, std::max(now, timeOf(bucket.spec, bucket.cell)));
    return charged;
}

// Where the instance has come to, less what its takes in doubt have taken for nobody; or where the store has come to, less what
// the instance has given. Each takes the other's tokens last, when they leave no more room to refills: the higher one is nearer.
void setToInstance(Bucket &bucket, Tokens found, Tokens more, Micros now, const Settlement &settlement)
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

SettleOutput settle(std::optional<Bucket> &bucket, SettleMark &mark, const BucketCall &call, Micros now,
                    const Settlement &settlement, bool appliesDue)
{
    SettleOutput output;
    const std::optional<Bucket> before = bucket;
    const TakeInput input{.now = now, .buckets = {&call, 1}, .runs = {}, .appliesDue = appliesDue};
    output.bucket = take({&bucket, 1}, input).buckets.front();
    if (output.bucket.isStale || !isNew(mark, settlement))
        return output;
    if (settlement.outage > mark.outage)
        mark = {};
    output.isSettled = true;
    // So far has the bucket come; what is due and left to the refiller is not there yet.
    const bool isLeft = !appliesDue && bucket->spec.algorithm == Algorithm::TokenBucket;
    const Micros at = isLeft ? timeOf(bucket->spec, bucket->cell) : now;
    // Nobody knew of one: all that has become of it is the instance's, and nothing that was in doubt has been taken.
    const bool isFirst = settlement.isWhole && output.bucket.memory == Memory::Began;
    const Tokens found = isFirst ? 0 : bucket->taken - settlement.baseTaken - mark.spent;
    const bool isOwn = isOurs(*bucket, found, call, settlement);
    const bool isSameLimit = !before || (before->epoch == call.epoch && hasSameNumbers(before->spec, call.spec));
    output.isExact = bucket->spec.algorithm != Algorithm::SlidingLog
                     && (isFirst || (isOwn && isSameLimit && isUntouched(*bucket, at, settlement)));
    const Tokens more = std::max<std::int64_t>(0, settlement.spent - mark.spent);
    const Tokens level = roomOf(bucket->spec, bucket->cell);
    if (output.isExact) {
        output.foundTaken = found;
        setToInstance(*bucket, found, more, at, settlement);
    } else {
        const Tokens missing = more - chargeLate(*bucket, more, now);
        // A store that has forgotten does not know of all that was taken, and who knows of it counts refills of that time, too.
        const bool isBaseOurs = settlement.hasBase && isSameLimit && bucket->born == call.known.born
                                && bucket->losses == call.known.losses && bucket->taken >= settlement.baseTaken;
        const Tokens taken = bucket->taken - settlement.baseTaken + more - (isOwn ? found : 0);
        mark.excess = excessOf(*bucket, missing, taken, isBaseOurs, mark, at, settlement);
    }
    output.excess = mark.excess;
    addToTotal(bucket->refilled, std::max<Tokens>(0, roomOf(bucket->spec, bucket->cell) - (level - more)));
    enterCounts(*bucket, mark, settlement);
    const Memory memory = output.bucket.memory;
    output.bucket = told(*bucket, now);
    output.bucket.memory = memory;
    return output;
}

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/take.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "core/base/whole.h"
#include "core/limit/totals.h"

namespace weir::limit {
namespace {

// What is known came from a store that has checked it; if it is broken nevertheless, nothing is there.
Cell cellOf(const LimitSpec &spec, const Known &known)
{
    return cellOf(spec, std::span{known.cell}.first(fieldsOf(spec.algorithm).size()))
        .value_or(cellWith(spec, 0, Micros{0}));
}

// The room as a caller knew it, less what was owed, had nobody taken since.
Tokens levelOf(const LimitSpec &spec, const Known &known, Micros now)
{
    Cell cell = cellOf(spec, known);
    if (now > timeOf(spec, cell))
        advance(spec, cell, now);
    return roomOf(spec, cell) - known.debt;
}

Known knownOf(const Bucket &bucket)
{
    Known known{bucket.born,    bucket.losses,   bucket.taken, bucket.admitted,
                bucket.refused, bucket.refilled, bucket.debt,  {}};
    const std::vector<std::int64_t> numbers = numbersOf(bucket.cell);
    std::copy(numbers.begin(), numbers.end(), known.cell.begin());
    return known;
}

Bucket newBucket(const BucketCall &call, Micros now)
{
    Bucket bucket;
    bucket.spec = call.spec;
    bucket.epoch = call.epoch;
    bucket.cell = startCell(call.spec, now);
    bucket.born = std::max<std::int64_t>(now.count(), 1);
    return bucket;
}

void setTo(Bucket &bucket, const BucketCall &call, Micros now)
{
    const Known &known = call.known;
    bucket.spec = call.spec;
    bucket.epoch = call.epoch;
    bucket.cell = cellOf(call.spec, known);
    bucket.admitted = known.admitted;
    bucket.refused = known.refused;
    bucket.taken = known.taken;
    bucket.refilled = known.refilled;
    bucket.born = known.born;
    bucket.losses = lossAfter(known.losses, now);
    bucket.restored = known.taken;
    bucket.debt = known.debt;
}

// Taken by somebody already; what is not there any more is paid by what comes back next.
void owe(Bucket &bucket, Tokens taken)
{
    addToTotal(bucket.debt, taken - charge(bucket.spec, bucket.cell, taken));
}

// By now its key is deleted: it has been full for a while.
bool isOutlived(const BucketCall &call, Micros now)
{
    const Cell cell = cellOf(call.spec, call.known);
    const Micros at = timeOf(call.spec, cell);
    return call.known.debt == 0
           && now - at >= std::min(timeToLive(call.spec), untilFull(call.spec, cell, at) + kKeptWhenFull);
}

// Somebody who knew nothing began it anew. What it had too much then it still has at most: of two levels under the same takes
// and refills the higher one comes nearer, never further away.
Memory merge(Bucket &bucket, const BucketCall &call)
{
    const Known &known = call.known;
    const Tokens beganWith = std::clamp<Tokens>(
        roomOf(bucket.spec, bucket.cell) - bucket.debt + bucket.taken - bucket.refilled, 0, bucket.spec.capacity);
    const Tokens level = levelOf(call.spec, call.known, Micros{bucket.born});
    owe(bucket, std::max<Tokens>(0, beganWith - level));
    addToTotal(bucket.refilled,
               known.refilled
                   + std::max<Tokens>(0, std::min(beganWith, level) - levelOf(call.spec, call.known, Micros{0})));
    addToTotal(bucket.admitted, known.admitted);
    addToTotal(bucket.refused, known.refused);
    addToTotal(bucket.taken, known.taken);
    bucket.losses = lossAfter(std::max(known.losses, bucket.losses), Micros{bucket.born});
    bucket.born = known.born;
    bucket.restored = known.taken;
    return Memory::WentBack;
}

// It was restored by somebody who knew less. It had at most a full bucket then; what had come back until then is owed by
// nobody.
Memory catchUp(Bucket &bucket, const BucketCall &call)
{
    if (call.known.taken <= bucket.restored)
        return Memory::Intact;
    const std::int64_t extra = call.known.taken - bucket.restored;
    const Tokens unpaid = std::min(extra, call.spec.capacity - levelOf(call.spec, call.known, Micros{bucket.losses}));
    if (unpaid > 0)
        owe(bucket, unpaid);
    addToTotal(bucket.refilled, extra - unpaid);
    addToTotal(bucket.taken, extra);
    bucket.restored = call.known.taken;
    return unpaid > 0 ? Memory::CaughtUp : Memory::Intact;
}

Memory compare(Bucket &bucket, const BucketCall &call, Micros now)
{
    const Known &known = call.known;
    if (!known.isKnown())
        return Memory::Intact;
    if (bucket.born != known.born)
        return known.born < bucket.born || bucket.losses <= known.losses ? merge(bucket, call) : Memory::Intact;
    if (bucket.losses > known.losses)
        return catchUp(bucket, call);
    if (bucket.taken >= known.taken)
        return Memory::Intact;
    setTo(bucket, call, now); // an older copy
    return Memory::WentBack;
}

void letTimePass(Bucket &bucket, const TakeInput &input)
{
    const bool isLeft = !input.appliesDue && bucket.spec.algorithm == Algorithm::TokenBucket;
    if (isLeft && input.now > timeOf(bucket.spec, bucket.cell))
        return;
    const Tokens before = roomOf(bucket.spec, bucket.cell);
    bucket.regressions += advance(bucket.spec, bucket.cell, input.now) ? 1 : 0;
    addToTotal(bucket.refilled, roomOf(bucket.spec, bucket.cell) - before);
}

Memory open(std::optional<Bucket> &bucket, const BucketCall &call, const TakeInput &input, bool &isAdvanced)
{
    Memory memory = Memory::Intact;
    if (bucket) {
        memory = compare(*bucket, call, input.now);
    } else if (!call.known.isKnown()) {
        bucket = newBucket(call, input.now);
        memory = Memory::Began;
    } else {
        setTo(bucket.emplace(), call, input.now);
        memory = isOutlived(call, input.now) ? Memory::Intact : Memory::Lost;
    }
    const Micros before = timeOf(bucket->spec, bucket->cell);
    letTimePass(*bucket, input);
    isAdvanced = timeOf(bucket->spec, bucket->cell) > before;
    if (bucket->debt > 0) // as the script: a charge of nothing may write a cell in another way
        owe(*bucket, std::exchange(bucket->debt, 0));
    if (replaces(call, *bucket) || call.mode != TokenMode::Keep) {
        adopt(bucket->spec, call.spec, bucket->cell, call.mode, input.now);
        bucket->spec = call.spec;
        bucket->epoch = call.epoch;
        if (call.mode == TokenMode::Refill || call.mode == TokenMode::Drain)
            bucket->debt = 0; // somebody has set the level
    }
    return memory;
}

// For waits. What is due and left to the refiller may come with the next interval at the earliest.
Cell waitingCell(const Bucket &bucket, Micros now)
{
    Cell cell = bucket.cell;
    if (auto *intervals = std::get_if<kernels::TokenBucketCell>(&cell))
        intervals->interval = std::max<std::int64_t>(intervals->interval, now / bucket.spec.interval);
    return cell;
}

// What is owed is paid first, in so many intervals at the most.
std::optional<Micros> untilRoom(const Bucket &bucket, Tokens cost, Micros now)
{
    const std::optional<Micros> wait = untilRoom(bucket.spec, waitingCell(bucket, now), cost, now);
    if (!wait || bucket.debt == 0)
        return wait;
    const std::int64_t paid =
        saturatingMultiply(ceilDiv(bucket.debt, bucket.spec.refill), bucket.spec.interval.count());
    return std::min(Micros{saturatingAdd(wait->count(), paid)}, kMaxWait);
}

// A stale call tells only what is in force.
TakeOutput staleOutput(std::span<const std::optional<Bucket>> buckets, const TakeInput &input)
{
    TakeOutput output;
    output.isStale = true;
    output.now = input.now;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        BucketOutput answer;
        answer.isStale = buckets[i] && replaces(*buckets[i], input.buckets[i]);
        answer.inForce = answer.isStale ? buckets[i]->spec : input.buckets[i].spec;
        answer.epoch = answer.isStale ? buckets[i]->epoch : input.buckets[i].epoch;
        output.buckets.push_back(answer);
    }
    return output;
}

// Who applied the last interval; from now on this caller, if it has.
std::string refillerOf(Bucket &bucket, std::string_view caller, bool isAdvanced)
{
    const auto *cell = std::get_if<kernels::TokenBucketCell>(&bucket.cell);
    if (!cell)
        return {};
    if (isAdvanced) {
        bucket.refiller = caller;
        bucket.refillerAt = cell->interval;
    }
    return bucket.refiller.empty() || bucket.refillerAt == cell->interval ? bucket.refiller : "-";
}

class Turn {
public:
    Turn(std::span<std::optional<Bucket>> buckets, const AskRun &run, Micros now)
        : m_buckets{buckets}, m_run{run}, m_now{now}
    {
    }

    RunOutput take()
    {
        RunOutput output;
        output.granted = m_run.count;
        if (m_run.givesBack) {
            for (const Ask &ask : m_run.asks)
                putBack(*m_buckets[ask.bucket], ask.cost);
            output.asks.resize(m_run.asks.size());
            return output;
        }
        for (const Ask &ask : m_run.asks)
            if (!ask.isShadow)
                output.granted = std::min(output.granted, affordable(ask));
        for (const Ask &ask : m_run.asks)
            output.asks.push_back(takeFor(ask, output.granted));
        return output;
    }

private:
    [[nodiscard]] std::int64_t affordable(const Ask &ask) const
    {
        const Bucket &bucket = *m_buckets[ask.bucket];
        return ask.cost == 0 ? m_run.count : roomOf(bucket.spec, bucket.cell) / ask.cost;
    }

    AskOutput takeFor(const Ask &ask, std::int64_t granted)
    {
        Bucket &bucket = *m_buckets[ask.bucket];
        AskOutput output;
        output.taken = ask.isShadow ? std::min(granted, affordable(ask)) : granted;
        if (output.taken * ask.cost > 0)
            limit::take(bucket.spec, bucket.cell, output.taken * ask.cost);
        // Of a shadow: would it have refused one that was admitted? Else: could it not take the next one?
        const bool lacks = roomOf(bucket.spec, bucket.cell) < ask.cost;
        output.isRefusing = ask.isShadow ? output.taken < granted : lacks && granted < m_run.count;
        addToTotal(bucket.admitted, output.taken);
        addToTotal(bucket.taken, output.taken * ask.cost);
        if (output.isRefusing)
            addToTotal(bucket.refused, ask.isShadow ? granted - output.taken : m_run.count - granted);
        return output;
    }

    void putBack(Bucket &bucket, Tokens cost) const
    {
        if (cost > bucket.spec.capacity) {
            bucket.refused = std::max<std::int64_t>(bucket.refused - m_run.count, 0);
            return;
        }
        addToTotal(bucket.refilled, giveBack(bucket.spec, bucket.cell, saturatingMultiply(cost, m_run.count), m_now));
        bucket.admitted = std::max<std::int64_t>(bucket.admitted - m_run.count, 0);
    }

    std::span<std::optional<Bucket>> m_buckets;
    const AskRun &m_run;
    Micros m_now;
};

// From the levels after the whole call: a retry meets those.
void addWaits(std::span<const std::optional<Bucket>> buckets, const TakeInput &input, TakeOutput &output)
{
    for (std::size_t i = 0; i < input.runs.size(); ++i)
        for (std::size_t k = 0; k < input.runs[i].asks.size(); ++k) {
            const Ask &ask = input.runs[i].asks[k];
            AskOutput &answer = output.runs[i].asks[k];
            const Bucket &bucket = *buckets[ask.bucket];
            const bool isWaiting = output.runs[i].granted < input.runs[i].count && !ask.isShadow;
            if (isWaiting || answer.isRefusing)
                answer.wait = untilRoom(bucket, ask.cost, input.now);
        }
}

} // namespace

BucketOutput told(const Bucket &bucket, Micros now, Tokens unit)
{
    BucketOutput output;
    output.inForce = bucket.spec;
    output.epoch = bucket.epoch;
    output.room = roomOf(bucket.spec, bucket.cell) / unit;
    if (const Tokens full = bucket.spec.capacity / unit; output.room < full) {
        output.untilChange = *untilRoom(bucket, (output.room + 1) * unit, now);
        output.untilFull = *untilRoom(bucket, full * unit, now);
    }
    output.known = knownOf(bucket);
    output.restored = bucket.restored;
    return output;
}

TakeOutput take(std::span<std::optional<Bucket>> buckets, const TakeInput &input)
{
    assert(buckets.size() == input.buckets.size());
    for (std::size_t i = 0; i < buckets.size(); ++i)
        if (buckets[i] && replaces(*buckets[i], input.buckets[i]))
            return staleOutput(buckets, input);
    TakeOutput output;
    output.now = input.now;
    std::vector<Memory> memories;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        bool isAdvanced = false;
        memories.push_back(open(buckets[i], input.buckets[i], input, isAdvanced));
        if (!input.refiller.empty())
            output.refillers.push_back(refillerOf(*buckets[i], input.refiller, isAdvanced));
    }
    for (const AskRun &run : input.runs)
        output.runs.push_back(Turn{buckets, run, input.now}.take());
    addWaits(buckets, input, output);
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        output.buckets.push_back(told(*buckets[i], input.now));
        output.buckets.back().memory = memories[i];
    }
    return output;
}

Known knownFrom(const Known &before, const Known &sent, const BucketOutput &output)
{
    if (output.isStale)
        return before;
    const Known &after = output.known;
    const bool isUnheardOf =
        sent != before && after.born == before.born && after.losses > before.losses && output.restored < before.taken;
    return isUnheardOf ? before : after;
}

Known knownUnder(const LimitSpec &to, const Known &known, const LimitSpec &from, Micros now)
{
    if (!known.isKnown() || hasSameNumbers(to, from))
        return known;
    Known changed = known;
    Cell cell = cellOf(from, known);
    adopt(from, to, cell, TokenMode::Keep, now);
    changed.cell = {};
    const std::vector<std::int64_t> numbers = numbersOf(cell);
    std::copy(numbers.begin(), numbers.end(), changed.cell.begin());
    return changed;
}

Tokens roomOf(const LimitSpec &spec, const Known &known, Micros now)
{
    return std::max<Tokens>(0, levelOf(spec, known, now));
}

} // namespace weir::limit

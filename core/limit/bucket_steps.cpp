// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/bucket_steps.h"

#include <algorithm>
#include <utility>

#include "core/base/whole.h"
#include "core/limit/kernels/token_bucket_cell.h"

namespace weir::limit::steps {
namespace {

Bucket newBucket(const TakeInput &input)
{
    Bucket bucket;
    bucket.spec = input.spec;
    bucket.epoch = input.epoch;
    bucket.tokens = input.spec.startTokens();
    bucket.interval = intervalAt(input.now, input.spec.interval);
    bucket.born = std::max<std::int64_t>(input.now.count(), 1);
    return bucket;
}

void setTo(Bucket &bucket, const TakeInput &input)
{
    const Known &known = input.known;
    bucket.spec = input.spec;
    bucket.epoch = input.epoch;
    bucket.tokens = known.tokens;
    bucket.interval = known.interval;
    bucket.admitted = known.admitted;
    bucket.refused = known.refused;
    bucket.taken = known.taken;
    bucket.refilled = known.refilled;
    bucket.born = known.born;
    bucket.losses = lossAfter(known.losses, input.now); // somebody may know of more that was taken
    bucket.restored = known.taken;
    bucket.debt = known.debt;
}

// Is what is known older than the time to live of a bucket? By now it would be full again; what is owed is not reckoned.
bool isOutlived(const TakeInput &input)
{
    const std::int64_t passed = intervalAt(input.now, input.spec.interval) - input.known.interval;
    return input.known.debt == 0 && passed > ceilDiv(input.spec.capacity, input.spec.refill) + 1;
}

Memory bringBack(Bucket &bucket, const TakeInput &input)
{
    setTo(bucket, input);
    return isOutlived(input) ? Memory::Intact : Memory::Lost;
}

// Taken by somebody already; what is not there any more is paid by the next refills.
void owe(Bucket &bucket, Tokens taken)
{
    const Tokens paid = std::min(bucket.tokens, taken);
    bucket.tokens -= paid;
    addToTotal(bucket.debt, taken - paid);
}

// The level at `time` as the caller knew it, less what was owed, had nobody taken since.
Tokens knownLevel(const TakeInput &input, std::int64_t time)
{
    const Tokens level = input.known.tokens - input.known.debt;
    const std::int64_t passed = intervalAt(Micros{time}, input.spec.interval) - input.known.interval;
    return level + addedBy(std::max<std::int64_t>(0, passed), level, input.spec);
}

// Somebody who knew nothing began it anew. What it had too much then it still has at most: of two levels under the same takes
// and refills the higher one comes nearer, never further away.
Memory merge(Bucket &bucket, const TakeInput &input)
{
    const Known &known = input.known;
    const Tokens beganWith =
        std::clamp<Tokens>(bucket.tokens - bucket.debt + bucket.taken - bucket.refilled, 0, bucket.spec.capacity);
    const Tokens level = knownLevel(input, bucket.born);
    owe(bucket, std::max<Tokens>(0, beganWith - level));
    addToTotal(bucket.refilled,
               known.refilled + std::max<Tokens>(0, std::min(beganWith, level) - known.tokens + known.debt));
    addToTotal(bucket.admitted, known.admitted);
    addToTotal(bucket.refused, known.refused);
    addToTotal(bucket.taken, known.taken);
    bucket.losses = lossAfter(std::max(known.losses, bucket.losses), Micros{bucket.born});
    bucket.born = known.born;
    bucket.restored = known.taken;
    return Memory::WentBack;
}

// It had at most a full bucket when it was restored; what refills had made up for until then is owed by nobody.
Memory catchUp(Bucket &bucket, const TakeInput &input)
{
    const Known &known = input.known;
    if (known.taken <= bucket.restored)
        return Memory::Intact;
    const std::int64_t extra = known.taken - bucket.restored;
    const Tokens unpaid = std::min(extra, input.spec.capacity - knownLevel(input, bucket.losses));
    if (unpaid > 0)
        owe(bucket, unpaid);
    addToTotal(bucket.refilled, extra - unpaid);
    addToTotal(bucket.taken, extra);
    bucket.restored = known.taken;
    return unpaid > 0 ? Memory::CaughtUp : Memory::Intact;
}

Memory compare(Bucket &bucket, const TakeInput &input)
{
    const Known &known = input.known;
    if (!known.isKnown())
        return Memory::Intact;
    if (bucket.born != known.born)
        return known.born < bucket.born || bucket.losses <= known.losses ? merge(bucket, input) : Memory::Intact;
    if (bucket.losses > known.losses)
        return catchUp(bucket, input);
    if (bucket.taken >= known.taken)
        return Memory::Intact;
    setTo(bucket, input);
    return Memory::WentBack;
}

Tokens applyDueIntervals(Bucket &bucket, const TakeInput &input)
{
    const std::int64_t current = intervalAt(input.now, bucket.spec.interval);
    if (current == bucket.interval || (current > bucket.interval && !input.appliesDue))
        return 0;
    kernels::TokenBucketCell cell{bucket.tokens, bucket.interval};
    const bool isRegressed = kernels::advance(bucket.spec, cell, input.now);
    const Tokens added = cell.tokens - bucket.tokens;
    if (cell.interval > bucket.interval)
        bucket.refiller = input.refiller;
    bucket.tokens = cell.tokens;
    bucket.interval = cell.interval;
    bucket.regressions += isRegressed ? 1 : 0;
    addToTotal(bucket.refilled, added);
    return added;
}

void adopt(Bucket &bucket, const TakeInput &input)
{
    kernels::TokenBucketCell cell{bucket.tokens, bucket.interval};
    kernels::adopt(bucket.spec, input.spec, cell, input.mode, input.now);
    bucket.tokens = cell.tokens;
    bucket.interval = cell.interval;
    bucket.spec = input.spec;
    bucket.epoch = input.epoch;
    if (input.mode == TokenMode::Refill || input.mode == TokenMode::Drain)
        bucket.debt = 0; // somebody has set the level
}

} // namespace

std::int64_t lossAfter(std::int64_t losses, Micros now)
{
    return std::min(std::max(losses + 1, now.count()), kMaxTotal);
}

std::int64_t intervalAt(Micros time, Micros interval)
{
    return time.count() / interval.count();
}

void addToTotal(std::int64_t &total, std::int64_t more)
{
    total = std::min(saturatingAdd(total, more), kMaxTotal);
}

Tokens addedBy(std::int64_t intervals, Tokens tokens, const LimitSpec &spec)
{
    const Tokens missing = spec.capacity - tokens;
    return intervals >= ceilDiv(missing, spec.refill) ? missing : intervals * spec.refill;
}

void open(std::optional<Bucket> &bucket, const TakeInput &input, TakeOutput &output)
{
    output.now = input.now;
    if (!bucket && !input.known.isKnown()) {
        bucket = newBucket(input);
        output.memory = Memory::Began;
    } else if (!bucket) {
        bucket.emplace();
        output.memory = bringBack(*bucket, input);
    } else if (replaces(*bucket, input)) {
        output.isStale = true;
        return;
    } else {
        output.memory = compare(*bucket, input);
    }
    output.refilled = applyDueIntervals(*bucket, input);
    owe(*bucket, std::exchange(bucket->debt, 0));
    if (replaces(input, *bucket) || input.mode != TokenMode::Keep)
        adopt(*bucket, input);
}

void close(const Bucket &bucket, const TakeInput &input, TakeOutput &output)
{
    output.inForce = bucket.spec;
    output.epoch = bucket.epoch;
    output.tokens = bucket.tokens;
    // Intervals may be due that a stale call, or one that leaves them to the refiller, has not applied.
    const std::int64_t interval = std::max(bucket.interval, intervalAt(input.now, bucket.spec.interval));
    output.nextRefill = Micros{(interval + 1) * bucket.spec.interval.count()} - input.now;
    output.admitted = bucket.admitted;
    output.refused = bucket.refused;
    if (output.isStale)
        return;
    output.taken = bucket.taken;
    output.refilledTotal = bucket.refilled;
    output.interval = bucket.interval;
    output.born = bucket.born;
    output.losses = bucket.losses;
    output.restored = bucket.restored;
    output.debt = bucket.debt;
    if (input.refiller != "-")
        output.refiller = bucket.refiller;
}

} // namespace weir::limit::steps

// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/store/script_words.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/redis/store/script_numbers.h"

namespace weir::redis {
namespace {

// RETURN of lua/take.lua.
constexpr std::size_t kStaleNumbers = 6;
constexpr std::size_t kBucketNumbers = 15;
constexpr std::size_t kAskNumbers = 3;
constexpr std::size_t kSettleNumbers = 4 + kBucketNumbers;

/// ARGV[3] of the scripts: each limit of a call once.
class LimitList {
public:
    /// The place of a call's limit, from 1.
    std::int64_t placeOf(const limit::BucketCall &call)
    {
        const auto same = [&](const limit::BucketCall *one) {
            return one->epoch == call.epoch && one->mode == call.mode && one->spec == call.spec;
        };
        const auto found = std::find_if(m_limits.begin(), m_limits.end(), same);
        const auto place = found - m_limits.begin() + 1;
        if (found == m_limits.end())
            m_limits.push_back(&call);
        return place;
    }
    [[nodiscard]] QByteArray packed() const
    {
        NumberWriter limits{7 * m_limits.size()};
        for (const limit::BucketCall *call : m_limits)
            limits.add({static_cast<std::int64_t>(call->spec.algorithm), call->epoch, call->spec.capacity,
                        call->spec.refill, call->spec.interval.count(), call->spec.startTokens(),
                        static_cast<std::int64_t>(call->mode)});
        return limits.bytes();
    }

private:
    std::vector<const limit::BucketCall *> m_limits;
};

// MODES of lua/buckets.lua.
static_assert(static_cast<int>(limit::TokenMode::Keep) == 0 && static_cast<int>(limit::TokenMode::Proportional) == 1
              && static_cast<int>(limit::TokenMode::Refill) == 2 && static_cast<int>(limit::TokenMode::Drain) == 3);

/// ARGV[1..4].
template<class Bucket>
Words headOf(const std::vector<Bucket> &buckets, Micros now, bool appliesDue)
{
    LimitList limits;
    NumberWriter known{11 * buckets.size()};
    for (const Bucket &bucket : buckets) {
        const limit::Known &k = bucket.call.known;
        known.add({limits.placeOf(bucket.call), k.born, k.losses, k.taken, k.admitted, k.refused, k.refilled, k.debt,
                   k.cell[0], k.cell[1], k.cell[2]});
    }
    return {QByteArray::number(static_cast<qlonglong>(now.count())),
            appliesDue ? QByteArrayLiteral("1") : QByteArrayLiteral("0"), limits.packed(), known.bytes()};
}

template<class Request>
Words bucketKeys(const Request &request, bool isSpread, const KeyNames &names)
{
    Words keys;
    keys.reserve(request.buckets.size());
    for (const auto &bucket : request.buckets)
        keys.push_back(names.bucket(isSpread ? request.group : std::string{}, bucket.name));
    return keys;
}

limit::BucketOutput readStale(NumberReader &numbers, const limit::BucketCall &call)
{
    limit::BucketOutput output;
    output.isStale = numbers.next() == 1;
    output.epoch = numbers.next();
    output.inForce = call.spec;
    output.inForce.algorithm = static_cast<limit::Algorithm>(
        std::clamp<std::int64_t>(numbers.next(), 0, static_cast<std::int64_t>(limit::kAlgorithmNames.size()) - 1));
    readLimitNumbers(numbers, output.inForce);
    return output;
}

limit::BucketOutput readBucket(NumberReader &numbers, const limit::BucketCall &call)
{
    limit::BucketOutput output;
    output.inForce = call.spec;
    output.epoch = call.epoch;
    output.room = numbers.next();
    output.untilChange = Micros{numbers.next()};
    output.untilFull = Micros{numbers.next()};
    limit::Known &known = output.known;
    known.admitted = numbers.next();
    known.refused = numbers.next();
    known.taken = numbers.next();
    known.refilled = numbers.next();
    known.born = numbers.next();
    known.losses = numbers.next();
    output.restored = numbers.next();
    output.memory = readMemory(numbers);
    known.debt = numbers.next();
    for (std::int64_t &n : known.cell)
        n = numbers.next();
    return output;
}

limit::RunOutput readRun(NumberReader &numbers, const limit::AskRun &run)
{
    limit::RunOutput output;
    output.granted = numbers.next();
    output.asks.reserve(run.asks.size());
    for (std::size_t i = 0; i < run.asks.size(); ++i) {
        limit::AskOutput ask;
        ask.taken = numbers.next();
        ask.isRefusing = numbers.next() == 1;
        const std::int64_t wait = numbers.next();
        ask.wait = wait > limit::kMaxTotal ? std::nullopt : std::optional{Micros{wait}};
        output.asks.push_back(ask);
    }
    return output;
}

} // namespace

Words keysOf(const store::TakeRequest &request, bool isSpread, const KeyNames &names)
{
    return bucketKeys(request, isSpread, names);
}

Words keysOf(const store::SettleRequest &request, bool isSpread, const KeyNames &names)
{
    Words keys = bucketKeys(request, isSpread, names);
    const std::size_t buckets = keys.size();
    for (std::size_t i = 0; i < buckets; ++i)
        keys.push_back(KeyNames::mark(keys[i], request.instance));
    return keys;
}

Words argumentsOf(const store::TakeRequest &request, Micros now)
{
    Words words = headOf(request.buckets, now, request.appliesDue);
    NumberWriter runs{8 * request.runs.size()};
    for (const limit::AskRun &run : request.runs) {
        runs.add({run.count, static_cast<std::int64_t>(run.asks.size())});
        for (const limit::Ask &ask : run.asks)
            runs.add(
                {static_cast<std::int64_t>(ask.bucket) + 1, ask.cost, run.givesBack ? 2 : std::int64_t{ask.isShadow}});
    }
    words.push_back(runs.bytes());
    if (!request.refiller.empty())
        words.push_back(QByteArray::fromStdString(request.refiller));
    return words;
}

Words argumentsOf(const store::SettleRequest &request, Micros now)
{
    Words words = headOf(request.buckets, now, request.appliesDue);
    NumberWriter settlements{15 * request.buckets.size()};
    for (const auto &bucket : request.buckets) {
        const limit::Settlement &settlement = bucket.settlement;
        settlements.add({settlement.outage, settlement.part,
                         std::int64_t{settlement.isWhole} + (settlement.hasBase ? 2 : 0), settlement.baseTaken,
                         settlement.had, settlement.inDoubt, settlement.base[0], settlement.base[1], settlement.base[2],
                         settlement.cell[0], settlement.cell[1], settlement.cell[2], settlement.spent,
                         settlement.admitted, settlement.refused});
    }
    words.push_back(settlements.bytes());
    return words;
}

Result<limit::TakeOutput> readTake(const Reply &reply, const store::TakeRequest &request)
{
    if (reply.isError())
        return errorOf(reply);
    if (reply.items.size() < 3)
        return malformed();
    limit::TakeOutput output;
    output.isStale = reply.items[0].integer == 1;
    output.now = Micros{reply.items[1].integer};
    NumberReader numbers{reply.items[2].text};
    if (!numbers.has(request.buckets.size() * (output.isStale ? kStaleNumbers : kBucketNumbers)))
        return malformed();
    output.buckets.reserve(request.buckets.size());
    for (const auto &bucket : request.buckets)
        output.buckets.push_back(output.isStale ? readStale(numbers, bucket.call) : readBucket(numbers, bucket.call));
    if (numbers.hasBroken())
        return malformed();
    if (output.isStale)
        return output;
    std::size_t expected = 0;
    for (const limit::AskRun &run : request.runs)
        expected += 1 + kAskNumbers * run.asks.size();
    if (reply.items.size() < 4)
        return malformed();
    NumberReader verdicts{reply.items[3].text};
    if (!verdicts.has(expected))
        return malformed();
    output.runs.reserve(request.runs.size());
    for (const limit::AskRun &run : request.runs)
        output.runs.push_back(readRun(verdicts, run));
    if (verdicts.hasBroken())
        return malformed();
    if (request.refiller.empty())
        return output;
    if (reply.items.size() < 5 || reply.items[4].items.size() != request.buckets.size())
        return malformed();
    for (const Reply &name : reply.items[4].items)
        output.refillers.push_back(plainWords(name.text));
    return output;
}

Result<std::vector<limit::SettleOutput>> readSettle(const Reply &reply, const store::SettleRequest &request)
{
    if (reply.isError())
        return errorOf(reply);
    if (reply.items.size() < 3)
        return malformed();
    const bool isStale = reply.items[0].integer == 1;
    NumberReader numbers{reply.items[2].text};
    if (!numbers.has(request.buckets.size() * (isStale ? kStaleNumbers : kSettleNumbers)))
        return malformed();
    std::vector<limit::SettleOutput> outputs;
    for (const auto &bucket : request.buckets) {
        limit::SettleOutput output;
        if (isStale) {
            output.bucket = readStale(numbers, bucket.call);
        } else {
            output.isSettled = numbers.next() == 1;
            output.isExact = numbers.next() == 1;
            output.excess = numbers.next();
            output.foundTaken = numbers.next();
            output.bucket = readBucket(numbers, bucket.call);
        }
        outputs.push_back(output);
    }
    if (numbers.hasBroken())
        return malformed();
    return outputs;
}

} // namespace weir::redis

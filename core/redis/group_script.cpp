// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/group_script.h"

#include <algorithm>

#include "core/redis/script_set.h"

namespace weir::redis {
namespace {

// RETURN of lua/take_all.lua.
constexpr std::size_t kStaleNumbers = 6;
constexpr std::size_t kBucketNumbers = 14;
constexpr std::size_t kAskNumbers = 3;
constexpr std::size_t kSettleNumbers = 3 + kBucketNumbers;

QByteArray number(std::int64_t n)
{
    return QByteArray::number(static_cast<qlonglong>(n));
}

template<class Bucket>
Words headOf(const std::vector<Bucket> &buckets, Micros now, bool appliesDue)
{
    Words words{number(now.count()), appliesDue ? QByteArrayLiteral("1") : QByteArrayLiteral("0"),
                number(static_cast<std::int64_t>(buckets.size()))};
    words.reserve(words.size() + 24 * buckets.size());
    for (const Bucket &bucket : buckets) {
        const limit::BucketCall &call = bucket.call;
        const limit::CellKnown &known = call.known;
        const std::string_view name = limit::nameOf(call.spec.algorithm);
        words.emplace_back(name.data(), static_cast<qsizetype>(name.size()));
        for (const std::int64_t n : {call.epoch, call.spec.capacity, call.spec.refill,
                                     std::int64_t{call.spec.interval.count()}, call.spec.startTokens()})
            words.push_back(number(n));
        words.push_back(modeWord(call.mode).toByteArray());
        for (const std::int64_t n : {known.born, known.losses, known.taken, known.admitted, known.refused,
                                     known.refilled, known.cell[0], known.cell[1], known.cell[2]})
            words.push_back(number(n));
    }
    return words;
}

template<class Request>
Words bucketKeys(const Request &request, bool isSpread)
{
    Words keys;
    for (const auto &bucket : request.buckets)
        keys.push_back(bucketKey(isSpread ? request.group : std::string{}, bucket.name));
    return keys;
}

Error malformed()
{
    return {Error::Code::Protocol, "the answer of the script has not the promised shape", false};
}

/// The numbers of an answer, one after the other.
class Numbers {
public:
    explicit Numbers(const std::vector<Reply> &items) : m_items{items} {}
    [[nodiscard]] std::size_t left() const { return m_items.size() - m_at; }
    std::int64_t next() { return m_items[m_at++].integer; }

private:
    const std::vector<Reply> &m_items;
    std::size_t m_at{0};
};

limit::BucketOutput readStale(Numbers &numbers, const limit::BucketCall &call)
{
    limit::BucketOutput output;
    output.isStale = numbers.next() == 1;
    output.epoch = numbers.next();
    output.inForce = call.spec;
    output.inForce.algorithm = static_cast<limit::Algorithm>(
        std::clamp<std::int64_t>(numbers.next(), 0, static_cast<std::int64_t>(limit::kAlgorithmNames.size()) - 1));
    output.inForce.capacity = numbers.next();
    output.inForce.refill = numbers.next();
    output.inForce.interval = Micros{numbers.next()};
    return output;
}

limit::BucketOutput readBucket(Numbers &numbers, const limit::BucketCall &call)
{
    limit::BucketOutput output;
    output.inForce = call.spec;
    output.epoch = call.epoch;
    output.room = numbers.next();
    output.untilChange = Micros{numbers.next()};
    output.untilFull = Micros{numbers.next()};
    limit::CellKnown &known = output.known;
    known.admitted = numbers.next();
    known.refused = numbers.next();
    known.taken = numbers.next();
    known.refilled = numbers.next();
    known.born = numbers.next();
    known.losses = numbers.next();
    output.restored = numbers.next();
    output.memory = static_cast<limit::Memory>(std::clamp<std::int64_t>(numbers.next(), 0, 4));
    for (std::int64_t &n : known.cell)
        n = numbers.next();
    return output;
}

limit::RunOutput readRun(Numbers &numbers, const limit::AskRun &run)
{
    limit::RunOutput output;
    output.granted = numbers.next();
    for (std::size_t i = 0; i < run.asks.size(); ++i) {
        limit::AskOutput ask;
        ask.taken = numbers.next();
        ask.isRefusing = numbers.next() == 1;
        const std::int64_t wait = numbers.next();
        ask.wait = wait < 0 ? std::nullopt : std::optional{Micros{wait}};
        output.asks.push_back(ask);
    }
    return output;
}

} // namespace

QByteArray bucketKey(const std::string &group, const std::string &name)
{
    const QByteArray text = QByteArray::fromStdString(name);
    return group.empty() || group == name ? "weir:{" + text + "}"
                                          : "weir:{" + QByteArray::fromStdString(group) + "}:" + text;
}

Words keysOf(const store::GroupRequest &request, bool isSpread)
{
    return bucketKeys(request, isSpread);
}

Words keysOf(const store::GroupSettleRequest &request, bool isSpread)
{
    Words keys = bucketKeys(request, isSpread);
    const std::size_t buckets = keys.size();
    for (std::size_t i = 0; i < buckets; ++i)
        keys.push_back(keys[i] + ":settled:" + QByteArray::fromStdString(request.instance));
    return keys;
}

Words argumentsOf(const store::GroupRequest &request, Micros now)
{
    Words words = headOf(request.buckets, now, request.appliesDue);
    for (const limit::AskRun &run : request.runs) {
        words.push_back(number(run.count));
        words.push_back(number(static_cast<std::int64_t>(run.asks.size())));
        for (const limit::Ask &ask : run.asks) {
            words.push_back(number(static_cast<std::int64_t>(ask.bucket) + 1));
            words.push_back(number(ask.cost));
            words.push_back(ask.isShadow ? QByteArrayLiteral("1") : QByteArrayLiteral("0"));
        }
    }
    return words;
}

Words argumentsOf(const store::GroupSettleRequest &request, Micros now)
{
    Words words = headOf(request.buckets, now, true);
    for (const auto &bucket : request.buckets) {
        const limit::CellSettlement &settlement = bucket.settlement;
        for (const std::int64_t n : {settlement.outage, settlement.part, std::int64_t{settlement.isWhole},
                                     settlement.baseTaken, settlement.inDoubt, settlement.cell[0], settlement.cell[1],
                                     settlement.cell[2], settlement.spent, settlement.admitted, settlement.refused})
            words.push_back(number(n));
    }
    return words;
}

Result<limit::GroupOutput> readTakeAll(const Reply &reply, const store::GroupRequest &request)
{
    if (reply.isError())
        return errorOf(reply);
    Numbers numbers{reply.items};
    if (numbers.left() < 2)
        return malformed();
    limit::GroupOutput output;
    output.isStale = numbers.next() == 1;
    output.now = Micros{numbers.next()};
    std::size_t expected = request.buckets.size() * (output.isStale ? kStaleNumbers : kBucketNumbers);
    if (!output.isStale)
        for (const limit::AskRun &run : request.runs)
            expected += 1 + kAskNumbers * run.asks.size();
    if (numbers.left() != expected)
        return malformed();
    for (const auto &bucket : request.buckets)
        output.buckets.push_back(output.isStale ? readStale(numbers, bucket.call) : readBucket(numbers, bucket.call));
    if (!output.isStale)
        for (const limit::AskRun &run : request.runs)
            output.runs.push_back(readRun(numbers, run));
    return output;
}

Result<std::vector<limit::CellSettleOutput>> readSettleAll(const Reply &reply, const store::GroupSettleRequest &request)
{
    if (reply.isError())
        return errorOf(reply);
    Numbers numbers{reply.items};
    if (numbers.left() < 2)
        return malformed();
    const bool isStale = numbers.next() == 1;
    numbers.next(); // the time
    if (numbers.left() != request.buckets.size() * (isStale ? kStaleNumbers : kSettleNumbers))
        return malformed();
    std::vector<limit::CellSettleOutput> outputs;
    for (const auto &bucket : request.buckets) {
        limit::CellSettleOutput output;
        if (isStale) {
            output.bucket = readStale(numbers, bucket.call);
        } else {
            output.isSettled = numbers.next() == 1;
            output.isExact = numbers.next() == 1;
            output.excess = numbers.next();
            output.bucket = readBucket(numbers, bucket.call);
        }
        outputs.push_back(output);
    }
    return outputs;
}

} // namespace weir::redis

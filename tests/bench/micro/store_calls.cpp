// SPDX-License-Identifier: GPL-3.0-only
// The way to Redis and back, without the socket: core/redis.
#include <cstdlib>
#include <memory>

#include "core/redis/store/script_words.h"
#include "core/redis/store/script_numbers.h"
#include "core/redis/store/script_set.h"
#include "tests/bench/micro/operation.h"

namespace weir::micro {
namespace {

constexpr Micros kNow{1'700'000'000'123'456};

limit::BucketCall callOf(limit::Algorithm algorithm)
{
    limit::BucketCall call;
    call.spec = {1'000'000'000, 1'000'000'000, Micros{1'000'000}, limit::StartLevel::Full, algorithm};
    call.epoch = 7;
    call.known = {kNow.count(), 0, 123'456'789, 123'456'789, 17, 123'450'000, 0, {999'999'000, 1'700'000'000, 0}};
    return call;
}

/// Runs of ten requests, each of which takes from all of the buckets.
store::TakeRequest requestOf(std::size_t buckets, std::size_t runs)
{
    store::TakeRequest request;
    request.group = "per-client";
    for (std::size_t i = 0; i < buckets; ++i)
        request.buckets.push_back({"per-client:203.0.113." + std::to_string(i), callOf(limit::Algorithm::TokenBucket)});
    limit::AskRun run;
    run.count = 10;
    for (std::size_t i = 0; i < buckets; ++i)
        run.asks.push_back({i, 1, false});
    request.runs.assign(runs, run);
    return request;
}

/// As the scripts tell numbers.
QByteArray packed(const std::vector<std::int64_t> &numbers)
{
    redis::NumberWriter writer{numbers.size()};
    for (const std::int64_t number : numbers)
        writer.add({number});
    return "$" + QByteArray::number(writer.bytes().size()) + "\r\n" + writer.bytes() + "\r\n";
}

QByteArray replyOf(std::size_t buckets, std::size_t runs)
{
    std::vector<std::int64_t> told, verdicts;
    for (std::size_t i = 0; i < buckets; ++i)
        told.insert(told.end(), {999998970, 1000, 1000, 123450010, 17, 123456799, 123450000, kNow.count(), 0, 0, 0, 0,
                                 999998970, 1700000000, 0});
    for (std::size_t run = 0; run < runs; ++run) {
        verdicts.push_back(10);
        for (std::size_t i = 0; i < buckets; ++i)
            verdicts.insert(verdicts.end(), {10, 0, 0});
    }
    return "*4\r\n:0\r\n:1700000000123456\r\n" + packed(told) + packed(verdicts);
}

redis::Reply readOne(redis::ReplyReader &reader, const QByteArray &bytes)
{
    reader.feed(bytes);
    auto reply = reader.next();
    if (!reply || !reply.value())
        std::abort();
    return std::move(*reply.value());
}

void addCall(Operations &operations, const std::string &name, std::size_t buckets, std::size_t runs)
{
    const store::TakeRequest request = requestOf(buckets, runs);
    operations.add("call/" + name, [request] {
        return redis::scriptCommand(redis::takeScript(), redis::keysOf(request, false),
                                    redis::argumentsOf(request, Micros{0}), false)
            .size();
    });
    auto reader = std::make_shared<redis::ReplyReader>();
    operations.add("reply/" + name, [reader, request, bytes = replyOf(buckets, runs)] {
        const auto output = redis::readTake(readOne(*reader, bytes), request);
        if (!output)
            std::abort();
        return output.value().runs.size();
    });
}

} // namespace

void addStoreCalls(Operations &operations)
{
    addCall(operations, "one bucket", 1, 1);
    addCall(operations, "three buckets", 3, 1);
    addCall(operations, "three buckets and 32 runs", 3, 32);
}

} // namespace weir::micro

// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/redis_store.h"

#include <array>
#include <charconv>
#include <utility>

#include "core/redis/script_set.h"

namespace weir::redis {
namespace {

using store::TakeRequest;

constexpr QByteArrayView kRegister = "weir:limits";

QByteArray keyOf(const std::string &bucket)
{
    return "weir:{" + QByteArray::fromStdString(bucket) + "}";
}

QByteArrayView word(limit::TokenMode mode)
{
    switch (mode) {
    case limit::TokenMode::Keep:
        return "keep";
    case limit::TokenMode::Proportional:
        return "proportional";
    case limit::TokenMode::Refill:
        return "refill";
    case limit::TokenMode::Drain:
        return "drain";
    }
    return "keep";
}

/// EVALSHA DIGEST 1 KEY ARGV..., or EVAL SOURCE 1 KEY ARGV...
QByteArray takeCommand(const TakeRequest &request, bool withSource)
{
    std::vector<QByteArray> numbers;
    numbers.reserve(5 + 2 * request.runs.size());
    for (const std::int64_t number :
         {request.epoch, request.spec.capacity, request.spec.refill,
          static_cast<std::int64_t>(request.spec.interval.count()), request.spec.startTokens()})
        numbers.push_back(QByteArray::number(static_cast<qlonglong>(number)));
    for (const limit::CostRun &run : request.runs) {
        numbers.push_back(QByteArray::number(static_cast<qlonglong>(run.cost)));
        numbers.push_back(QByteArray::number(static_cast<qlonglong>(run.count)));
    }
    const QByteArray key = keyOf(request.bucket);
    const Script &script = tokenBucketScript();
    std::vector<QByteArrayView> arguments{withSource ? "EVAL" : "EVALSHA", withSource ? script.source : script.sha1,
                                          "1", key};
    arguments.reserve(arguments.size() + numbers.size() + 2);
    arguments.insert(arguments.end(), numbers.begin(), numbers.begin() + 5);
    arguments.push_back(word(request.mode));
    arguments.emplace_back("0"); // the time of the server
    arguments.insert(arguments.end(), numbers.begin() + 5, numbers.end());
    return formatCommand(arguments);
}

Error malformed()
{
    return {Error::Code::Protocol, "the answer of the script has not the promised shape", false};
}

/// The array that lua/token_bucket.lua promises, to its value.
Result<limit::TakeOutput> readTake(const Reply &reply, const TakeRequest &request)
{
    if (reply.isError())
        return errorOf(reply);
    const std::vector<Reply> &items = reply.items;
    if (items.size() < 7)
        return malformed();
    limit::TakeOutput output;
    output.isStale = items[0].integer == 1;
    if (items.size() != (output.isStale ? 11 : 7 + request.runs.size()))
        return malformed();
    output.tokens = items[1].integer;
    output.nextRefill = Micros{items[2].integer};
    output.now = Micros{items[3].integer};
    output.refilled = items[4].integer;
    output.admitted = items[5].integer;
    output.refused = items[6].integer;
    output.inForce = request.spec;
    output.epoch = request.epoch;
    if (output.isStale) {
        output.epoch = items[7].integer;
        output.inForce.capacity = items[8].integer;
        output.inForce.refill = items[9].integer;
        output.inForce.interval = Micros{items[10].integer};
        return output;
    }
    output.granted.reserve(request.runs.size());
    for (std::size_t i = 7; i < items.size(); ++i)
        output.granted.push_back(items[i].integer);
    return output;
}

/// "EPOCH CAPACITY REFILL EVERY_US full|empty", the register's entry.
QByteArray printEntry(const limit::Limit &limit)
{
    const auto number = [](std::int64_t n) { return QByteArray::number(static_cast<qlonglong>(n)); };
    return number(limit.epoch) + ' ' + number(limit.spec.capacity) + ' ' + number(limit.spec.refill) + ' '
           + number(limit.spec.interval.count()) + (limit.spec.start == limit::StartLevel::Full ? " full" : " empty");
}

Error brokenEntry(const std::string &what)
{
    return {Error::Code::State, what + " holds something that is not a limit; it was left as it is", false};
}

Result<std::optional<limit::Limit>> readLimit(const std::string &name, const std::string &where,
                                              const std::vector<QByteArray> &fields)
{
    std::array<std::int64_t, 4> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        bool isNumber = false;
        numbers[i] = fields[i].toLongLong(&isNumber);
        if (!isNumber)
            return brokenEntry(where);
    }
    limit::Limit limit{name, {numbers[1], numbers[2], Micros{numbers[3]}, limit::StartLevel::Full}, numbers[0]};
    if (limit.epoch < 1 || limit.spec.capacity < limit::kMinCapacity || limit.spec.capacity > limit::kMaxCapacity
        || limit.spec.refill < 1 || limit.spec.refill > limit.spec.capacity || limit.spec.interval < limit::kMinInterval
        || limit.spec.interval > limit::kMaxInterval)
        return brokenEntry(where);
    if (fields.size() > 4) {
        if (fields[4] != "full" && fields[4] != "empty")
            return brokenEntry(where);
        limit.spec.start = fields[4] == "full" ? limit::StartLevel::Full : limit::StartLevel::Empty;
    }
    return std::optional{limit};
}

Result<std::optional<limit::Limit>> readRegister(const std::string &name, const Reply &reply)
{
    if (reply.isError())
        return errorOf(reply);
    if (reply.type == Reply::Type::Nil)
        return std::optional<limit::Limit>{};
    const QList<QByteArray> words = reply.text.split(' ');
    if (words.size() != 5)
        return brokenEntry(kRegister.toByteArray().toStdString());
    return readLimit(name, kRegister.toByteArray().toStdString(), {words.begin(), words.end()});
}

Result<std::optional<limit::Limit>> readBucketLimit(const std::string &name, const Reply &reply)
{
    if (reply.isError())
        return errorOf(reply);
    std::vector<QByteArray> fields;
    for (const Reply &item : reply.items) {
        if (item.type == Reply::Type::Nil)
            return std::optional<limit::Limit>{}; // no bucket yet; a broken one is told by the script
        fields.push_back(item.text);
    }
    if (fields.size() != 4)
        return malformed();
    return readLimit(name, keyOf(name).toStdString(), fields);
}

} // namespace

RedisStore::RedisStore(const RedisUrl &url, const LinkOptions &options) : m_link{makeConnection(url, options)}
{
    m_link->start();
}

RedisStore::~RedisStore() = default;

void RedisStore::take(TakeRequest request, store::TakeDone done)
{
    const QByteArray key = keyOf(request.bucket), command = takeCommand(request, false);
    m_link->call(
        key, command, [this, key, request = std::move(request), done = std::move(done)](Result<Reply> result) mutable {
            if (!result)
                return done(result.error());
            if (!result.value().isError("NOSCRIPT"))
                return done(readTake(result.value(), request));
            // A restarted or flushed server; nothing was done. EVAL loads and runs it in one step.
            const QByteArray again = takeCommand(request, true);
            m_link->call(
                key, again, [request = std::move(request), done = std::move(done)](const Result<Reply> &second) {
                    done(second ? readTake(second.value(), request) : Result<limit::TakeOutput>{second.error()});
                });
        });
}

void RedisStore::loadLimit(const std::string &name, store::LimitDone done)
{
    using Found = Result<std::optional<limit::Limit>>;
    const auto registered = std::make_shared<std::optional<Found>>();
    const auto inBucket = std::make_shared<std::optional<Found>>();
    // The two may live on different servers, so either may answer first.
    const auto join = [registered, inBucket, done = std::move(done)] {
        if (!*registered || !*inBucket)
            return;
        if (!**inBucket || !**registered)
            return done(**inBucket ? **registered : **inBucket);
        const auto &a = (*registered)->value();
        const auto &b = (*inBucket)->value();
        if (!a || !b || a->epoch >= b->epoch)
            return done(a ? a : b);
        limit::Limit newest = *b;
        newest.spec.start = a->spec.start; // the bucket does not know it
        done(std::optional{newest});
    };
    m_link->call(kRegister, formatCommand({"HGET", kRegister, QByteArray::fromStdString(name)}),
                 [name, registered, join](const Result<Reply> &result) {
                     registered->emplace(result ? readRegister(name, result.value()) : Found{result.error()});
                     join();
                 });
    m_link->call(keyOf(name), formatCommand({"HMGET", keyOf(name), "epoch", "capacity", "refill", "every"}),
                 [name, inBucket, join](const Result<Reply> &result) {
                     inBucket->emplace(result ? readBucketLimit(name, result.value()) : Found{result.error()});
                     join();
                 });
}

void RedisStore::saveLimit(const limit::Limit &limit, store::WriteDone done)
{
    m_link->call(kRegister,
                 formatCommand({"HSET", kRegister, QByteArray::fromStdString(limit.name), printEntry(limit)}),
                 [done = std::move(done)](const Result<Reply> &result) {
                     if (!result)
                         return done(result.error());
                     if (result.value().isError())
                         return done(errorOf(result.value()));
                     done(Done{});
                 });
}

} // namespace weir::redis

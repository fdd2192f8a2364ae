// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/store/redis_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/redis/store/script_numbers.h"
#include "core/redis/store/script_set.h"

namespace weir::redis {
namespace {

// The register's field beside that of the limit, which names have no '@' in: "EPOCH AUTHOR". An older Weir never looks.
QByteArray authorField(const std::string &name)
{
    return QByteArray::fromStdString(name + "@by");
}

QByteArray number(std::int64_t n)
{
    return QByteArray::number(static_cast<qlonglong>(n));
}

/// "EPOCH CAPACITY REFILL EVERY_US full|empty", the register's entry; behind it the algorithm if it is no token-bucket.
QByteArray printEntry(const limit::Limit &limit)
{
    QByteArray entry = number(limit.epoch) + ' ' + number(limit.spec.capacity) + ' ' + number(limit.spec.refill) + ' '
                       + number(limit.spec.interval.count())
                       + (limit.spec.start == limit::StartLevel::Full ? " full" : " empty");
    if (limit.spec.algorithm != limit::Algorithm::TokenBucket)
        entry.append(' ').append(limit::nameOf(limit.spec.algorithm).data());
    return entry;
}

bool readAlgorithm(const QByteArray &name, limit::Algorithm &algorithm)
{
    const auto found = limit::algorithmOf({name.data(), static_cast<std::size_t>(name.size())});
    algorithm = found.value_or(algorithm);
    return found.has_value();
}

Error brokenEntry(const std::string &what)
{
    return {Error::Code::State, what + " holds something that is not a limit; it was left as it is", false};
}

bool isLimit(const limit::Limit &limit)
{
    const limit::LimitSpec &spec = limit.spec;
    return limit.epoch >= 1 && spec.capacity >= limit::kMinCapacity && spec.capacity <= limit::kMaxCapacity
           && spec.refill >= 1 && spec.refill <= spec.capacity && spec.interval >= limit::kMinInterval
           && spec.interval <= limit::kMaxInterval;
}

Result<std::optional<limit::Limit>> readRegister(const std::string &name, const Reply &reply, const QByteArray &key)
{
    if (reply.isError())
        return errorOf(reply);
    if (reply.type == Reply::Type::Nil)
        return std::optional<limit::Limit>{};
    const Error broken = brokenEntry(key.toStdString());
    const QList<QByteArray> words = reply.text.split(' ');
    if ((words.size() != 5 && words.size() != 6) || (words[4] != "full" && words[4] != "empty"))
        return broken;
    std::array<std::int64_t, 4> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        bool isNumber = false;
        numbers[i] = words[static_cast<qsizetype>(i)].toLongLong(&isNumber);
        if (!isNumber)
            return broken;
    }
    const auto start = words[4] == "full" ? limit::StartLevel::Full : limit::StartLevel::Empty;
    limit::Limit limit{name, {numbers[1], numbers[2], Micros{numbers[3]}, start}, numbers[0]};
    if (!isLimit(limit) || (words.size() == 6 && !readAlgorithm(words[5], limit.spec.algorithm)))
        return broken;
    return std::optional{limit};
}

/// The field `limit` of a bucket.
Result<std::optional<limit::Limit>> readBucketLimit(const std::string &name, const Reply &reply, const QByteArray &key)
{
    if (reply.isError())
        return errorOf(reply);
    if (reply.type == Reply::Type::Nil)
        return std::optional<limit::Limit>{}; // no bucket yet; a broken one is told by the script
    NumberReader numbers{reply.text};
    if (!numbers.has(5))
        return brokenEntry(key.toStdString());
    const std::int64_t algorithm = numbers.next();
    limit::Limit limit{name, {}, numbers.next()};
    readLimitNumbers(numbers, limit.spec);
    if (algorithm >= static_cast<std::int64_t>(limit::kAlgorithmNames.size()) || !isLimit(limit))
        return brokenEntry(key.toStdString());
    limit.spec.algorithm = static_cast<limit::Algorithm>(algorithm);
    return std::optional{limit};
}

// Anybody may have written there, and people read it.
store::Author readAuthor(const QByteArray &text)
{
    const qsizetype space = text.indexOf(' ');
    const QByteArray name = text.mid(space + 1);
    bool isNumber = false;
    const std::int64_t epoch = text.left(space).toLongLong(&isNumber);
    const bool isName = name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char letter) {
                            return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z')
                                   || (letter >= 'a' && letter <= 'z') || QByteArrayView{"._:-"}.contains(letter);
                        });
    return space > 0 && isNumber && isName ? store::Author{epoch, name.toStdString()} : store::Author{};
}

Result<store::InstanceCounts> readInstances(const Reply &reply)
{
    if (reply.isError())
        return errorOf(reply);
    const std::vector<Reply> &items = reply.items;
    const bool isWhole =
        std::all_of(items.begin(), items.end(), [](const Reply &item) { return item.type == Reply::Type::Integer; });
    if ((items.size() != 2 && items.size() != 6) || !isWhole)
        return malformed();
    store::InstanceCounts counts;
    counts.window = items[0].integer;
    counts.time = Micros{items[1].integer};
    if (items.size() == 6) {
        counts.now = items[2].integer;
        counts.before = items[3].integer;
        counts.wasThere = items[4].integer == 1;
        counts.wasThereBefore = items[5].integer == 1;
        if (counts.now < 1 || counts.before < 0) // somebody else has written there: this one is counted by now
            return malformed();
    }
    return counts;
}

// Renamed away, or a user without the right. EVAL, which sends the whole script with every call, may be there all the
// same.
bool isWithoutEvalSha(const Reply &reply)
{
    return reply.isError("ERR unknown command") || (reply.isError("NOPERM") && reply.text.contains("'evalsha'"));
}

} // namespace

RedisStore::RedisStore(const RedisUrl &url, const LinkOptions &options, const std::string &prefix)
    : m_link{makeConnection(url, options)}, m_faults{options.faults}, m_names{prefix}
{
    m_link->start();
}

RedisStore::~RedisStore() = default;

void RedisStore::take(store::TakeRequest request, store::TakeDone done)
{
    const Micros now = timeArgument();
    Words keys = keysOf(request, isSpread(), m_names), argv = argumentsOf(request, now);
    runScript(takeScript(), std::move(keys), std::move(argv),
              [this, now, request = std::move(request), done = std::move(done)](const Result<Reply> &reply) {
                  Result<limit::TakeOutput> output = reply ? readTake(reply.value(), request) : reply.error();
                  if (output)
                      hearTime(now, output.value().now);
                  done(std::move(output));
              });
}

void RedisStore::settle(store::SettleRequest request, store::SettleDone done)
{
    Words keys = keysOf(request, isSpread(), m_names), argv = argumentsOf(request, timeArgument());
    runScript(settleScript(), std::move(keys), std::move(argv),
              [request = std::move(request), done = std::move(done)](const Result<Reply> &reply) {
                  if (!reply)
                      return done(reply.error());
                  done(readSettle(reply.value(), request));
              });
}

bool RedisStore::isSpread() const
{
    return m_link->url().kind == RedisUrl::Kind::Cluster;
}

// All keys are of one bucket or of one group, and so of one slot.
void RedisStore::runScript(const Script &script, Words keys, Words argv, Connection::Handler done)
{
    const QByteArray key = keys.front(), command = scriptCommand(script, keys, argv, !m_hasEvalSha);
    if (!m_hasEvalSha)
        return m_link->call(key, command, std::move(done));
    m_link->call(key, command,
                 [this, &script, key, keys = std::move(keys), argv = std::move(argv),
                  done = std::move(done)](Result<Reply> reply) mutable {
                     if (reply && isWithoutEvalSha(reply.value()))
                         m_hasEvalSha = false;
                     else if (!reply || !reply.value().isError("NOSCRIPT")) // a restarted or flushed server
                         return done(std::move(reply));
                     // Nothing was done. EVAL loads and runs it in one step.
                     m_link->call(key, scriptCommand(script, keys, argv, true), std::move(done));
                 });
}

Micros RedisStore::timeArgument() const
{
    const Micros step{m_faults ? m_faults->stepUs.load(std::memory_order_relaxed) : 0};
    return m_clock.argumentFor(step, std::chrono::steady_clock::now());
}

// An answer to our own time tells nothing about the server's.
void RedisStore::hearTime(Micros argument, Micros told)
{
    if (argument == Micros{0})
        m_clock.hear(told, std::chrono::steady_clock::now());
}

void RedisStore::ping(store::WriteDone done)
{
    m_link->call(formatCommand({"PING"}), [done = std::move(done)](const Result<Reply> &reply) {
        if (!reply)
            return done(reply.error());
        if (reply.value().isError())
            return done(errorOf(reply.value()));
        done(Done{});
    });
}

void RedisStore::countInstances(std::int64_t window, const std::string &instance, store::CountDone done)
{
    runScript(instancesScript(), {m_names.instances(window), m_names.instances(window - 1)},
              {number(window), number(store::kInstanceWindow.count()), QByteArray::fromStdString(instance)},
              [done = std::move(done)](const Result<Reply> &reply) {
                  done(reply ? readInstances(reply.value()) : reply.error());
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
        if (!a || !b || !limit::replaces(*b, *a))
            return done(a ? a : b);
        limit::Limit newest = *b;
        newest.spec.start = a->spec.start; // the bucket does not know it
        done(std::optional{newest});
    };
    const QByteArray limits = m_names.limits(), bucket = m_names.bucket({}, name);
    m_link->call(limits, formatCommand({"HGET", limits, QByteArray::fromStdString(name)}),
                 [name, limits, registered, join](const Result<Reply> &result) {
                     registered->emplace(result ? readRegister(name, result.value(), limits) : Found{result.error()});
                     join();
                 });
    m_link->call(bucket, formatCommand({"HGET", bucket, "limit"}),
                 [name, bucket, inBucket, join](const Result<Reply> &result) {
                     inBucket->emplace(result ? readBucketLimit(name, result.value(), bucket) : Found{result.error()});
                     join();
                 });
}

// Of fields of the register, as many as were asked for.
void RedisStore::readLimits(const std::vector<QByteArray> &fields, Connection::Handler done)
{
    const QByteArray key = m_names.limits();
    std::vector<QByteArray> words{QByteArrayLiteral("HMGET"), key};
    words.insert(words.end(), fields.begin(), fields.end());
    m_link->call(key, formatCommand({words.begin(), words.end()}),
                 [count = fields.size(), done = std::move(done)](Result<Reply> result) {
                     if (result && result.value().isError())
                         return done(errorOf(result.value()));
                     if (result && result.value().items.size() != count)
                         return done(malformed());
                     done(std::move(result));
                 });
}

void RedisStore::loadRegister(const std::vector<std::string> &names, store::RegisterDone done)
{
    std::vector<QByteArray> fields;
    for (const std::string &name : names)
        fields.push_back(QByteArray::fromStdString(name));
    readLimits(fields, [names, key = m_names.limits(), done = std::move(done)](const Result<Reply> &result) {
        if (!result)
            return done(result.error());
        std::vector<std::optional<limit::Limit>> limits;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto limit = readRegister(names[i], result.value().items[i], key);
            if (!limit)
                return done(limit.error());
            limits.push_back(limit.value());
        }
        done(std::move(limits));
    });
}

void RedisStore::loadAuthors(const std::vector<std::string> &names, store::AuthorsDone done)
{
    std::vector<QByteArray> fields;
    for (const std::string &name : names)
        fields.push_back(authorField(name));
    readLimits(fields, [done = std::move(done)](const Result<Reply> &result) {
        if (!result)
            return done(result.error());
        std::vector<store::Author> authors;
        for (const Reply &item : result.value().items)
            authors.push_back(readAuthor(item.text));
        done(std::move(authors));
    });
}

void RedisStore::saveLimit(const limit::Limit &limit, const std::string &author, store::WriteDone done)
{
    const QByteArray key = m_names.limits();
    m_link->call(
        key,
        formatCommand({"HSET", key, QByteArray::fromStdString(limit.name), printEntry(limit), authorField(limit.name),
                       number(limit.epoch) + ' ' + QByteArray::fromStdString(author)}),
        [done = std::move(done)](const Result<Reply> &result) {
            if (!result)
                return done(result.error());
            if (result.value().isError())
                return done(errorOf(result.value()));
            done(Done{});
        });
}

} // namespace weir::redis

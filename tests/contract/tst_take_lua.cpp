// SPDX-License-Identifier: GPL-3.0-only
// Several buckets in one call: the scripts and the C++ kernel tell and keep the same, whatever the callers know, forget and lose.
#include <QTest>

#include <array>
#include <map>

#include "tests/support/random_limit.h"
#include "tests/support/redis_server.h"
#include "tests/support/take_script.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;

namespace {

constexpr int kSequences = 200;
constexpr int kSteps = 100; // 20,000 in all
constexpr std::size_t kBuckets = 5;

/// One limit, what is stored of its bucket, and what callers remember of it.
struct Side {
    LimitSpec spec;
    std::int64_t epoch{1};
    std::optional<Bucket> bucket;
    std::optional<Bucket> older; ///< what an older copy of the store has of it
    SettleMark mark;
    std::vector<std::pair<Known, LimitSpec>> remembered; ///< older and newer
    std::int64_t outage{0};
};

} // namespace

class TestTakeLua : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_redis.start());
        m_counting = takeScriptThatCounts();
    }
    void scriptAndKernelDoTheSame_data();
    void scriptAndKernelDoTheSame();

private:
    /// The answer, and what is kept at the keys afterwards. In one transaction, where Redis keeps its clock still: with an interval
    /// of 10 ms a key would be gone.
    std::pair<RespValue, QByteArrayList> run(const redis::Script &script, const redis::Words &keys,
                                             const redis::Words &argv)
    {
        QList<RedisCommand> commands{{"MULTI"}, evalOf(script, keys, argv)};
        for (const QByteArray &key : keys)
            commands << RedisCommand{"PERSIST", key} << RedisCommand{"HGETALL", key};
        commands << RedisCommand{"EXEC"};
        const QList<RespValue> results = m_redis.pipeline(commands).back().items;
        QByteArrayList kept;
        for (qsizetype i = 2; i < results.size(); i += 2)
            kept << flat(fieldsIn(results.at(i)));
        return {results.value(0), kept};
    }
    [[nodiscard]] LimitSpec anyLimit(Random &random) const
    {
        return randomLimit(random, m_isPlain && !random.oneIn(20) ? Algorithm::TokenBucket : randomAlgorithm(random));
    }
    /// One number differs.
    static LimitSpec nearly(Random &random, LimitSpec spec)
    {
        const bool isWhole = spec.refill == spec.capacity;
        if (random.oneIn(3))
            spec.interval += spec.interval < kMaxInterval ? Micros{1} : Micros{-1};
        else if (isWhole || random.oneIn(2))
            spec.capacity = spec.capacity > spec.refill || (isWhole && spec.capacity > 1) ? spec.capacity - 1 : 2;
        else
            spec.refill = spec.refill > 1 ? spec.refill - 1 : 2;
        if (isWhole)
            spec.refill = spec.capacity;
        shortenBurst(spec);
        return spec;
    }
    void begin(Random &random);
    BucketCall callOf(Random &random, Side &side);
    // What differs, or nothing.
    QByteArray take(Random &random);
    QByteArray settle(Random &random);
    static QByteArray difference(const QByteArray &script, const QByteArray &kernel, const QByteArrayList &stored,
                                 const QByteArrayList &expected);
    void count(const TakeOutput &output);
    void count(const std::vector<SettleOutput> &outputs);
    void meddle(Random &random);
    void forget(Random &random, std::size_t place);

    RedisServer m_redis;
    std::array<Side, kBuckets> m_sides;
    Micros m_now{0};
    redis::Script m_counting;
    std::map<QByteArray, int> m_met; ///< how often something was, that the sequences are worth something
    bool m_isPlain{false};           ///< mostly calls that lua/front.lua answers
};

void TestTakeLua::begin(Random &random)
{
    m_redis.command({"FLUSHALL"});
    m_now = Micros{1'700'000'000'000'000 + random.scaled(0, 1'000'000'000)};
    for (Side &side : m_sides) {
        side = {};
        side.spec = anyLimit(random);
    }
}

BucketCall TestTakeLua::callOf(Random &random, Side &side)
{
    BucketCall call{side.spec, side.epoch, TokenMode::Keep, {}};
    if (random.oneIn(40)) { // somebody changes the limit
        if (random.oneIn(3))
            side.remembered.clear();
        side.spec = random.oneIn(2) ? anyLimit(random) : side.spec;
        call.spec = side.spec;
        call.epoch = ++side.epoch;
        call.mode = static_cast<TokenMode>(random.between(0, 3));
    } else if (random.oneIn(60)) { // somebody fills or empties it
        call.mode = random.oneIn(2) ? TokenMode::Refill : TokenMode::Drain;
    } else if (random.oneIn(60) && call.epoch > 1) { // somebody slept
        --call.epoch;
    } else if (random.oneIn(60)) { // two changed it at once and believe in the same epoch
        call.spec = random.oneIn(2) ? anyLimit(random) : nearly(random, side.spec);
    }
    if (!side.remembered.empty() && !random.oneIn(5)) {
        const auto newest = static_cast<std::int64_t>(side.remembered.size()) - 1;
        const auto which = !side.bucket || random.oneIn(2) ? random.between(0, newest) : newest;
        const auto &[known, spec] = side.remembered[static_cast<std::size_t>(which)];
        call.known = knownUnder(call.spec, known, spec, m_now);
    }
    return call;
}

QByteArray TestTakeLua::take(Random &random)
{
    store::TakeRequest request;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < kBuckets; ++i)
        if (random.oneIn(2) || (i + 1 == kBuckets && places.empty()))
            places.push_back(i);
    std::vector<std::optional<Bucket>> buckets;
    std::vector<BucketCall> calls;
    for (const std::size_t i : places) {
        calls.push_back(callOf(random, m_sides[i]));
        request.buckets.push_back({"b" + std::to_string(i), calls.back()});
        buckets.push_back(m_sides[i].bucket);
    }
    const int rarely = m_isPlain ? 40 : 4;
    for (std::int64_t runs = random.between(0, m_isPlain ? 8 : 3); runs > 0; --runs) {
        AskRun run{{}, random.between(0, 5), random.oneIn(rarely + 1)};
        if (run.givesBack && random.oneIn(5))
            run.count = random.scaled(0, kMaxTotal);
        const auto last = static_cast<std::int64_t>(places.size()) - 1;
        const auto first = static_cast<std::size_t>(m_isPlain ? random.between(0, last) : 0);
        for (std::size_t k = first; k < places.size(); ++k) {
            const Tokens capacity = calls[k].spec.capacity;
            const Tokens cost = random.oneIn(40)   ? kMaxTotal // as a report of what was refused without the store
                                : random.oneIn(12) ? capacity + random.between(0, 1)
                                                   : random.between(0, 1 + capacity / 4);
            if (run.asks.empty() || random.oneIn(m_isPlain ? 5 : 2))
                run.asks.push_back({k, cost, !run.givesBack && random.oneIn(rarely)});
        }
        request.runs.push_back(run);
    }
    request.appliesDue = !random.oneIn(6);
    if (random.oneIn(rarely))
        request.refiller = random.oneIn(2) ? "host-1:77" : "a.b_c:1";
    const TakeOutput expected =
        limit::take(buckets, {m_now, calls, request.runs, request.appliesDue, request.refiller});
    const auto [reply, stored] = run(m_counting, redis::keysOf(request, false), redis::argumentsOf(request, m_now));
    count(expected);
    QByteArrayList kept;
    for (std::size_t k = 0; k < places.size(); ++k) {
        Side &side = m_sides[places[k]];
        side.bucket = buckets[k];
        kept << (side.bucket ? flat(hashOf(*side.bucket)) : QByteArray{});
        if (expected.isStale)
            continue;
        side.spec = calls[k].spec;
        side.remembered.emplace_back(expected.buckets[k].known, side.spec);
        if (side.remembered.size() > 8)
            side.remembered.erase(side.remembered.begin());
    }
    return difference(answerTo(request, reply, redis::readTake), textOf(expected), stored, kept);
}

QByteArray TestTakeLua::settle(Random &random)
{
    store::SettleRequest request;
    request.instance = "me";
    request.appliesDue = !random.oneIn(4);
    for (std::size_t i = 0; i < kBuckets; ++i) {
        Side &side = m_sides[i];
        if (side.remembered.empty() || !random.oneIn(2))
            continue;
        const auto &[known, spec] = side.remembered.back();
        BucketCall call{side.spec, side.epoch, TokenMode::Keep, knownUnder(side.spec, known, spec, m_now)};
        if (random.oneIn(20) && call.epoch > 1) // it has not heard of a change
            --call.epoch;
        Settlement settlement;
        settlement.outage = random.oneIn(3) ? ++side.outage : std::max<std::int64_t>(side.outage, 1);
        settlement.part = random.between(1, 4);
        settlement.isWhole = !random.oneIn(4);
        settlement.hasBase = random.oneIn(2);
        settlement.baseTaken = known.taken;
        settlement.had = random.scaled(0, 3 * side.spec.capacity);
        settlement.inDoubt = random.oneIn(2) ? 0 : random.between(1, 5);
        settlement.spent = random.between(0, side.spec.capacity);
        settlement.admitted = random.between(0, 9);
        settlement.refused = random.between(0, 9);
        settlement.base = call.known.cell;
        if (settlement.inDoubt > 0 && random.oneIn(2)) // some of it was taken
            settlement.baseTaken -= std::min(known.taken, random.between(0, settlement.inDoubt));
        const Micros ago{random.oneIn(2) ? 0
                                         : random.between(0, std::min(m_now / side.spec.interval, std::int64_t{3})
                                                                 * side.spec.interval.count())};
        Cell cell = cellWith(side.spec, random.between(0, side.spec.capacity), m_now - ago);
        const auto numbers = numbersOf(cell);
        std::copy(numbers.begin(), numbers.end(), settlement.cell.begin());
        request.buckets.push_back({"b" + std::to_string(i), call, settlement});
    }
    if (request.buckets.empty())
        return {};
    std::vector<SettleOutput> expected;
    const auto sideOf = [this](const store::SettleRequest::Bucket &bucket) -> Side & {
        return m_sides[static_cast<std::size_t>(bucket.name[1] - '0')];
    };
    std::vector<std::optional<Bucket>> buckets;
    std::vector<BucketCall> calls;
    for (const auto &bucket : request.buckets) {
        buckets.push_back(sideOf(bucket).bucket);
        calls.push_back(bucket.call);
    }
    const TakeOutput look = limit::take(buckets, {m_now, calls, {}, request.appliesDue});
    for (std::size_t i = 0; i < calls.size(); ++i) {
        Side &side = sideOf(request.buckets[i]);
        expected.push_back(look.isStale ? SettleOutput{look.buckets[i]}
                                        : limit::settle(side.bucket, side.mark, calls[i], m_now,
                                                        request.buckets[i].settlement, request.appliesDue));
    }
    const auto [reply, stored] =
        run(redis::settleScript(), redis::keysOf(request, false), redis::argumentsOf(request, m_now));
    count(expected);
    QByteArrayList kept, marks;
    for (const auto &bucket : request.buckets) {
        const Side &side = sideOf(bucket);
        kept << (side.bucket ? flat(hashOf(*side.bucket)) : QByteArray{});
        marks << flat(hashOf(side.mark));
    }
    return difference(answerTo(request, reply, redis::readSettle), textOf(expected), stored, kept + marks);
}

QByteArray TestTakeLua::difference(const QByteArray &script, const QByteArray &kernel, const QByteArrayList &stored,
                                   const QByteArrayList &expected)
{
    if (script != kernel)
        return "script " + script + "\nkernel " + kernel;
    return stored == expected ? QByteArray{} : "kept   " + stored.join(" | ") + "\nkernel " + expected.join(" | ");
}

void TestTakeLua::count(const TakeOutput &output)
{
    ++m_met[output.isStale ? "stale" : "done"];
    for (const BucketOutput &bucket : output.buckets)
        ++m_met["memory " + text(static_cast<std::int64_t>(bucket.memory))];
    for (const std::string &name : output.refillers)
        ++m_met["by " + QByteArray::fromStdString(name)];
    for (const RunOutput &run : output.runs)
        for (const AskOutput &ask : run.asks)
            m_met["refused"] += ask.isRefusing ? 1 : 0;
}

void TestTakeLua::count(const std::vector<SettleOutput> &outputs)
{
    for (const SettleOutput &output : outputs) {
        ++m_met[output.bucket.isStale ? "stale settlement"
                : !output.isSettled   ? "settled before"
                : output.isExact      ? "exact"
                                      : "touched"];
        m_met["excess"] += output.excess > 0 ? 1 : 0;
        m_met["found taken"] += output.foundTaken > 0 ? 1 : 0;
    }
}

// Time, and what happens to a store that is none of the callers' doing.
void TestTakeLua::meddle(Random &random)
{
    m_now += Micros{random.oneIn(2) ? 0 : random.scaled(0, 10'000'000'000)};
    if (random.oneIn(50))
        m_now -= Micros{random.scaled(0, 1'000'000'000)};
    if (random.oneIn(8))
        forget(random, static_cast<std::size_t>(random.between(0, kBuckets - 1)));
}

// It is gone, or what it was once; or the store is copied.
void TestTakeLua::forget(Random &random, std::size_t place)
{
    Side &side = m_sides[place];
    if (random.oneIn(3)) {
        side.older = side.bucket;
        return;
    }
    const QByteArray key = "weir:{b" + text(static_cast<std::int64_t>(place)) + "}";
    m_redis.command({"DEL", key});
    side.bucket = random.oneIn(2) ? std::nullopt : side.older;
    if (side.bucket)
        m_redis.command(hsetOf(key, *side.bucket));
}

void TestTakeLua::scriptAndKernelDoTheSame_data()
{
    QTest::addColumn<bool>("isPlain");
    QTest::newRow("whatever can come") << false;
    QTest::newRow("mostly the short way") << true;
}

void TestTakeLua::scriptAndKernelDoTheSame()
{
    QFETCH(const bool, isPlain);
    m_isPlain = isPlain;
    m_met = {};
    Random random;
    for (int sequence = 0; sequence < kSequences; ++sequence) {
        begin(random);
        for (int step = 0; step < kSteps; ++step) {
            meddle(random);
            const QByteArray why = random.oneIn(10) ? settle(random) : take(random);
            QVERIFY2(why.isEmpty(), "sequence " + text(sequence) + " step " + text(step) + "\n" + why);
        }
        for (const Side &side : m_sides)
            m_met["regressions"] += side.bucket ? static_cast<int>(side.bucket->regressions) : 0;
        m_met["short ways"] += m_redis.command({"GET", "short"}).text.toInt();
    }
    QVERIFY(m_met["short ways"] > (isPlain ? kSequences * kSteps / 4 : 0));
    if (isPlain)
        return;
    for (const char *what : {"stale", "refused", "regressions", "memory 0", "memory 1", "memory 2", "memory 3",
                             "memory 4", "by ", "by -", "by host-1:77", "by a.b_c:1", "stale settlement",
                             "settled before", "exact", "touched", "excess", "found taken"})
        QVERIFY2(m_met[what] > 30, what + (": " + text(m_met[what])));
}

QTEST_GUILESS_MAIN(TestTakeLua)
#include "tst_take_lua.moc"

// SPDX-License-Identifier: GPL-3.0-only
// Calls on buckets of every algorithm: what becomes of them case by case, and what must hold for every sequence.
#include <QTest>

#include "core/limit/settle.h"
#include "core/limit/token_mode.h"
#include "tests/support/random_limit.h"

using namespace weir;
using namespace weir::limit;
using namespace std::chrono_literals;
using test::Random;

namespace {

constexpr int kSequences = 100;
constexpr int kSteps = 100;
constexpr Micros kStart{1'700'000'040'000'000}; // a minute begins here

AskRun run(Tokens cost, std::int64_t count = 1)
{
    return {{{0, cost}}, count};
}

/// One bucket and the calls on it.
struct One {
    LimitSpec spec;
    std::int64_t epoch{1};
    std::optional<Bucket> bucket{};

    TakeOutput take(Micros now, const std::vector<AskRun> &runs = {}, TokenMode mode = TokenMode::Keep,
                    std::string_view refiller = {})
    {
        const BucketCall call{spec, epoch, mode, {}};
        return limit::take({&bucket, 1}, {now, {&call, 1}, runs, true, refiller});
    }
    Tokens room(Micros now, const std::vector<AskRun> &runs = {}, TokenMode mode = TokenMode::Keep)
    {
        return take(now, runs, mode).buckets.front().room;
    }
};

/// Several, of any algorithms, as requests meet them.
struct Several {
    std::vector<std::optional<Bucket>> buckets;
    std::vector<BucketCall> calls;

    TakeOutput take(Micros now, const std::vector<AskRun> &runs = {})
    {
        return limit::take(buckets, {now, calls, runs});
    }
};

Tokens randomCost(Random &random, Tokens capacity)
{
    return random.oneIn(3) ? random.scaled(0, capacity + 1) : random.between(0, 3);
}

} // namespace

class TestTake : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase_data()
    {
        QTest::addColumn<int>("index");
        for (const Algorithm algorithm : test::kAlgorithms)
            QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm);
    }

    void costs_data();
    void costs();
    void whatCostsNothingIsAdmittedByAnEmptyBucket();
    void aClockThatGoesBackIsCountedWhenItIsNotWaitedFor();
    void ofAnEqualEpochTheStricterHolds_data();
    void ofAnEqualEpochTheStricterHolds();
    void ofAnEqualEpochTheFirstAlgorithmHolds();
    void theStartLevelIsNoPartOfTheFence();
    void aChangeOfLevelIsNeitherTakenNorRefilled();
    void dueIntervalsOfTheOldLimitComeBeforeTheNew();
    void modesWorkWithoutANewEpoch();
    void totalsStopWhereTheScriptStopsCounting();
    void whoAppliedTheLastIntervalIsTold();
    void theBooksBalance();
    void refusedUntilExactlyThePromisedMoment();
    void aBatchIsTheSameAsOneByOne();

private:
    static Algorithm algorithm()
    {
        QFETCH_GLOBAL(const int, index);
        return static_cast<Algorithm>(index);
    }
    /// A window refills by all of its capacity.
    static LimitSpec spec(Tokens capacity = 5, Tokens refill = 5, Micros interval = 1min)
    {
        return {capacity, isWindow(algorithm()) ? capacity : refill, interval, StartLevel::Full, algorithm()};
    }
    static Several severalOf(Random &random)
    {
        Several several;
        for (std::int64_t n = random.between(1, 3); n > 0; --n)
            several.calls.push_back(
                {test::randomLimit(random, several.calls.empty() ? algorithm() : test::randomAlgorithm(random)),
                 1,
                 TokenMode::Keep,
                 {}});
        several.buckets.resize(several.calls.size());
        return several;
    }
    static std::vector<AskRun> randomRuns(Random &random, const Several &several)
    {
        std::vector<AskRun> runs(static_cast<std::size_t>(random.between(0, 4)));
        for (AskRun &run : runs) {
            run.count = random.between(0, 6);
            run.givesBack = random.oneIn(5);
            for (std::size_t i = 0; i < several.calls.size(); ++i)
                if (run.asks.empty() || random.oneIn(2))
                    run.asks.push_back(
                        {i, randomCost(random, several.calls[i].spec.capacity), !run.givesBack && random.oneIn(5)});
        }
        return runs;
    }
};

void TestTake::costs_data()
{
    QTest::addColumn<qint64>("cost");
    QTest::addColumn<int>("granted");
    QTest::addColumn<bool>("isNever");
    QTest::addColumn<qint64>("left");
    QTest::newRow("0") << qint64{0} << 1 << false << qint64{5};
    QTest::newRow("1") << qint64{1} << 1 << false << qint64{4};
    QTest::newRow("capacity") << qint64{5} << 1 << false << qint64{0};
    QTest::newRow("capacity + 1") << qint64{6} << 0 << true << qint64{5};
    QTest::newRow("largest") << std::numeric_limits<qint64>::max() << 0 << true << qint64{5};
}

void TestTake::costs()
{
    QFETCH(const qint64, cost);
    QFETCH(const int, granted);
    QFETCH(const bool, isNever);
    QFETCH(const qint64, left);
    One one{spec()};
    const TakeOutput output = one.take(kStart, {run(cost)});
    QCOMPARE(output.runs[0].granted, std::int64_t{granted});
    QCOMPARE(!output.runs[0].asks[0].wait, isNever);
    QCOMPARE(output.buckets[0].room, Tokens{left});
    QCOMPARE(one.bucket->admitted, std::int64_t{granted});
    QCOMPARE(one.bucket->refused, std::int64_t{1 - granted});
}

void TestTake::whatCostsNothingIsAdmittedByAnEmptyBucket()
{
    One one{spec()};
    const TakeOutput output = one.take(kStart, {run(5), run(0, 3), run(1)});
    QCOMPARE(output.runs[1].granted, std::int64_t{3});
    QCOMPARE(output.runs[2].granted, std::int64_t{0});
    QVERIFY(output.runs[2].asks[0].wait > Micros{0});
}

void TestTake::aClockThatGoesBackIsCountedWhenItIsNotWaitedFor()
{
    One one{spec()};
    one.take(kStart, {run(1, 5)});
    QCOMPARE(one.room(kStart - kMaxClockStep), Tokens{0});
    QCOMPARE(one.bucket->regressions, std::int64_t{0}); // exactly the step that is still waited for
    QCOMPARE(one.room(kStart - kMaxClockStep - 1us), Tokens{0});
    QCOMPARE(one.bucket->regressions, std::int64_t{1});
    QCOMPARE(one.room(kStart - 1h), Tokens{0});
    QCOMPARE(one.bucket->regressions, std::int64_t{2});
    QCOMPARE(one.room(kStart - 1h + 2min), Tokens{5}); // it goes on from there
    QCOMPARE(one.bucket->regressions, std::int64_t{2});
}

void TestTake::ofAnEqualEpochTheStricterHolds_data()
{
    QTest::addColumn<qint64>("capacity");
    QTest::addColumn<qint64>("refill");
    QTest::addColumn<qint64>("seconds");
    QTest::addColumn<bool>("isStale");
    QTest::newRow("same") << qint64{5} << qint64{5} << qint64{60} << false;
    QTest::newRow("larger capacity") << qint64{6} << qint64{4} << qint64{61} << true;
    QTest::newRow("smaller capacity") << qint64{4} << qint64{4} << qint64{1} << false;
    QTest::newRow("smaller refill") << qint64{5} << qint64{4} << qint64{1} << false;
    QTest::newRow("shorter interval") << qint64{5} << qint64{5} << qint64{59} << true;
    QTest::newRow("longer interval") << qint64{5} << qint64{5} << qint64{61} << false;
}

// Two that change it at once: all come to the same one, the stricter, whoever calls first.
void TestTake::ofAnEqualEpochTheStricterHolds()
{
    QFETCH(const qint64, capacity);
    QFETCH(const qint64, refill);
    QFETCH(const qint64, seconds);
    QFETCH(const bool, isStale);
    const LimitSpec first = spec(), other = spec(capacity, refill, std::chrono::seconds{seconds});
    if (refill < capacity && other.refill == capacity)
        return; // no smaller refill in a window
    One one{first};
    one.take(kStart);
    one.spec = other;
    QCOMPARE(one.take(kStart, {run(1)}).isStale, isStale);
    QVERIFY(hasSameNumbers(one.bucket->spec, isStale ? first : other));
    one.spec = first;
    QCOMPARE(one.take(kStart).isStale, !isStale && !hasSameNumbers(first, other));
}

void TestTake::ofAnEqualEpochTheFirstAlgorithmHolds()
{
    for (const Algorithm other : test::kAlgorithms) {
        One one{spec()};
        one.take(kStart);
        one.spec.algorithm = other;
        QCOMPARE(one.take(kStart).isStale, algorithm() < other);
        QCOMPARE(one.bucket->spec.algorithm, std::min(algorithm(), other));
    }
}

void TestTake::theStartLevelIsNoPartOfTheFence()
{
    One one{spec()};
    one.take(kStart);
    one.spec.start = StartLevel::Empty;
    const TakeOutput output = one.take(kStart);
    QVERIFY(!output.isStale);
    QCOMPARE(output.buckets[0].room, Tokens{5});
}

void TestTake::aChangeOfLevelIsNeitherTakenNorRefilled()
{
    for (const TokenMode mode : {TokenMode::Keep, TokenMode::Proportional, TokenMode::Refill, TokenMode::Drain})
        for (const Tokens capacity : {20, 3}) {
            One one{spec(10, 1)};
            one.take(kStart, {run(1, 6)});
            one.spec = spec(capacity, 1, 1s);
            one.epoch = 2;
            const BucketOutput output = one.take(kStart + 30s, {}, mode).buckets.front();
            QCOMPARE(output.room, tokensAfterChange(4, 10, capacity, mode));
            QVERIFY(output.untilChange <= 2s); // by the new interval; of a counter by two
            QCOMPARE(output.inForce, one.spec);
            QCOMPARE(output.epoch, std::int64_t{2});
            QCOMPARE(one.bucket->taken, std::int64_t{6});
            QCOMPARE(one.bucket->refilled, std::int64_t{0});
        }
}

void TestTake::dueIntervalsOfTheOldLimitComeBeforeTheNew()
{
    One one{spec(10, 2, 10s)};
    one.take(kStart, {run(1, 10)});
    Cell cell = one.bucket->cell;
    advance(one.spec, cell, kStart + 15s);
    const Tokens came = roomOf(one.spec, cell);
    one.spec = spec(10, 10, 10s);
    one.epoch = 2;
    QCOMPARE(one.room(kStart + 15s), came);
    QCOMPARE(one.bucket->refilled, came);
    if (algorithm() == Algorithm::TokenBucket)
        QCOMPARE(one.bucket->refilled, std::int64_t{2});
}

void TestTake::modesWorkWithoutANewEpoch()
{
    One one{spec()};
    QCOMPARE(one.room(kStart, {}, TokenMode::Drain), Tokens{0}); // of a new bucket
    QCOMPARE(one.room(kStart, {run(1, 2)}, TokenMode::Refill), Tokens{3});
    QCOMPARE(one.room(kStart, {}, TokenMode::Drain), Tokens{0});
}

void TestTake::totalsStopWhereTheScriptStopsCounting()
{
    const auto nearlyAll = [](One &one) {
        one.take(kStart);
        for (std::int64_t *total :
             {&one.bucket->admitted, &one.bucket->refused, &one.bucket->taken, &one.bucket->refilled})
            *total = kMaxTotal - 1;
    };
    One taken{spec()}, settled{spec()};
    nearlyAll(taken);
    taken.take(kStart, {run(1, 5), run(1, kMaxTotal)});
    nearlyAll(settled);
    SettleMark mark;
    settle(settled.bucket, mark, {spec(), 1, TokenMode::Keep, {}}, kStart,
           {.isWhole = false, .spent = 5, .admitted = kMaxTotal, .refused = kMaxTotal});
    for (One *one : {&taken, &settled}) {
        QCOMPARE(one->room(kStart + 3min), Tokens{5});
        for (const std::int64_t total :
             {one->bucket->admitted, one->bucket->refused, one->bucket->taken, one->bucket->refilled})
            QCOMPARE(total, kMaxTotal);
    }
}

void TestTake::whoAppliedTheLastIntervalIsTold()
{
    One one{spec()};
    const bool hasIntervals = algorithm() == Algorithm::TokenBucket;
    const auto told = [&](Micros now, const char *caller) {
        return one.take(now, {}, TokenMode::Keep, caller).refillers.front();
    };
    one.take(kStart);
    QCOMPARE(told(kStart, "a"), std::string{}); // it has begun with it
    for (const char *caller : {"a", "b"})
        QCOMPARE(told(kStart + 1min, caller), std::string{hasIntervals ? "a" : ""});
    QVERIFY(one.take(kStart + 2min).refillers.empty());
    QCOMPARE(told(kStart + 2min, "a"), std::string{hasIntervals ? "-" : ""});
    QCOMPARE(told(kStart + 5min, "b"), std::string{hasIntervals ? "b" : ""});
    QCOMPARE(told(kStart + 4min, "a"), std::string{hasIntervals ? "b" : ""}); // a clock that is waited for
}

// What is there is what there was, less what was taken, and what came back, until somebody changes the limit.
void TestTake::theBooksBalance()
{
    Random random;
    for (int sequence = 0; sequence < kSequences; ++sequence) {
        Several several = severalOf(random);
        std::vector<Tokens> start;
        for (const BucketCall &call : several.calls)
            start.push_back(call.spec.startTokens());
        Micros now = kStart;
        for (int step = 0; step < kSteps; ++step) {
            now = test::randomMoment(random, now, several.calls[0].spec.interval);
            const auto changed = static_cast<std::size_t>(random.between(0, 5 * std::ssize(several.calls)));
            const bool isChange = changed < several.calls.size();
            if (isChange) {
                BucketCall &call = several.calls[changed];
                call.spec =
                    test::randomLimit(random, random.oneIn(2) ? call.spec.algorithm : test::randomAlgorithm(random));
                ++call.epoch;
                call.mode = static_cast<TokenMode>(random.between(0, 3));
            }
            const TakeOutput output = several.take(now, randomRuns(random, several));
            QVERIFY(!output.isStale);
            for (std::size_t i = 0; i < several.calls.size(); ++i) {
                several.calls[i].mode = TokenMode::Keep;
                const Bucket &bucket = *several.buckets[i];
                const BucketOutput &told = output.buckets[i];
                if (isChange && i == changed)
                    start[i] = told.room - bucket.refilled + bucket.taken;
                QCOMPARE(told.room, start[i] + bucket.refilled - bucket.taken);
                QVERIFY(told.room >= 0 && told.room <= bucket.spec.capacity);
                QVERIFY(bucket.admitted >= 0 && bucket.refused >= 0);
                QCOMPARE(told.untilChange == Micros{0}, told.room == bucket.spec.capacity);
                QVERIFY(told.untilFull >= told.untilChange);
            }
        }
    }
}

// The longest wait of all its limits, to the microsecond, if nobody else takes.
void TestTake::refusedUntilExactlyThePromisedMoment()
{
    Random random;
    int promises = 0;
    for (int sequence = 0; sequence < kSequences; ++sequence) {
        Several several = severalOf(random);
        Micros now = kStart;
        for (int step = 0; step < kSteps; ++step) {
            now = test::randomMoment(random, now, several.calls[0].spec.interval);
            const std::vector<AskRun> runs = randomRuns(random, several);
            const TakeOutput output = several.take(now, runs);
            for (std::size_t i = 0; i < runs.size(); ++i) {
                std::optional<Micros> wait{0};
                for (std::size_t k = 0; k < runs[i].asks.size(); ++k)
                    if (const AskOutput &ask = output.runs[i].asks[k]; !runs[i].asks[k].isShadow)
                        wait = wait && ask.wait ? std::max(wait, ask.wait) : std::nullopt;
                if (output.runs[i].granted == runs[i].count || !wait || *wait >= kMaxWait)
                    continue;
                ++promises;
                const auto grantedAfter = [&](Micros time) {
                    Several copy = several;
                    return copy.take(now + time, {{runs[i].asks, 1}}).runs.front().granted;
                };
                QCOMPARE(grantedAfter(*wait), std::int64_t{1});
                if (*wait > Micros{0})
                    QCOMPARE(grantedAfter(*wait - 1us), std::int64_t{0});
            }
        }
    }
    QVERIFY2(promises > 1000, qPrintable(QString::number(promises)));
}

void TestTake::aBatchIsTheSameAsOneByOne()
{
    Random random;
    for (int sequence = 0; sequence < kSequences; ++sequence) {
        Several batched = severalOf(random), single = batched;
        Micros now = kStart;
        for (int step = 0; step < kSteps; ++step) {
            now = test::randomMoment(random, now, batched.calls[0].spec.interval);
            const std::vector<AskRun> runs = randomRuns(random, batched);
            const TakeOutput output = batched.take(now, runs);
            single.take(now);
            for (std::size_t i = 0; i < runs.size(); ++i) {
                AskRun one = runs[i];
                one.count = 1;
                std::vector<std::int64_t> taken(one.asks.size());
                for (std::int64_t n = 0; n < runs[i].count; ++n) {
                    const RunOutput alone = single.take(now, {one}).runs.front();
                    QCOMPARE(alone.granted == 1, n < output.runs[i].granted);
                    for (std::size_t k = 0; k < taken.size(); ++k)
                        taken[k] += alone.asks[k].taken;
                }
                for (std::size_t k = 0; k < taken.size(); ++k)
                    QCOMPARE(taken[k], output.runs[i].asks[k].taken);
            }
            const TakeOutput after = single.take(now);
            for (std::size_t k = 0; k < after.buckets.size(); ++k)
                QVERIFY(after.buckets[k].known == output.buckets[k].known);
        }
    }
}

QTEST_APPLESS_MAIN(TestTake)
#include "tst_take.moc"

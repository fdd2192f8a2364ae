// SPDX-License-Identifier: GPL-3.0-only
// The kernel, case by case; tst_token_bucket_laws has what must hold for every sequence.
#include <QTest>

#include "core/limit/token_bucket.h"
#include "tests/support/wide.h"

using namespace weir;
using namespace weir::limit;
using namespace std::chrono_literals;

namespace {

constexpr Micros kStart{1'700'000'040'000'000};  // a boundary of every interval used here up to 1 min
constexpr Micros kLatest{9'007'199'254'740'991}; // 2^53 - 1: the last time the Lua can count
const LimitSpec kStudy{.capacity = 5, .refill = 5, .interval = 1min};

// One bucket and the calls on it.
struct Call {
    std::optional<Bucket> bucket;
    LimitSpec spec{kStudy};
    std::int64_t epoch{1};

    TakeOutput take(Micros now, std::vector<CostRun> runs, TokenMode mode = TokenMode::Keep)
    {
        return limit::take(bucket, {.spec = spec, .epoch = epoch, .mode = mode, .now = now, .runs = runs});
    }
};

std::vector<Verdict> verdicts(const TakeOutput &output, const std::vector<CostRun> &runs)
{
    std::vector<Verdict> all;
    forEachVerdict(output, runs, [&all](std::size_t, const Verdict &verdict) { all.push_back(verdict); });
    return all;
}

} // namespace

class TestTokenBucket : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void newBucketHasItsStartLevel()
    {
        Call full, empty;
        empty.spec.start = StartLevel::Empty;
        QCOMPARE(full.take(kStart, {}).tokens, Tokens{5});
        QCOMPARE(empty.take(kStart, {}).tokens, Tokens{0});
        QCOMPARE(empty.take(kStart + 1min, {}).tokens, Tokens{5});
    }

    void costs_data()
    {
        QTest::addColumn<qint64>("cost");
        QTest::addColumn<int>("kind");
        QTest::addColumn<qint64>("left");
        QTest::newRow("0") << qint64{0} << int(Verdict::Kind::Admitted) << qint64{5};
        QTest::newRow("1") << qint64{1} << int(Verdict::Kind::Admitted) << qint64{4};
        QTest::newRow("capacity") << qint64{5} << int(Verdict::Kind::Admitted) << qint64{0};
        QTest::newRow("capacity + 1") << qint64{6} << int(Verdict::Kind::Impossible) << qint64{5};
        QTest::newRow("largest") << std::numeric_limits<qint64>::max() << int(Verdict::Kind::Impossible) << qint64{5};
    }
    void costs()
    {
        QFETCH(const qint64, cost);
        QFETCH(const int, kind);
        QFETCH(const qint64, left);
        Call call;
        const std::vector<CostRun> runs{{cost, 1}};
        const TakeOutput output = call.take(kStart, runs);
        const std::vector<Verdict> all = verdicts(output, runs);
        QCOMPARE(all.size(), std::size_t{1});
        QCOMPARE(int(all[0].kind), kind);
        QCOMPARE(qint64{all[0].tokensLeft}, left);
        QCOMPARE(qint64{output.tokens}, left);
        QCOMPARE(output.admitted + output.refused, std::int64_t{1});
    }

    void zeroCostIsAdmittedByAnEmptyBucket()
    {
        Call call;
        const std::vector<CostRun> runs{{5, 1}, {0, 3}, {1, 1}};
        const std::vector<Verdict> all = verdicts(call.take(kStart, runs), runs);
        QCOMPARE(int(all[1].kind), int(Verdict::Kind::Admitted));
        QCOMPARE(int(all[3].kind), int(Verdict::Kind::Admitted));
        QCOMPARE(int(all[4].kind), int(Verdict::Kind::Refused));
    }

    void aRefusedRequestDoesNotStopCheaperOnes()
    {
        Call call;
        const std::vector<CostRun> runs{{3, 2}, {2, 1}};
        const TakeOutput output = call.take(kStart, runs);
        QCOMPARE(output.granted, (std::vector<std::int64_t>{1, 1}));
        QCOMPARE(output.tokens, Tokens{0});
    }

    void intervalsAreAppliedOnce()
    {
        Call call;
        call.take(kStart, {{1, 5}});
        QCOMPARE(call.take(kStart + 1min - 1us, {}).tokens, Tokens{0});
        const TakeOutput first = call.take(kStart + 1min, {});
        QCOMPARE(first.refilled, Tokens{5});
        QCOMPARE(first.nextRefill.count(), Micros{1min}.count());
        QCOMPARE(call.take(kStart + 1min, {}).refilled, Tokens{0});
        QCOMPARE(call.bucket->refilled, std::int64_t{5});
    }

    void missedIntervalsAreCaughtUp()
    {
        Call call;
        call.spec = {.capacity = 10, .refill = 2, .interval = 1s};
        call.take(kStart, {{1, 10}});
        QCOMPARE(call.take(kStart + 3s, {}).tokens, Tokens{6});
        QCOMPARE(call.take(kStart + 24h * 365, {}).tokens, Tokens{10});
        QCOMPARE(call.bucket->refilled, std::int64_t{10});
    }

    void largestGap_data()
    {
        QTest::addColumn<qint64>("capacity");
        QTest::addColumn<qint64>("refill");
        QTest::addColumn<qint64>("interval");
        for (const qint64 capacity : {qint64{kMinCapacity}, qint64{kMaxCapacity}})
            for (const qint64 refill : {qint64{1}, capacity})
                for (const qint64 interval : {qint64{kMinInterval.count()}, qint64{kMaxInterval.count()}})
                    QTest::addRow("%lld %lld %lld", capacity, refill, interval) << capacity << refill << interval;
    }
    void largestGap()
    {
        QFETCH(const qint64, capacity);
        QFETCH(const qint64, refill);
        QFETCH(const qint64, interval);
        Call call;
        call.spec = {.capacity = capacity, .refill = refill, .interval = Micros{interval}};
        call.take(Micros{1}, {{capacity, 1}});
        const test::Wide due = (kLatest.count() / interval) - (1 / interval);
        const test::Wide expected = std::min<test::Wide>(capacity, due * refill);
        const TakeOutput output = call.take(kLatest, {});
        QCOMPARE(output.tokens, static_cast<Tokens>(expected));
        QVERIFY(output.nextRefill > 0us && output.nextRefill.count() <= interval);
        // The wait for a full bucket may be beyond 64 bits: it saturates, it does not wrap.
        call.take(kLatest, {{1, output.tokens}});
        const test::Wide exact =
            output.nextRefill.count() + (test::Wide{capacity} + refill - 1) / refill * interval - interval;
        const test::Wide bounded = std::min<test::Wide>(exact, std::numeric_limits<std::int64_t>::max());
        QCOMPARE(qint64{timeUntil(capacity, 0, call.spec, output.nextRefill).count()}, static_cast<qint64>(bounded));
    }

    void aSmallStepBackIsWaitedFor()
    {
        Call call;
        call.spec = {.capacity = 5, .refill = 1, .interval = 1s};
        call.take(kStart, {{1, 5}});
        call.take(kStart + 1s, {});
        QCOMPARE(call.take(kStart + 500ms, {}).tokens, Tokens{1});  // back over the boundary
        QCOMPARE(call.take(kStart + 1500ms, {}).tokens, Tokens{1}); // and over it again: once is enough
        QCOMPARE(call.bucket->regressions, std::int64_t{0});
        const TakeOutput back = call.take(kStart + 1s - kMaxClockStep, {});
        QCOMPARE(call.bucket->regressions, std::int64_t{0}); // exactly the step that is still small
        QCOMPARE(back.nextRefill.count(), (kMaxClockStep + Micros{1s}).count());
    }

    void aLargeStepBackGoesOnFromThere()
    {
        Call call;
        call.spec = {.capacity = 5, .refill = 1, .interval = 1s};
        call.take(kStart, {{1, 5}});
        const TakeOutput back = call.take(kStart - kMaxClockStep - 1us, {});
        QCOMPARE(back.tokens, Tokens{0});
        QCOMPARE(call.bucket->regressions, std::int64_t{1});
        QVERIFY(back.nextRefill <= 1s);
        QCOMPARE(call.take(kStart - kMaxClockStep - 1us + back.nextRefill, {}).tokens, Tokens{1});
        QCOMPARE(call.take(kStart - 1h, {}).tokens, Tokens{1});
        QCOMPARE(call.bucket->regressions, std::int64_t{2});
    }

    void anOlderEpochIsRefused()
    {
        Call call;
        call.epoch = 7;
        call.take(kStart, {{1, 2}});
        Call stale{call.bucket, {.capacity = 100, .refill = 100, .interval = 1s}, 6};
        // Later than the next boundary: nothing of it is applied, and the time until the next one is still true.
        const TakeOutput output = stale.take(kStart + 90s, {{1, 1}});
        QVERIFY(output.isStale);
        QCOMPARE(output.inForce, kStudy);
        QCOMPARE(output.epoch, std::int64_t{7});
        QCOMPARE(output.tokens, Tokens{3});
        QCOMPARE(output.nextRefill.count(), Micros{30s}.count());
        QVERIFY(output.granted.empty());
        QCOMPARE(stale.bucket->admitted, std::int64_t{2});
    }

    void ofAnEqualEpochTheStricterHolds_data()
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
    void ofAnEqualEpochTheStricterHolds()
    {
        QFETCH(const qint64, capacity);
        QFETCH(const qint64, refill);
        QFETCH(const qint64, seconds);
        QFETCH(const bool, isStale);
        Call call;
        call.take(kStart, {});
        const LimitSpec first = call.spec;
        const LimitSpec other{.capacity = capacity, .refill = refill, .interval = std::chrono::seconds{seconds}};
        call.spec = other;
        QCOMPARE(call.take(kStart, {{1, 1}}).isStale, isStale);
        QVERIFY(hasSameNumbers(call.bucket->spec, isStale ? first : other));
        call.spec = first;
        QCOMPARE(call.take(kStart, {}).isStale, !isStale && !hasSameNumbers(first, other));
    }

    void theStartLevelIsNoPartOfTheFence()
    {
        Call call;
        call.take(kStart, {});
        call.spec.start = StartLevel::Empty;
        QVERIFY(!call.take(kStart, {}).isStale);
    }

    void aNewerEpochIsAdopted_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<qint64>("capacity");
        QTest::addColumn<qint64>("tokens");
        QTest::newRow("keep, larger") << int(TokenMode::Keep) << qint64{20} << qint64{4};
        QTest::newRow("keep, smaller") << int(TokenMode::Keep) << qint64{3} << qint64{3};
        QTest::newRow("proportional, larger") << int(TokenMode::Proportional) << qint64{20} << qint64{8};
        QTest::newRow("proportional, smaller") << int(TokenMode::Proportional) << qint64{3} << qint64{1};
        QTest::newRow("refill") << int(TokenMode::Refill) << qint64{20} << qint64{20};
        QTest::newRow("drain") << int(TokenMode::Drain) << qint64{20} << qint64{0};
    }
    void aNewerEpochIsAdopted()
    {
        QFETCH(const int, mode);
        QFETCH(const qint64, capacity);
        QFETCH(const qint64, tokens);
        Call call;
        call.spec = {.capacity = 10, .refill = 1, .interval = 1min};
        call.take(kStart, {{1, 6}});
        call.spec = {.capacity = capacity, .refill = 1, .interval = 1s};
        call.epoch = 2;
        const TakeOutput output = call.take(kStart + 30s, {}, static_cast<TokenMode>(mode));
        QCOMPARE(qint64{output.tokens}, tokens);
        QCOMPARE(output.nextRefill.count(), Micros{1s}.count());
        QCOMPARE(output.inForce, call.spec);
        QCOMPARE(output.epoch, std::int64_t{2});
        QCOMPARE(call.bucket->taken, std::int64_t{6}); // a change of level is not taken and not refilled
        QCOMPARE(call.bucket->refilled, std::int64_t{0});
    }

    void dueIntervalsOfTheOldLimitComeBeforeTheNew()
    {
        Call call;
        call.spec = {.capacity = 10, .refill = 2, .interval = 10s};
        call.take(kStart, {{1, 10}});
        call.spec = {.capacity = 10, .refill = 10, .interval = 10s};
        call.epoch = 2;
        QCOMPARE(call.take(kStart + 10s, {}).tokens, Tokens{2});
    }

    void modesWorkWithoutANewEpoch()
    {
        Call call;
        QCOMPARE(call.take(kStart, {}, TokenMode::Drain).tokens, Tokens{0}); // of a new bucket
        QCOMPARE(call.take(kStart, {{1, 2}}, TokenMode::Refill).tokens, Tokens{3});
        QCOMPARE(call.take(kStart, {}, TokenMode::Drain).tokens, Tokens{0});
    }

    void totalsStopWhereTheScriptStopsCounting()
    {
        Call call;
        call.take(kStart, {});
        call.bucket->admitted = call.bucket->refused = call.bucket->taken = call.bucket->refilled = kMaxTotal - 1;
        call.take(kStart, {{1, 5}, {1, kMaxTotal}});
        const TakeOutput output = call.take(kStart + 1min, {});
        QCOMPARE(output.admitted, kMaxTotal);
        QCOMPARE(output.refused, kMaxTotal);
        QCOMPARE(call.bucket->taken, kMaxTotal);
        QCOMPARE(call.bucket->refilled, kMaxTotal);
        QCOMPARE(output.tokens, Tokens{5});
    }

    void aBatchIsJudgedInOrder()
    {
        Call call;
        const std::vector<CostRun> runs{{2, 1}, {9, 1}, {1, 4}};
        const TakeOutput output = call.take(kStart + 10s, runs);
        const std::vector<Verdict> all = verdicts(output, runs);
        std::vector<Tokens> left;
        left.reserve(all.size());
        for (const Verdict &verdict : all)
            left.push_back(verdict.tokensLeft);
        QCOMPARE(left, (std::vector<Tokens>{3, 3, 2, 1, 0, 0}));
        QCOMPARE(int(all[1].kind), int(Verdict::Kind::Impossible));
        QCOMPARE(int(all[5].kind), int(Verdict::Kind::Refused));
        QCOMPARE(all[5].retryAfter.count(), Micros{50s}.count());
        QCOMPARE(output.admitted, std::int64_t{4});
        QCOMPARE(output.refused, std::int64_t{2});
    }
};

QTEST_APPLESS_MAIN(TestTokenBucket)
#include "tst_token_bucket.moc"

// SPDX-License-Identifier: GPL-3.0-only
// Until when a bucket is known to be empty, and what who asks meanwhile is told.
#include <QTest>

#include "core/engine/empty_bucket.h"
#include "core/engine/refusal_hold.h"

using namespace weir;
using namespace weir::engine;
using namespace std::chrono_literals;

namespace {

const EmptyBucket::Instant kSent{std::chrono::hours{1}};
const EmptyBucket::Instant kHeard = kSent + 300us;
const std::vector<limit::CostRun> kOne{{1, 1}};

limit::TakeOutput answer(limit::Tokens tokens, Micros nextRefill)
{
    limit::TakeOutput output;
    output.inForce = {5, 2, Micros{60s}, limit::StartLevel::Full};
    output.tokens = tokens;
    output.nextRefill = nextRefill;
    output.now = Micros{1'000'000};
    output.refilled = 2;
    output.granted = {2, 0};
    return output;
}

} // namespace

class TestEmptyBucket : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void isKnownUntilTheNextRefill_data();
    void isKnownUntilTheNextRefill();
    void tokensEndIt();
    void whatThisProcessChangesEndsIt();
    void whatCostsNothingIsAsked();
    void theWaitIsWhatIsLeftOfIt();
};

void TestEmptyBucket::isKnownUntilTheNextRefill_data()
{
    QTest::addColumn<qint64>("nextRefill");
    QTest::addColumn<qint64>("holds");
    QTest::newRow("in a minute") << qint64{60'000'000} << qint64{kRefusalHolds.count()};
    QTest::newRow("right after the hold") << qint64{kRefusalHolds.count() + 1} << qint64{kRefusalHolds.count()};
    QTest::newRow("with it") << qint64{kRefusalHolds.count()} << qint64{kRefusalHolds.count()};
    QTest::newRow("earlier") << qint64{1'200} << qint64{1'200};
    QTest::newRow("before the answer came") << qint64{200} << qint64{200};
}

// From when the call went out: the store's clock may have been read right then.
void TestEmptyBucket::isKnownUntilTheNextRefill()
{
    QFETCH(const qint64, nextRefill);
    QFETCH(const qint64, holds);
    EmptyBucket bucket;
    QVERIFY(!bucket.refusalOf(kOne, kHeard, 0));
    bucket.learn(answer(0, Micros{nextRefill}), kSent, kHeard, 0);
    const auto last = kSent + Micros{holds} - 1us;
    QCOMPARE(bucket.refusalOf(kOne, last, 0).has_value(), true);
    QCOMPARE(bucket.refusalOf(kOne, kSent + Micros{holds}, 0).has_value(), false);
    bucket.forget();
    QCOMPARE(bucket.refusalOf(kOne, last, 0).has_value(), false);
}

void TestEmptyBucket::tokensEndIt()
{
    EmptyBucket bucket;
    bucket.learn(answer(0, Micros{60s}), kSent, kHeard, 0);
    bucket.learn(answer(1, Micros{60s}), kSent, kHeard, 0);
    QVERIFY(!bucket.refusalOf(kOne, kHeard, 0));
}

void TestEmptyBucket::whatThisProcessChangesEndsIt()
{
    EmptyBucket bucket;
    bucket.learn(answer(0, Micros{60s}), kSent, kHeard, 7);
    QVERIFY(bucket.refusalOf(kOne, kHeard, 7));
    QVERIFY(!bucket.refusalOf(kOne, kHeard, 8));
}

void TestEmptyBucket::whatCostsNothingIsAsked()
{
    EmptyBucket bucket;
    bucket.learn(answer(0, Micros{60s}), kSent, kHeard, 0);
    QVERIFY(!bucket.refusalOf(std::vector<limit::CostRun>{{1, 3}, {0, 1}}, kHeard, 0));
}

void TestEmptyBucket::theWaitIsWhatIsLeftOfIt()
{
    EmptyBucket bucket;
    bucket.learn(answer(0, Micros{4'000}), kSent, kHeard, 0);
    const std::vector<limit::CostRun> runs{{1, 2}, {3, 1}, {6, 1}};
    const auto output = bucket.refusalOf(runs, kHeard + 1500us, 0);
    QVERIFY(output);
    QCOMPARE(output->nextRefill, Micros{2'500});
    QCOMPARE(output->now, Micros{1'001'500});
    QCOMPARE(output->refilled, limit::Tokens{0});
    std::vector<limit::Verdict> verdicts;
    limit::forEachVerdict(*output, runs,
                          [&](std::size_t, const limit::Verdict &verdict) { verdicts.push_back(verdict); });
    QCOMPARE(verdicts.size(), 4U);
    QCOMPARE(verdicts[1].kind, limit::Verdict::Kind::Refused);
    QCOMPARE(verdicts[1].retryAfter, Micros{2'500});
    QCOMPARE(verdicts[2].retryAfter, Micros{2'500} + Micros{60s}); // three tokens are two refills
    QCOMPARE(verdicts[3].kind, limit::Verdict::Kind::Impossible);
    // However late the answer came: some of the wait is left.
    EmptyBucket late;
    late.learn(answer(0, Micros{400}), kSent, kHeard, 0);
    QCOMPARE(late.refusalOf(runs, kSent + 399us, 0)->nextRefill, Micros{301});
}

QTEST_APPLESS_MAIN(TestEmptyBucket)
#include "tst_empty_bucket.moc"

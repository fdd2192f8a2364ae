// SPDX-License-Identifier: GPL-3.0-only
#include "tests/ui/fake_service.h"
#include "tests/support/warnings_fail.h"
#include "ui/words/failure_words.h"
#include "ui/failures/failure_comparison.h"

using namespace weir;
using namespace weir::ui;
using Policy = config::StoreFailurePolicy;

namespace {

constexpr std::int64_t kEnd = 1'800'000'059; // the last second of a minute
constexpr limit::LimitSpec kMinutely{5, 5, Micros{60'000'000}};
constexpr limit::LimitSpec kQuick{10, 1, Micros{1'000'000}};

const PolicyLine &lineOf(const FailureComparison &comparison, Policy policy)
{
    return comparison.lines[static_cast<std::size_t>(policy)];
}

// 120 seconds, 3 requests in each; under Reject, Redis away in the seconds 80 to 99 (20 to 39 of the picture).
std::shared_ptr<const telemetry::History> outage()
{
    return test::historyOf(kEnd, 120, [](telemetry::SecondBin &bin, int i) {
        bin.isAway = i >= 80 && i < 100;
        bin.admitted = bin.isAway ? 0 : 1;
        bin.refused = bin.isAway ? 0 : 2;
        bin.undecided = bin.isAway ? 3 : 0;
        bin.tokens = 0;
    });
}

} // namespace

class TestFailureComparison : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void nothingKnownIsShownAsNothing()
    {
        const auto comparison = compareFailures({}, Policy::Local, kMinutely, Micros{0}, kEnd);
        QCOMPARE(comparison.begin, kEnd - 59);
        QVERIFY(!lineOf(comparison, Policy::Local).allowed.has_value());
        QCOMPARE(lineFigures(comparison, Policy::Local), QStringLiteral("admitted 0"));
        QCOMPARE(lineFigures(comparison, Policy::Allow), QStringLiteral("would be the same: Redis decided"));
    }

    void whileRedisDecidesAllLinesAreTheSame()
    {
        const auto history = test::historyOf(kEnd, 90, [](telemetry::SecondBin &bin, int i) {
            bin.admitted = i == 50 ? 5 : 0;
            bin.refused = i == 50 ? 7 : 0;
            bin.tokens = i < 30 ? 0 : i < 50 ? 5 : 0;
        });
        const auto comparison = compareFailures(*history, Policy::Reject, kMinutely, Micros{0}, kEnd);
        QVERIFY(!comparison.wasAway);
        QCOMPARE(comparison.peak, 12);
        for (const Policy policy : {Policy::Reject, Policy::Allow, Policy::Local})
            QCOMPARE(lineOf(comparison, policy).bars[20].admitted, 5);
        // Level 0, and the refill of the minute that begins with the picture.
        QCOMPARE(lineFigures(comparison, Policy::Reject), QStringLiteral("admitted 5 of 5 allowed · 0 over"));
    }

    void theOthersAreWorkedOut()
    {
        const auto comparison = compareFailures(*outage(), Policy::Reject, kQuick, Micros{0}, kEnd);
        QVERIFY(comparison.wasAway);
        QVERIFY(!comparison.away[19] && comparison.away[20] && comparison.away[39] && !comparison.away[40]);
        const PolicyLine &reject = lineOf(comparison, Policy::Reject);
        QCOMPARE(reject.sum.admitted, 40);
        QCOMPARE(reject.sum.rejected, 60);
        QCOMPARE(reject.rejectedSeconds, 20);
        QCOMPARE(reject.over, 0);
        // One token a second, all the time; until Redis was away, as measured.
        const PolicyLine &local = lineOf(comparison, Policy::Local);
        QCOMPARE(local.sum.admitted, 60);
        QCOMPARE(local.sum.rejected, 0);
        QCOMPARE(*local.allowed, 60);
        QCOMPARE(lineFigures(comparison, Policy::Local), QStringLiteral("would admit 60 · 0 over the limit"));
        // 20 before, 60 let through, then 10 tokens that were saved up and 19 refills: the first has no room.
        const PolicyLine &allow = lineOf(comparison, Policy::Allow);
        QCOMPARE(allow.bars[25].admitted, 3);
        QCOMPARE(allow.sum.admitted, 20 + 60 + 10 + 19);
        QCOMPARE(*allow.allowed, 60);
        QCOMPARE(allow.over, 49);
        QCOMPARE(lineFigures(comparison, Policy::Allow), QStringLiteral("would admit 109 · 49 over the limit"));
    }

    void rejectedRequestsAreCounted()
    {
        const auto comparison = compareFailures(*outage(), Policy::Allow, kQuick, Micros{0}, kEnd);
        QCOMPARE(lineOf(comparison, Policy::Reject).sum.rejected, 60);
        QVERIFY(lineFigures(comparison, Policy::Reject).endsWith(QStringLiteral("60 rejected in 20 s")));
    }

    // Let through under Allow: measured, and beyond what the bucket had.
    void whatWasOverspentIsMeasured()
    {
        const auto history = test::historyOf(kEnd, 120, [](telemetry::SecondBin &bin, int i) {
            bin.isAway = i >= 90 && i < 100;
            bin.undecided = bin.isAway ? 3 : 0;
            bin.decidedBy[static_cast<std::size_t>(telemetry::DecidedBy::Allow)] = bin.undecided;
            bin.tokens = 0;
        });
        const auto comparison = compareFailures(*history, Policy::Allow, kMinutely, Micros{0}, kEnd);
        // A refill of 5 came with the minute and was there to be taken.
        QCOMPARE(lineFigures(comparison, Policy::Allow), QStringLiteral("admitted 30 of 5 allowed · 25 over"));
        QCOMPARE(lineOf(comparison, Policy::Allow).sum.rejected, 0);
    }

    void anOutageLongerThanThePictureIsFollowedFromItsBegin()
    {
        const auto history = test::historyOf(kEnd, 300, [](telemetry::SecondBin &bin, int i) {
            bin.isAway = i >= 100;
            bin.undecided = bin.isAway ? 1 : 0;
            bin.tokens = 5;
        });
        const auto comparison = compareFailures(*history, Policy::Reject, kMinutely, Micros{0}, kEnd);
        const PolicyLine &local = lineOf(comparison, Policy::Local);
        QCOMPARE(local.sum.admitted, 5); // the level was spent before; one refill
        QCOMPARE(*local.allowed, 5);
        QCOMPARE(lineOf(comparison, Policy::Allow).over, 55);
    }

    void anUnknownLevelIsSaid()
    {
        const auto history = test::historyOf(kEnd, 60, [](telemetry::SecondBin &bin, int) {
            bin.isAway = true;
            bin.undecided = 2;
        });
        const auto comparison = compareFailures(*history, Policy::Reject, kMinutely, Micros{0}, kEnd);
        QVERIFY(lineOf(comparison, Policy::Local).bars.empty());
        QVERIFY(lineFigures(comparison, Policy::Local).contains(QStringLiteral("cannot be worked out")));
        QCOMPARE(lineFigures(comparison, Policy::Reject), QStringLiteral("admitted 0 · 120 rejected"));
    }

    // Filled up by hand in the middle: what was before is no measure for what comes after.
    void theBooksBeginAnewAfterAChange()
    {
        auto history =
            std::make_shared<telemetry::History>(*test::historyOf(kEnd, 120, [](telemetry::SecondBin &bin, int i) {
                bin.tokens = i < 90 ? 0 : i < 95 ? 5 : 0;
                bin.admitted = i == 95 ? 5 : 0;
            }));
        const auto before = compareFailures(*history, Policy::Reject, kMinutely, Micros{30'000'000}, kEnd);
        QCOMPARE(lineOf(before, Policy::Reject).over, 0); // a refill is due at second 90
        const auto wrong = compareFailures(*history, Policy::Reject, kMinutely, Micros{50'000'000}, kEnd);
        QCOMPARE(lineOf(wrong, Policy::Reject).over, 5);
        history->changes.push_back({(kEnd - 29) * 1000, kMinutely, kMinutely});
        const auto after = compareFailures(*history, Policy::Reject, kMinutely, Micros{50'000'000}, kEnd);
        QCOMPARE(lineOf(after, Policy::Reject).over, 0);
    }
};

QTEST_GUILESS_MAIN(TestFailureComparison)
#include "tst_failure_comparison.moc"

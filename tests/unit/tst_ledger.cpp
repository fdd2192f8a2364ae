// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/sim/ledger.h"
#include "core/sim/would.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::sim;

namespace {

constexpr std::int64_t kBegin = 1'800'000'000;

std::vector<LedgerSecond> books(const limit::LimitSpec &spec, limit::Tokens level,
                                std::initializer_list<std::int64_t> admitted, Micros phase = Micros{0})
{
    std::vector<Admissions> seconds;
    for (const std::int64_t count : admitted)
        seconds.push_back({kBegin + static_cast<std::int64_t>(seconds.size()), count});
    return ledgerOf(spec, level, phase, seconds);
}

std::int64_t overOf(const std::vector<LedgerSecond> &seconds)
{
    std::int64_t over = 0;
    for (const LedgerSecond &second : seconds)
        over += second.over;
    return over;
}

} // namespace

class TestLedger : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatIsThereMayBeTaken()
    {
        const limit::LimitSpec minute{5, 5, Micros{60'000'000}};
        const auto seconds = books(minute, 5, {0, 3, 2, 0});
        QCOMPARE(overOf(seconds), 0);
        QCOMPARE(seconds.back().left, 0);
        QCOMPARE(seconds.front().refilled, 0); // full when the minute began
    }

    void moreThanThatIsOver()
    {
        const limit::LimitSpec minute{5, 5, Micros{60'000'000}};
        const auto seconds = books(minute, 2, {0, 0, 9}, Micros{30'000'000});
        QCOMPARE(overOf(seconds), 7);
        QCOMPARE(seconds[2].over, 7);
        QCOMPARE(seconds[2].left, 0);
    }

    // Full, 5 requests, the refill, 5 requests: all within one second.
    void theOrderWithinASecondIsInFavour()
    {
        const limit::LimitSpec quick{5, 5, Micros{1'000'000}};
        QCOMPARE(overOf(books(quick, 5, {10, 5, 5}, Micros{500'000})), 0);
    }

    // The counts of a second are read a moment after its end, when the next refill may be spent already.
    void aRefillMayBeSpentAMomentEarly()
    {
        const limit::LimitSpec slow{5, 5, Micros{2'000'000}};
        const auto seconds = books(slow, 0, {5, 4, 1, 0}); // boundaries at 0 and 2
        QCOMPARE(seconds[1].left, -4);
        QCOMPARE(seconds[2].left, 0);
        QCOMPARE(overOf(seconds), 0);
        QCOMPARE(overOf(books(slow, 0, {5, 6, 0, 0})), 1);
    }

    void manyRefillsInASecondCount()
    {
        const limit::LimitSpec fast{5, 5, Micros{10'000}};
        QCOMPARE(overOf(books(fast, 5, {500, 500, 500})), 0);
        QVERIFY(overOf(books(fast, 5, {500, 500, 2000})) > 0);
    }

    // What the kernel admits is never called overspent, whatever the spread.
    void nobodyIsAccusedWrongly()
    {
        test::Random random;
        for (int round = 0; round < 400; ++round) {
            const limit::Tokens capacity = random.scaled(1, 10'000);
            const limit::LimitSpec limit{capacity, random.between(1, capacity),
                                         Micros{random.scaled(10'000, 90'000'000)}};
            const Micros phase{random.between(0, limit.interval.count() - 1)};
            const limit::Tokens level = random.between(0, capacity);
            std::vector<Arrivals> come;
            for (std::int64_t i = 0; i < 40; ++i)
                come.push_back({kBegin + i, random.between(0, random.scaled(1, 3000)), false});
            std::vector<Admissions> counted;
            std::int64_t sum = 0;
            for (const WouldSecond &second : wouldBe(FailurePolicy::Local, limit, level, phase, come)) {
                counted.push_back({come[counted.size()].second, second.admitted});
                sum += second.admitted;
            }
            limit::Tokens refilled = 0;
            const auto seconds = ledgerOf(limit, level, phase, counted);
            for (const LedgerSecond &second : seconds) {
                refilled += second.refilled;
                QVERIFY2(second.over == 0, qPrintable(QString::number(round)));
                QVERIFY(second.left <= capacity);
            }
            QCOMPARE(sum, level + refilled - seconds.back().left);
        }
    }
};

QTEST_GUILESS_MAIN(TestLedger)
#include "tst_ledger.moc"

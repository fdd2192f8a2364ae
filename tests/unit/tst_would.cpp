// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/sim/boundaries.h"
#include "core/sim/would.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::sim;

namespace {

constexpr std::int64_t kBegin = 1'800'000'000; // a multiple of a minute

limit::LimitSpec spec(limit::Tokens capacity, limit::Tokens refill, std::int64_t intervalMs)
{
    return {capacity, refill, Micros{intervalMs * 1000}, limit::StartLevel::Full};
}

std::vector<Arrivals> arrivals(std::initializer_list<std::pair<std::int64_t, bool>> seconds)
{
    std::vector<Arrivals> list;
    for (const auto &[requests, isAway] : seconds)
        list.push_back({kBegin + static_cast<std::int64_t>(list.size()), requests, isAway});
    return list;
}

std::vector<std::int64_t> admitted(const std::vector<WouldSecond> &seconds)
{
    std::vector<std::int64_t> counts;
    for (const WouldSecond &second : seconds)
        counts.push_back(second.admitted);
    return counts;
}

using Counts = std::vector<std::int64_t>;

} // namespace

class TestWould : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void noSecondsGiveNothing() { QVERIFY(wouldBe(FailurePolicy::Local, spec(5, 5, 1000), 5, Micros{0}, {}).empty()); }

    // 4 of 10, 2 more each 2 s; 3 requests a second, away in the seconds 2 to 4. The intervals begin with the
    // seconds 0, 2, 4, 6.
    void byHand()
    {
        const auto come = arrivals({{3, false}, {3, false}, {3, true}, {3, true}, {3, true}, {3, false}, {3, false}});
        const limit::LimitSpec limit = spec(10, 2, 2000);
        // Level 4: +2 is 6, 3 left, 0 left; +2 gives 2, then none; +2 gives 2, none; +2 gives 2.
        const auto local = wouldBe(FailurePolicy::Local, limit, 4, Micros{0}, come);
        QCOMPARE(admitted(local), (Counts{3, 3, 2, 0, 2, 0, 2}));
        QCOMPARE(local[2].refused, 1);
        QCOMPARE(local[3].refused, 3);
        QCOMPARE(local[2].rejected, 0);
        // Nothing is taken while away, so that 4 are there afterwards and 2 come at the end.
        const auto reject = wouldBe(FailurePolicy::Reject, limit, 4, Micros{0}, come);
        QCOMPARE(admitted(reject), (Counts{3, 3, 0, 0, 0, 3, 3}));
        QCOMPARE(reject[2].rejected, 3);
        QCOMPARE(reject[2].refused, 0);
        const auto allow = wouldBe(FailurePolicy::Allow, limit, 4, Micros{0}, come);
        QCOMPARE(admitted(allow), (Counts{3, 3, 3, 3, 3, 3, 3}));
        // The books of the limit itself are the same for all three.
        for (const auto *run : {&local, &reject, &allow}) {
            limit::Tokens refilled = 0;
            for (const WouldSecond &second : *run)
                refilled += second.refilled;
            QCOMPARE(refilled, 8);
            QCOMPARE(run->back().left, 0);
        }
    }

    // 10 requests a second come one each 100 ms; a refill of 1 each 500 ms, 300 ms after the full second.
    void requestsAreSpreadOverTheirSecond()
    {
        const auto come = arrivals({{10, true}});
        const auto local = wouldBe(FailurePolicy::Local, spec(1, 1, 500), 0, Micros{300'000}, come);
        QCOMPARE(local[0].admitted, 2); // 0.3 and 0.8
        QCOMPARE(local[0].refilled, 2);
        // All at once would have found one token.
        const auto quick = wouldBe(FailurePolicy::Local, spec(5, 5, 10), 5, Micros{0}, arrivals({{1000, true}}));
        QCOMPARE(quick[0].admitted, 505 - 5); // full at the first boundary, so that one refill is lost
    }

    void aLevelNeverPassesTheCapacity()
    {
        const auto quiet = wouldBe(FailurePolicy::Local, spec(5, 5, 1000), 3, Micros{0},
                                   arrivals({{0, false}, {0, true}, {0, false}}));
        QCOMPARE(quiet[0].refilled, 2);
        QCOMPARE(quiet[1].refilled, 0);
        QCOMPARE(quiet[2].left, 5);
    }

    void boundariesFollowTheirPhase()
    {
        const Boundaries boundaries(spec(1, 1, 2000), Micros{500'000});
        QCOMPARE(boundaries.from(0), std::int64_t{500'000});
        QCOMPARE(boundaries.from(500'000), std::int64_t{500'000});
        QCOMPARE(boundaries.from(500'001), std::int64_t{2'500'000});
        QCOMPARE(boundaries.within(0, 1'000'000), std::int64_t{1});
        QCOMPARE(boundaries.within(1'000'000, 2'000'000), std::int64_t{0});
        QCOMPARE(boundaries.within(500'000, 2'500'000), std::int64_t{1}); // the end is not in it
    }

    // The promises of would.h, at every second of random outages.
    void promises()
    {
        test::Random random;
        for (int round = 0; round < 400; ++round) {
            const limit::Tokens capacity = random.scaled(1, 10'000);
            const limit::LimitSpec limit{capacity, random.between(1, capacity),
                                         Micros{random.scaled(10'000, 90'000'000)}, limit::StartLevel::Full};
            const Micros phase{random.between(0, limit.interval.count() - 1)};
            const limit::Tokens level = random.between(0, capacity);
            std::vector<Arrivals> come;
            bool isAway = false;
            const std::int64_t most = random.scaled(1, 3000);
            for (std::int64_t i = 0; i < 40; ++i) {
                isAway = random.oneIn(6) ? !isAway : isAway;
                come.push_back({kBegin + i, random.oneIn(4) ? 0 : random.between(0, most), isAway});
            }
            const auto local = wouldBe(FailurePolicy::Local, limit, level, phase, come);
            const auto reject = wouldBe(FailurePolicy::Reject, limit, level, phase, come);
            const auto allow = wouldBe(FailurePolicy::Allow, limit, level, phase, come);
            std::int64_t localSum = 0, rejectSum = 0, refills = 0;
            for (std::size_t i = 0; i < come.size(); ++i) {
                localSum += local[i].admitted;
                rejectSum += reject[i].admitted;
                refills += local[i].refilled;
                QVERIFY2(localSum <= level + refills, qPrintable(QString::number(round)));
                QCOMPARE(localSum, level + refills - local[i].left);
                QVERIFY(local[i].left >= 0 && local[i].left <= capacity);
                QVERIFY2(rejectSum <= localSum, qPrintable(QString::number(round)));
                QCOMPARE(allow[i].refilled, local[i].refilled);
                for (const auto *run : {&local, &reject, &allow}) {
                    const WouldSecond &second = (*run)[i];
                    QCOMPARE(second.admitted + second.refused + second.rejected, come[i].requests);
                }
                if (!come[i].isAway)
                    continue;
                QCOMPARE(allow[i].admitted, come[i].requests);
                QCOMPARE(reject[i].rejected, come[i].requests);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestWould)
#include "tst_would.moc"

// SPDX-License-Identifier: GPL-3.0-only
// The shares of a bucket: however many instances go on by themselves, together they never pass the whole.
#include <QTest>

#include "core/limit/local_bucket.h"
#include "core/limit/share.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;

namespace {

constexpr int kRounds = 2000;

} // namespace

class TestShare : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void oneInstanceHasTheWhole()
    {
        const LimitSpec spec{7, 3, Micros{1'000'000}};
        const Share share = shareOf(spec, 5, 1);
        QCOMPARE(share.spec, spec);
        QCOMPARE(share.tokens, Tokens{5});
    }

    void remaindersGoToNobody()
    {
        const Share share = shareOf({10, 7, Micros{60'000'000}}, 9, 4);
        QCOMPARE(share.spec.capacity, Tokens{2});
        QCOMPARE(share.tokens, Tokens{2});
        QCOMPARE(share.spec.refill, Tokens{1});
        QCOMPARE(share.spec.interval, Micros{60'000'000});
    }

    void aRefillThatCannotBeDividedComesLessOften()
    {
        const Share share = shareOf({10, 2, Micros{1'000'000}}, 10, 5);
        QCOMPARE(share.spec.refill, Tokens{1});
        QCOMPARE(share.spec.interval, Micros{3'000'000}); // 5 instances get 5 where the whole gets 6
    }

    void lessThanATokenIsRefused()
    {
        LocalBucket bucket{{.spec = {3, 3, Micros{1'000'000}}, .known = {.born = 1, .tokens = 3}, .instances = 4}, 1};
        const std::vector<CostRun> runs{{1, 5}};
        for (std::int64_t second = 0; second < 100; ++second) {
            const TakeOutput output = bucket.take(Micros{second * 1'000'000 + 1}, runs, true);
            QCOMPARE(output.granted, std::vector<std::int64_t>{0});
            QVERIFY(output.nextRefill > Micros{0});
        }
    }

    // All take as much as they can, each at its own moments.
    void togetherTheyNeverPassTheWhole()
    {
        Random random;
        std::int64_t divided = 0;
        for (int round = 0; round < kRounds; ++round) {
            LimitSpec spec;
            spec.capacity = random.oneIn(2) ? random.between(1, 30) : random.scaled(1, kMaxCapacity);
            spec.refill = random.scaled(1, spec.capacity);
            spec.interval = Micros{random.scaled(kMinInterval.count(), 60'000'000)};
            const std::int64_t instances = random.between(1, 9);
            const Micros begin{1'700'000'000'000'000 + random.between(0, spec.interval.count())};
            Known known{.born = 1, .tokens = random.between(0, spec.capacity)};
            known.interval = begin / spec.interval;
            std::vector<LocalBucket> buckets;
            for (std::int64_t i = 0; i < instances; ++i)
                buckets.emplace_back(LastSeen{.spec = spec, .known = known, .instances = instances}, 1);
            Micros now = begin;
            Tokens spent = 0;
            for (int step = 0; step < 30; ++step) {
                now += Micros{random.between(0, 2 * spec.interval.count())};
                LocalBucket &bucket = buckets[static_cast<std::size_t>(random.between(0, instances - 1))];
                const std::vector<CostRun> runs{{1, random.oneIn(3) ? spec.capacity : random.between(0, 5)}};
                spent += bucket.take(now, runs, true).granted[0];
                const std::int64_t intervals = now / spec.interval - known.interval;
                const Tokens most = known.tokens + spec.refill * intervals;
                QVERIFY2(spent <= most, qPrintable(QStringLiteral("round %1: %2 of %3, %4 instances")
                                                       .arg(round)
                                                       .arg(spent)
                                                       .arg(most)
                                                       .arg(instances)));
            }
            divided += instances > 1 && spent > 0 ? 1 : 0;
        }
        QVERIFY(divided > kRounds / 2);
    }
};

QTEST_APPLESS_MAIN(TestShare)
#include "tst_share.moc"

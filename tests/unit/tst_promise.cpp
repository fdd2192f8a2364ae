// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/limit/promise.h"

using namespace weir;
using namespace weir::limit;
using namespace std::chrono_literals;

class TestPromise : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void mostWithinCountsEveryBoundary()
    {
        const LimitSpec study{.capacity = 5, .refill = 5, .interval = 1min};
        QCOMPARE(mostWithin(study, 1us), Tokens{10});
        QCOMPARE(mostWithin(study, 1min), Tokens{10}); // :59 and :00, the study's own fault, told
        QCOMPARE(mostWithin(study, 1min + 1us), Tokens{15});
        QCOMPARE(mostWithin(study, 24h * 30), Tokens{5 + 5 * 43'200});
    }
    void mostWithinSaturates()
    {
        const LimitSpec huge{.capacity = kMaxCapacity, .refill = kMaxCapacity, .interval = kMinInterval};
        QCOMPARE(mostWithin(huge, Micros::max()), std::numeric_limits<Tokens>::max());
    }
    void sustainedRate()
    {
        QCOMPARE(sustainedPerSecond({.capacity = 50, .refill = 50, .interval = 1s}), 50.0);
        QCOMPARE(sustainedPerSecond({.capacity = 60, .refill = 60, .interval = 1h}), 1.0 / 60.0);
    }
    void thePaceIsWhatIsSustained()
    {
        const auto pace = [](const LimitSpec &spec) { return paceOf(spec, 24h); };
        QCOMPARE(pace({.capacity = 5, .refill = 5, .interval = 1min}), (Pace{5, 1min}));
        QCOMPARE(pace({.capacity = 60, .refill = 5, .interval = 2s}), (Pace{60, 24s}));
        QCOMPARE(pace({.capacity = 20, .refill = 15, .interval = 1min}), (Pace{15, 1min}));
        QCOMPARE(pace({.capacity = 1'000, .refill = 1, .interval = 1h}), (Pace{24, 24h})); // the longest
        QCOMPARE(pace({.capacity = 9, .refill = 1, .interval = 100h}), (Pace{1, 100h}));
        const auto counter = [](Tokens capacity) {
            return LimitSpec{
                .capacity = capacity, .refill = capacity, .interval = 1min, .algorithm = Algorithm::SlidingCounter};
        };
        QCOMPARE(pace(counter(100)), (Pace{99, 1min}));
        QCOMPARE(pace(counter(1)), (Pace{1, 2min}));
    }
    void timeToFullRoundsUp()
    {
        QCOMPARE(timeToFull({.capacity = 5, .refill = 5, .interval = 1min}).count(), Micros{1min}.count());
        QCOMPARE(timeToFull({.capacity = 5, .refill = 2, .interval = 1min}).count(), Micros{3min}.count());
        QCOMPARE(timeToFull({.capacity = kMaxCapacity, .refill = 1, .interval = kMaxInterval}).count(),
                 Micros::max().count());
    }
};

QTEST_APPLESS_MAIN(TestPromise)
#include "tst_promise.moc"

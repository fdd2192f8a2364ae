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

// SPDX-License-Identifier: GPL-3.0-only
// The breaker: three failures or one missed deadline open it, one probe at a time closes it.
#include <QTest>

#include "core/engine/presence/circuit_breaker.h"

using namespace weir::engine;
using namespace std::chrono_literals;
using State = CircuitBreaker::State;

namespace {

constexpr CircuitBreaker::Instant kStart{1h};

} // namespace

class TestCircuitBreaker : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void threeFailuresInARowOpenIt()
    {
        CircuitBreaker breaker;
        QVERIFY(breaker.isClosed());
        breaker.noteFailure(false, kStart);
        breaker.noteFailure(false, kStart);
        breaker.noteSuccess(); // not in a row
        breaker.noteFailure(false, kStart);
        breaker.noteFailure(false, kStart);
        QVERIFY(breaker.isClosed());
        breaker.noteFailure(false, kStart + 5ms);
        QVERIFY(!breaker.isClosed());
    }

    void oneMissedDeadlineOpensIt()
    {
        CircuitBreaker breaker;
        breaker.noteFailure(true, kStart);
        QCOMPARE(breaker.state(), State::Open);
    }

    void oneProbeEvery250ms()
    {
        CircuitBreaker breaker;
        QVERIFY(!breaker.takeProbe(kStart)); // closed: every request is a probe
        breaker.noteFailure(true, kStart);
        QVERIFY(!breaker.takeProbe(kStart + 249ms));
        QVERIFY(breaker.takeProbe(kStart + 250ms));
        QCOMPARE(breaker.state(), State::HalfOpen);
        QVERIFY(!breaker.takeProbe(kStart + 10s)); // one at a time
        breaker.noteFailure(false, kStart + 300ms);
        QCOMPARE(breaker.state(), State::Open);
        QVERIFY(!breaker.takeProbe(kStart + 549ms));
        QVERIFY(breaker.takeProbe(kStart + 550ms));
        breaker.noteSuccess();
        QVERIFY(breaker.isClosed());
        QVERIFY(!breaker.takeProbe(kStart + 1h));
    }

    void itStaysOpenSinceItsFirstFailure()
    {
        CircuitBreaker breaker;
        breaker.noteFailure(true, kStart);
        QVERIFY(breaker.takeProbe(kStart + 1s));
        breaker.noteFailure(true, kStart + 1s);
    }

    void closedAgainItCountsFromNothing()
    {
        CircuitBreaker breaker;
        for (int i = 0; i < 3; ++i)
            breaker.noteFailure(false, kStart);
        breaker.noteSuccess();
        breaker.noteFailure(false, kStart);
        breaker.noteFailure(false, kStart);
        QVERIFY(breaker.isClosed());
    }
};

QTEST_APPLESS_MAIN(TestCircuitBreaker)
#include "tst_circuit_breaker.moc"

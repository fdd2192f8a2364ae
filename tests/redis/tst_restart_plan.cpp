// SPDX-License-Identifier: GPL-3.0-only
// When a server that ended is started again: at once, then later and later, then not for a while.
#include <QTest>

#include "core/redis/server/restart_plan.h"

using namespace weir::redis;
using namespace std::chrono_literals;

namespace {

constexpr RestartPlan::Instant kStart{};

} // namespace

class TestRestartPlan : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theWaitDoubles()
    {
        RestartPlan plan{RestartRule{}};
        for (const auto wait : {0ms, 200ms, 400ms, 800ms})
            QCOMPARE(plan.noteEnd(kStart), std::optional{wait});
        QCOMPARE(plan.noteEnd(kStart), std::nullopt); // five within a minute
        QCOMPARE(plan.noteEnd(kStart + 59s), std::nullopt);
    }

    void whatIsAMinuteAgoIsForgotten()
    {
        RestartPlan plan{RestartRule{}};
        for (int i = 0; i < 20; ++i) // one every 15 s: never five within a minute
            QVERIFY(plan.noteEnd(kStart + i * 15s).has_value());
        QCOMPARE(plan.noteEnd(kStart + 600s), std::optional{0ms});
    }

    void theWindowIsHalfOpen()
    {
        RestartPlan plan{RestartRule{.maxEnds = 2}};
        QCOMPARE(plan.noteEnd(kStart), std::optional{0ms});
        QCOMPARE(plan.noteEnd(kStart + 60s), std::optional{0ms});
        QCOMPARE(plan.noteEnd(kStart + 60s + 59'999ms), std::nullopt);
    }

    void clearBeginsAnew()
    {
        RestartPlan plan{RestartRule{.maxEnds = 2}};
        QVERIFY(plan.noteEnd(kStart).has_value());
        QVERIFY(!plan.noteEnd(kStart).has_value());
        plan.clear();
        QCOMPARE(plan.noteEnd(kStart), std::optional{0ms});
    }
};

QTEST_GUILESS_MAIN(TestRestartPlan)
#include "tst_restart_plan.moc"

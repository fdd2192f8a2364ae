// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "ui/window/pace.h"

using namespace weir::ui;
using namespace std::chrono_literals;

class TestPace : public QObject {
    Q_OBJECT
    const Pace::Clock::time_point m_start = Pace::Clock::time_point{} + 1h;

    /// Asked every `step` for `length`, takes whenever it may: how often that was.
    int takes(Pace &pace, std::chrono::milliseconds cost, std::chrono::milliseconds step,
              std::chrono::milliseconds length) const
    {
        int count = 0;
        for (auto at = 0ms; at < length; at += step) {
            if (!pace.isOpen(m_start + at))
                continue;
            pace.spend(cost, m_start + at);
            ++count;
        }
        return count;
    }

private Q_SLOTS:
    void seldomIsAtOnce()
    {
        Pace pace(600ms);
        QCOMPARE(takes(pace, 300ms, 300ms, 30s), 100);
    }

    void aFloodIsEven()
    {
        Pace pace(600ms);
        const int count = takes(pace, 300ms, 50ms, 30s);
        QVERIFY2(count >= 100 && count <= 103, qPrintable(QString::number(count))); // two in advance
    }

    void restGivesTheSlackBackAndNoMore()
    {
        Pace pace(600ms);
        takes(pace, 300ms, 50ms, 10s);
        const auto later = m_start + 10min;
        int inARow = 0;
        while (pace.isOpen(later)) {
            pace.spend(300ms, later);
            ++inARow;
        }
        QCOMPARE(inARow, 3);
    }
};

QTEST_GUILESS_MAIN(TestPace)
#include "tst_pace.moc"

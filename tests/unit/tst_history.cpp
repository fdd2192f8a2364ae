// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/telemetry/history.h"

using namespace weir::telemetry;

namespace {

SecondBin binOf(std::int64_t second)
{
    SecondBin bin;
    bin.second = second;
    bin.admitted = second;
    return bin;
}

} // namespace

class TestHistory : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theLastHourIsKept()
    {
        HistoryRecorder recorder;
        for (std::int64_t second = 1; second <= 4000; ++second)
            recorder.add(binOf(second));
        const auto history = recorder.snapshot();
        QCOMPARE(history->bins.size(), kHistorySeconds);
        QCOMPARE(history->bins.front().second, std::int64_t{401});
        QCOMPARE(history->bins.back().second, std::int64_t{4000});
    }

    void changesLeaveWithTheirSecond()
    {
        HistoryRecorder recorder;
        recorder.add(binOf(1));
        recorder.add(LimitChange{.atMs = 1'500, .before = {}, .after = {}});
        for (std::int64_t second = 2; second <= 3600; ++second)
            recorder.add(binOf(second));
        QCOMPARE(recorder.snapshot()->changes.size(), std::size_t{1});
        recorder.add(binOf(3601));
        QCOMPARE(recorder.snapshot()->changes.size(), std::size_t{0});
    }

    void changesAreBounded()
    {
        HistoryRecorder recorder;
        for (std::size_t i = 0; i < kHistorySeconds + 10; ++i)
            recorder.add(LimitChange{.atMs = static_cast<std::int64_t>(i), .before = {}, .after = {}});
        QCOMPARE(recorder.snapshot()->changes.size(), kHistorySeconds);
        QCOMPARE(recorder.snapshot()->changes.front().atMs, std::int64_t{10});
    }

    void aSnapshotDoesNotChange()
    {
        HistoryRecorder recorder;
        const auto before = recorder.snapshot();
        recorder.add(binOf(7));
        QVERIFY(before->bins.empty());
    }
};

QTEST_APPLESS_MAIN(TestHistory)
#include "tst_history.moc"

// SPDX-License-Identifier: GPL-3.0-only
#include "tests/ui/fake_service.h"
#include "tests/support/warnings_fail.h"
#include "ui/live/chart_series.h"

using namespace weir;
using namespace weir::ui;

namespace {
constexpr std::int64_t kEnd = 1'800'000'059; // the last second of a minute
}

class TestChartSeries : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void emptyHistoryHasEmptyBars()
    {
        const ChartSeries series = chartSeries({}, ChartRange::FiveMinutes, kEnd);
        QCOMPARE(series.bins.size(), std::size_t{60});
        QCOMPARE(series.bins.back().second, kEnd - 4);
        QCOMPARE(series.bins.back().tokens, -1);
        QCOMPARE(series.peakRate, 0.0);
        QVERIFY(series.marks.empty());
    }

    void oneMinuteIsOneBarASecond()
    {
        const auto history = test::historyOf(kEnd, 90, [](telemetry::SecondBin &bin, int i) { bin.admitted = i; });
        const ChartSeries series = chartSeries(*history, ChartRange::OneMinute, 0);
        QCOMPARE(series.bins.front().second, kEnd - 59);
        QCOMPARE(series.bins.front().admitted, 30.0);
        QCOMPARE(series.bins.back().admitted, 89.0);
        QCOMPARE(series.peakRate, 89.0);
    }

    void longerRangesShowRatesNotSums_data()
    {
        QTest::addColumn<int>("range");
        QTest::addColumn<qint64>("barSeconds");
        QTest::newRow("5 min") << static_cast<int>(ChartRange::FiveMinutes) << qint64{5};
        QTest::newRow("1 h") << static_cast<int>(ChartRange::OneHour) << qint64{60};
    }
    void longerRangesShowRatesNotSums()
    {
        QFETCH(int, range);
        QFETCH(qint64, barSeconds);
        const auto history = test::historyOf(kEnd, 3600, [](telemetry::SecondBin &bin, int) {
            bin.admitted = 4;
            bin.refused = 2;
            bin.undecided = 1;
        });
        const ChartSeries series = chartSeries(*history, static_cast<ChartRange>(range), 0);
        for (const PlotBin &bin : series.bins) {
            QCOMPARE(bin.seconds, static_cast<int>(barSeconds));
            QCOMPARE(bin.admitted, 4.0);
            QCOMPARE(bin.refused, 2.0);
            QCOMPARE(bin.second % barSeconds, 0);
        }
        QCOMPARE(series.admitted, 4 * 60 * barSeconds);
        QCOMPARE(series.refused, 2 * 60 * barSeconds);
        QCOMPARE(series.undecided, 60 * barSeconds);
        QCOMPARE(series.peakRate, 7.0);
    }

    void newestBarIsTheMeanOfWhatIsKnown()
    {
        // Two of five seconds of the newest bar have passed.
        const auto history = test::historyOf(1'800'000'001, 2,
                                             [](telemetry::SecondBin &bin, int i) { bin.admitted = i == 0 ? 10 : 20; });
        const ChartSeries series = chartSeries(*history, ChartRange::FiveMinutes, 0);
        QCOMPARE(series.bins.back().second, 1'800'000'000);
        QCOMPARE(series.bins.back().seconds, 2);
        QCOMPARE(series.bins.back().admitted, 15.0);
        QCOMPARE(series.bins.front().seconds, 0);
    }

    void closedBarsNeverChange()
    {
        const auto fill = [](telemetry::SecondBin &bin, int) { bin.admitted = bin.second % 7; };
        const auto before = chartSeries(*test::historyOf(kEnd, 400, fill), ChartRange::FiveMinutes, 0);
        const auto after = chartSeries(*test::historyOf(kEnd + 5, 405, fill), ChartRange::FiveMinutes, 0);
        for (std::size_t i = 1; i < 60; ++i) {
            QCOMPARE(after.bins[i - 1].second, before.bins[i].second);
            QCOMPARE(after.bins[i - 1].admitted, before.bins[i].admitted);
        }
    }

    void levelIsTheLastKnownInTheBar()
    {
        const auto history = test::historyOf(kEnd, 10, [](telemetry::SecondBin &bin, int i) {
            bin.tokens = i == 5 ? 5 : i == 7 ? 3 : -1;
        });
        const ChartSeries series = chartSeries(*history, ChartRange::FiveMinutes, 0);
        QCOMPARE(series.bins[59].tokens, 3);
        QCOMPARE(series.bins[58].tokens, -1);
        QCOMPARE(series.peakTokens, 3);
    }

    void marksStandWhereTheLimitChanged()
    {
        auto history =
            std::make_shared<telemetry::History>(*test::historyOf(kEnd, 60, [](telemetry::SecondBin &, int) {}));
        const std::int64_t begin = (kEnd - 59) * 1000;
        history->changes = {{begin - 1, {}, {}},
                            {begin + 30'500, {5, 5, Micros{1'000'000}}, {8, 5, Micros{1'000'000}}}};
        const ChartSeries series = chartSeries(*history, ChartRange::OneMinute, 0);
        QCOMPARE(series.marks.size(), std::size_t{1});
        QCOMPARE(series.marks.front().position, 30.5);
        QCOMPARE(series.marks.front().change.after.capacity, 8);
    }

    void recentRateIsAMean()
    {
        const auto history = test::historyOf(kEnd, 20, [](telemetry::SecondBin &bin, int i) {
            bin.admitted = i >= 15 ? 5 : 100;
            bin.refused = i == 19 ? 5 : 0;
        });
        const RecentRate rate = recentRate(*history, 5);
        QCOMPARE(rate.admitted, 5.0);
        QCOMPARE(rate.refused, 1.0);
        QCOMPARE(recentRate({}, 5).admitted, 0.0);
    }

    void scaleIsNice_data()
    {
        QTest::addColumn<double>("peak");
        QTest::addColumn<double>("top");
        QTest::addColumn<double>("step");
        QTest::newRow("nothing") << 0.0 << 4.0 << 1.0;
        QTest::newRow("fraction") << 0.2 << 1.0 << 1.0;
        QTest::newRow("5") << 5.0 << 5.0 << 1.0;
        QTest::newRow("6") << 6.0 << 6.0 << 2.0;
        QTest::newRow("13") << 13.0 << 15.0 << 5.0;
        QTest::newRow("100") << 100.0 << 100.0 << 20.0;
        QTest::newRow("60") << 60.0 << 60.0 << 20.0;
        QTest::newRow("90k") << 90'000.0 << 100'000.0 << 20'000.0;
        QTest::newRow("1e9") << 1e9 << 1e9 << 2e8;
    }
    void scaleIsNice()
    {
        QFETCH(double, peak);
        QFETCH(double, top);
        QFETCH(double, step);
        const NiceScale scale = niceScale(peak);
        QCOMPARE(scale.top, top);
        QCOMPARE(scale.step, step);
        QVERIFY(scale.top / scale.step <= 5.0);
    }
};

QTEST_GUILESS_MAIN(TestChartSeries)
#include "tst_chart_series.moc"

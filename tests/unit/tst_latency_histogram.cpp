// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include <algorithm>
#include <cmath>

#include "core/telemetry/latency_histogram.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::telemetry;

class TestLatencyHistogram : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyValueIsInItsBin()
    {
        for (std::int64_t micros = 0; micros < (1 << 26); micros += micros / 500 + 1) {
            const int bin = LatencyHistogram::binOf(micros);
            QVERIFY(bin >= 0 && bin < kLatencyBins);
            QVERIFY(micros < LatencyHistogram::upperEdge(bin));
            QVERIFY(bin == 0 || micros >= LatencyHistogram::upperEdge(bin - 1));
        }
    }

    void outOfRangeGoesToTheEnds()
    {
        QCOMPARE(LatencyHistogram::binOf(-5), 0);
        QCOMPARE(LatencyHistogram::binOf(std::int64_t{1} << 26), kLatencyBins - 1);
        QCOMPARE(LatencyHistogram::binOf(std::numeric_limits<std::int64_t>::max()), kLatencyBins - 1);
    }

    void quantilesAreCloseToTheExactOnes()
    {
        test::Random random;
        LatencyHistogram histogram;
        std::vector<std::int64_t> exact(20'000);
        for (std::int64_t &micros : exact) {
            micros = random.scaled(0, 60'000'000);
            histogram.record(Micros{micros});
        }
        std::sort(exact.begin(), exact.end());
        const LatencyCounts counts = histogram.read();
        QCOMPARE(counts.total(), std::uint64_t{20'000});
        for (const double q : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
            const auto rank = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(q * 20'000)));
            const auto truth = static_cast<double>(exact[rank - 1]);
            const auto told = static_cast<double>(counts.quantile(q).count());
            QVERIFY2(told >= truth && told <= truth * 1.125 + 1,
                     qPrintable(QStringLiteral("%1: %2 for %3").arg(q).arg(told).arg(truth)));
        }
    }

    void countsAddAndSubtract()
    {
        LatencyHistogram histogram;
        QCOMPARE(histogram.read().quantile(0.5).count(), Micros::rep{0});
        histogram.record(Micros{3});
        const LatencyCounts before = histogram.read();
        histogram.record(Micros{1000});
        LatencyCounts between = histogram.read();
        between.subtract(before);
        QCOMPARE(between.total(), std::uint64_t{1});
        QVERIFY(between.quantile(0.5) > Micros{999});
        between.add(before);
        QCOMPARE(between.total(), std::uint64_t{2});
    }
};

QTEST_APPLESS_MAIN(TestLatencyHistogram)
#include "tst_latency_histogram.moc"

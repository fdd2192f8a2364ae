// SPDX-License-Identifier: GPL-3.0-only
#include <QElapsedTimer>
#include <QImage>
#include <QTimer>

#include "tests/support/warnings_fail.h"
#include "ui/look/theme.h"
#include "ui/live/bucket_gauge.h"
#include "ui/live/refill_countdown.h"

using namespace weir;
using namespace weir::ui;

namespace {

QImage picture(std::optional<limit::Tokens> tokens, limit::Tokens capacity, bool isOld = false)
{
    BucketGauge gauge;
    gauge.resize(200, 200);
    gauge.setLevel(tokens, capacity, isOld);
    return gauge.grab().toImage();
}

constexpr int kFlowMs = 1000;
constexpr int kFlowStepMs = 20;
constexpr int kMostFlowFrames = 20; // one each 66 ms, and some to begin with

/// Counts the pictures that a widget draws.
class PaintCounter : public QObject {
public:
    int count{0};
    bool eventFilter(QObject *, QEvent *event) override
    {
        count += event->type() == QEvent::Paint ? 1 : 0;
        return false;
    }
};

/// How many of the middle column's pixels are water.
int waterHeight(const QImage &image)
{
    int height = 0;
    for (int y = 0; y < image.height(); ++y) {
        const QColor color = image.pixelColor(image.width() / 4 + 12, y);
        height += color.blue() > 120 && color.red() < 110 && color.blue() > color.green() + 30 ? 1 : 0;
    }
    return height;
}

} // namespace

class TestBucketGauge : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        applyTheme(ThemeChoice::Dark);
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void everyLevelLooksDifferent()
    {
        QList<QImage> seen;
        for (limit::Tokens tokens = 0; tokens <= 5; ++tokens)
            seen << picture(tokens, 5);
        seen << picture(std::nullopt, 5) << picture(3, 5, true) << picture(3, 1'000'000'000)
             << picture(1'000'000'000, 1'000'000'000);
        for (qsizetype i = 0; i < seen.size(); ++i) {
            for (qsizetype j = i + 1; j < seen.size(); ++j)
                QVERIFY2(seen.at(i) != seen.at(j), qPrintable(QStringLiteral("%1 and %2").arg(i).arg(j)));
        }
    }

    void waterIsProportional()
    {
        const int full = waterHeight(picture(100, 100));
        const int half = waterHeight(picture(50, 100));
        QVERIFY(full > 150);
        QVERIFY2(std::abs(half * 2 - full) <= 12, qPrintable(QStringLiteral("%1 %2").arg(half).arg(full)));
        QCOMPARE(waterHeight(picture(0, 100)), 0);
        QCOMPARE(waterHeight(picture(std::nullopt, 100)), 0);
    }

    void oddLevelsDoNotBreakIt()
    {
        picture(7, 5); // more than the capacity, right after a change
        picture(0, 1);
        picture(1, 1);
        BucketGauge tiny;
        tiny.resize(1, 1);
        tiny.setLevel(1, 1, false);
        tiny.grab();
    }

    void movesBetweenReportedLevelsOnly()
    {
        BucketGauge gauge;
        gauge.resize(200, 200);
        gauge.show();
        gauge.setLevel(5, 5, false);
        QVERIFY(!gauge.isMoving()); // from unknown: no water that was never there
        gauge.setLevel(3, 5, false);
        QVERIFY(gauge.isMoving());
        QTRY_VERIFY(!gauge.isMoving());
        gauge.setLevel(3, 5, false);
        QVERIFY(!gauge.isMoving());
        gauge.setLevel(std::nullopt, 5, false);
        QVERIFY(!gauge.isMoving());
        QCOMPARE(gauge.accessibleDescription(), QStringLiteral("Level not known"));
    }

    void continuousMotionNeedsFewPictures()
    {
        BucketGauge gauge;
        gauge.resize(200, 200);
        gauge.show();
        gauge.setLevel(1000, 1000, false);
        QVERIFY(QTest::qWaitForWindowExposed(&gauge));
        PaintCounter paints;
        gauge.installEventFilter(&paints);
        QElapsedTimer time;
        time.start();
        limit::Tokens level = 1000;
        QTimer flood;
        connect(&flood, &QTimer::timeout, this, [&] {
            level = level > 10 ? level - 7 : 1000;
            gauge.setLevel(level, 1000, false);
        });
        flood.start(kFlowStepMs);
        QTRY_VERIFY_WITH_TIMEOUT(time.elapsed() > kFlowMs, 2 * kFlowMs);
        flood.stop();
        QVERIFY2(paints.count >= 5 && paints.count <= kMostFlowFrames, qPrintable(QString::number(paints.count)));
    }

    void whatNobodySeesIsNotDrawn()
    {
        BucketGauge gauge;
        gauge.resize(200, 200);
        gauge.show();
        gauge.setLevel(900'000'000, 1'000'000'000, false);
        QVERIFY(QTest::qWaitForWindowExposed(&gauge));
        QCoreApplication::processEvents();
        PaintCounter paints;
        gauge.installEventFilter(&paints);
        for (limit::Tokens taken = 1; taken <= 100; ++taken) {
            gauge.setLevel(900'000'000 + taken, 1'000'000'000, false); // less than half a pixel, the same "900M"
            QCoreApplication::processEvents();
        }
        QVERIFY(!gauge.isMoving());
        QCOMPARE(paints.count, 0);
        QCOMPARE(gauge.accessibleDescription(), QStringLiteral("900,000,100 of 1,000,000,000 tokens"));
    }

    void hiddenGaugeDoesNotMove()
    {
        BucketGauge gauge;
        gauge.setLevel(5, 5, false);
        gauge.setLevel(1, 5, false);
        QVERIFY(!gauge.isMoving());
    }

    void countdownSaysWhatComes_data()
    {
        QTest::addColumn<qint64>("capacity");
        QTest::addColumn<qint64>("refill");
        QTest::addColumn<qint64>("interval");
        QTest::addColumn<qint64>("level");
        QTest::addColumn<qint64>("left");
        QTest::addColumn<QString>("headline");
        QTest::addColumn<QString>("remark");
        QTest::addColumn<int>("algorithm");
        QTest::newRow("study") << 5LL << 5LL << 60'000'000LL << 0LL << 37'000'000LL << "+5 in 0:37"
                               << "refill every 1 min" << 0;
        QTest::newRow("nearly full") << 5LL << 5LL << 60'000'000LL << 3LL << 37'000'000LL << "+2 in 0:37"
                                     << "refill every 1 min" << 0;
        QTest::newRow("full") << 5LL << 5LL << 60'000'000LL << 5LL << 37'000'000LL
                              << QStringLiteral("Full · refill in 0:37") << "refill every 1 min" << 0;
        QTest::newRow("overdue") << 5LL << 5LL << 60'000'000LL << 0LL << -1LL << "+5 in 0:00"
                                 << "refill every 1 min" << 0;
        QTest::newRow("short") << 50LL << 5LL << 200'000LL << 0LL << 100'000LL << "+5 every 200 ms"
                               << "up to 50 tokens" << 0;
        using limit::Algorithm;
        const auto row = [](const char *name, Algorithm algorithm, qint64 level, qint64 left, const char *headline,
                            const char *remark) {
            QTest::newRow(name) << 5LL << 5LL << 60'000'000LL << level << left << QString::fromUtf8(headline)
                                << QString::fromUtf8(remark) << static_cast<int>(algorithm);
        };
        row("smooth", Algorithm::TokenBucketSmooth, 2, 9'000'000, "+1 in 0:09", "1 every 12 s");
        row("gcra", Algorithm::Gcra, 0, 12'000'000, "+1 in 0:12", "1 every 12 s");
        row("gcra full", Algorithm::Gcra, 5, 37'000'000, "Full", "1 every 12 s");
        row("leaky", Algorithm::LeakyBucket, 4, 1'000'000, "+1 in 0:01", "1 every 12 s");
        row("window", Algorithm::FixedWindow, 0, 37'000'000, "+5 in 0:37", "a window is 1 min");
        row("window full", Algorithm::FixedWindow, 5, 37'000'000, "Full · next in 0:37", "a window is 1 min");
        row("log", Algorithm::SlidingLog, 1, 37'000'000, "More in 0:37", "5 in any 1 min");
        row("counter full", Algorithm::SlidingCounter, 5, 37'000'000, "Full", "5 in any 1 min");
        QTest::newRow("uneven") << 7LL << 7LL << 60'000'000LL << 0LL << 8'000'000LL << QStringLiteral("+1 in 0:08")
                                << QStringLiteral("7 per minute") << static_cast<int>(Algorithm::Gcra);
        QTest::newRow("even and short") << 100LL << 100LL << 10'000'000LL << 0LL << 100'000LL
                                        << QStringLiteral("+100 every 10 s") << QStringLiteral("up to 100 tokens")
                                        << static_cast<int>(Algorithm::Gcra);
    }
    void countdownSaysWhatComes()
    {
        QFETCH(qint64, capacity);
        QFETCH(qint64, refill);
        QFETCH(qint64, interval);
        QFETCH(qint64, level);
        QFETCH(qint64, left);
        QFETCH(QString, headline);
        QFETCH(QString, remark);
        QFETCH(int, algorithm);
        const limit::LimitSpec spec{capacity, refill, Micros{interval}, limit::StartLevel::Full,
                                    static_cast<limit::Algorithm>(algorithm)};
        RefillCountdown countdown;
        countdown.setState({Micros{left}, level, spec, true});
        QCOMPARE(countdown.headline(), headline);
        QCOMPARE(countdown.remark(), remark);
        countdown.grab();
        countdown.setState({std::nullopt, level, spec, false});
        QCOMPARE(countdown.headline(), QStringLiteral("Refill stopped"));
    }
};

QTEST_MAIN(TestBucketGauge)
#include "tst_bucket_gauge.moc"

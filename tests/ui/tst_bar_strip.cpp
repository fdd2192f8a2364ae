// SPDX-License-Identifier: GPL-3.0-only
#include <QImage>

#include "tests/support/warnings_fail.h"
#include "ui/look/theme.h"
#include "ui/failures/bar_strip.h"

using namespace weir;
using namespace weir::ui;

namespace {

constexpr std::int64_t kPeak = 10;

PolicyLine line()
{
    PolicyLine result;
    result.bars.resize(kComparedSeconds);
    result.bars[10] = {10, 0, 0};
    result.bars[20] = {0, 10, 0};
    result.bars[30] = {0, 0, 10};
    result.bars[40] = {5, 5, 0};
    result.bars[59] = {1, 0, 0};
    return result;
}

} // namespace

class TestBarStrip : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

    static QImage painted(BarStrip &strip)
    {
        QImage image(strip.size(), QImage::Format_RGB32);
        image.fill(colors().panel);
        strip.render(&image, {}, {}, {});
        return image;
    }
    static QColor colorIn(const QImage &image, const BarStrip &strip, int bar, double height)
    {
        const QRectF room = strip.column(bar);
        return image.pixelColor(static_cast<int>(room.left()) + 1, static_cast<int>(room.height() * height));
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void barsStandInTheirColours_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }
    void barsStandInTheirColours()
    {
        QFETCH(bool, isDark);
        applyTheme(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        BarStrip strip;
        strip.resize(600, 60);
        strip.showLine(line(), std::vector<bool>(kComparedSeconds), 1'800'000'000, kPeak);
        const QImage image = painted(strip);
        const Colors &c = colors();
        QCOMPARE(colorIn(image, strip, 10, 0.5), c.ok);
        QCOMPARE(colorIn(image, strip, 20, 0.5), c.bad);
        QCOMPARE(colorIn(image, strip, 30, 0.5), c.warn);
        QCOMPARE(colorIn(image, strip, 40, 0.9), c.ok); // admitted stand at the bottom
        QCOMPARE(colorIn(image, strip, 40, 0.4), c.bad);
        QCOMPARE(colorIn(image, strip, 50, 0.5), c.panel);
        QCOMPARE(colorIn(image, strip, 59, 0.95), c.ok);
        QCOMPARE(colorIn(image, strip, 59, 0.5), c.panel);
    }

    void theTimeAwayIsShaded()
    {
        applyTheme(ThemeChoice::Dark);
        BarStrip strip;
        strip.resize(600, 60);
        std::vector<bool> away(kComparedSeconds);
        std::fill(away.begin() + 45, away.begin() + 55, true);
        strip.showLine(line(), away, 1'800'000'000, kPeak);
        const QImage image = painted(strip);
        QCOMPARE(colorIn(image, strip, 44, 0.5), colors().panel);
        QVERIFY(colorIn(image, strip, 45, 0.5) != colors().panel);
        QCOMPARE(colorIn(image, strip, 54, 0.5), colorIn(image, strip, 45, 0.5));
        QCOMPARE(colorIn(image, strip, 55, 0.5), colors().panel);
    }

    void columnsFillTheWidthWithoutOverlap()
    {
        BarStrip strip;
        for (const int width : {120, 333, 661, 1900}) {
            strip.resize(width, 40);
            double edge = 0;
            for (int i = 0; i < kComparedSeconds; ++i) {
                QCOMPARE(strip.column(i).left(), edge);
                QVERIFY(strip.column(i).width() >= 1);
                edge = strip.column(i).right();
            }
            QCOMPARE(edge, static_cast<double>(width));
        }
    }

    void everySecondHasItsWords()
    {
        BarStrip strip;
        std::vector<bool> away(kComparedSeconds);
        away[40] = true;
        strip.showLine(line(), away, 1'800'000'000, kPeak);
        QVERIFY(strip.wordsOf(40).endsWith(QStringLiteral(" · 5 admitted, 5 refused (429), Redis away")));
        QVERIFY(strip.wordsOf(30).endsWith(QStringLiteral("10 rejected (503)")));
        QVERIFY(strip.wordsOf(0).endsWith(QStringLiteral("no requests")));
        QVERIFY(strip.wordsOf(60).isEmpty() && strip.wordsOf(-1).isEmpty());
    }

    void aLineThatCannotBeWorkedOutIsEmpty()
    {
        applyTheme(ThemeChoice::Dark);
        BarStrip strip;
        strip.resize(600, 60);
        strip.showLine({}, std::vector<bool>(kComparedSeconds), 0, 0);
        QCOMPARE(colorIn(painted(strip), strip, 10, 0.5), colors().panel);
        QVERIFY(strip.wordsOf(10).isEmpty());
    }
};

QTEST_MAIN(TestBarStrip)
#include "tst_bar_strip.moc"

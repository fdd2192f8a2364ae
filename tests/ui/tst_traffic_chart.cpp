// SPDX-License-Identifier: GPL-3.0-only
// What the chart says under the mouse, and what is left on the screen when only a part of it is drawn anew.
#include <QGraphicsView>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QScreen>
#include <QTest>
#include <QToolTip>

#include "tests/support/warnings_fail.h"
#include "tests/ui/fake_service.h"
#include "ui/live/chart_panel.h"
#include "ui/look/theme.h"

using namespace weir;
using namespace weir::ui;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

std::shared_ptr<const telemetry::History> busy(std::int64_t end, std::int64_t perSecond)
{
    return test::historyOf(end, 60, [perSecond](telemetry::SecondBin &bin, int) {
        bin.admitted = perSecond;
        bin.tokens = 3;
    });
}

} // namespace

class TestTrafficChart : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<ChartPanel> m_panel;

    QGraphicsView *chart() { return m_panel->findChild<QGraphicsView *>(); }
    QPoint middle() { return chart()->viewport()->rect().center(); }
    void point()
    {
        QMouseEvent move(QEvent::MouseMove, middle(), chart()->viewport()->mapToGlobal(middle()), Qt::NoButton,
                         Qt::NoButton, Qt::NoModifier);
        QCoreApplication::sendEvent(chart()->viewport(), &move);
    }
    void rest() // the mouse, until Qt asks for a tool tip
    {
        QHelpEvent help(QEvent::ToolTip, middle(), chart()->viewport()->mapToGlobal(middle()));
        QCoreApplication::sendEvent(chart()->viewport(), &help);
    }
    QWidget *toolTip()
    {
        for (QWidget *widget : QApplication::topLevelWidgets())
            if (widget->inherits("QTipLabel") && widget->isVisible())
                return widget;
        return nullptr;
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        applyTheme(ThemeChoice::Light);
        m_panel = std::make_unique<ChartPanel>();
        m_panel->resize(640, 320);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
        m_panel->setHistory(busy(kNow, 9));
    }
    void cleanup()
    {
        QToolTip::hideText();
        m_panel.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void theToolTipStaysAndFollows()
    {
        point();
        QVERIFY(QToolTip::text().contains(QStringLiteral("9/s admitted")));
        rest(); // after which the view's own, empty one would take its place
        QVERIFY(toolTip());
        QVERIFY(QToolTip::text().contains(QStringLiteral("9/s admitted")));
        for (int second = 1; second <= 3; ++second) {
            m_panel->setHistory(busy(kNow + second, 9 + second));
            QVERIFY(toolTip());
            QVERIFY(QToolTip::text().contains(QStringLiteral("%1/s admitted").arg(9 + second)));
        }
    }

    void theToolTipIsReadable_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void theToolTipIsReadable()
    {
        QFETCH(bool, isDark);
        applyTheme(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        point();
        QVERIFY(toolTip());
        const QImage picture = toolTip()->grab().toImage();
        QCOMPARE(picture.pixelColor(picture.width() / 2, 3), colors().raise); // its ground, not the screen's black
    }

    // While nothing comes, only the times move: the zeros reach into them.
    void whatIsDrawnInPartIsWhole()
    {
        m_panel->setHistory(busy(kNow, 0));
        QCoreApplication::processEvents();
        m_panel->setHistory(busy(kNow + 1, 0));
        QCoreApplication::processEvents();
        QWidget *view = chart()->viewport();
        const QRect place(view->mapTo(m_panel.get(), QPoint()), view->size());
        const QImage shown = m_panel->screen()
                                 ->grabWindow(m_panel->winId(), place.x(), place.y(), place.width(), place.height())
                                 .toImage();
        const QImage whole = m_panel->grab(place).toImage().convertToFormat(shown.format());
        QVERIFY(!shown.isNull());
        int different = 0;
        for (int y = 0; y < shown.height(); ++y)
            for (int x = 0; x < shown.width(); ++x)
                different += shown.pixel(x, y) != whole.pixel(x, y) ? 1 : 0;
        QCOMPARE(different, 0);
    }

    void anotherBucketIsAnotherLine()
    {
        m_panel->setBucket("global", "");
        m_panel->setHistory(busy(QDateTime::currentSecsSinceEpoch(), 9));
        QVERIFY(m_panel->series().bins.back().tokens >= 0);
        m_panel->setBucket("per-client", "203.0.113.7");
        for (const PlotBin &bar : m_panel->series().bins)
            QCOMPARE(bar.tokens, std::int64_t{-1});
        QVERIFY(m_panel->series().admitted > 0); // the requests are the same
        m_panel->setHistory(busy(QDateTime::currentSecsSinceEpoch() + 2, 9));
        QVERIFY(m_panel->series().bins.back().tokens >= 0);
    }
};

QTEST_MAIN(TestTrafficChart)
#include "tst_traffic_chart.moc"

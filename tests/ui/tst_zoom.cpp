// SPDX-License-Identifier: GPL-3.0-only
// The window at other sizes of text: Ctrl and +, - and 0, at once, remembered and bounded; and as large as the desktop says.
#include <QLayout>
#include <QMenu>
#include <QRadioButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSlider>
#include <QStyleOption>
#include <QTableView>

#include "tests/support/warnings_fail.h"
#include "tests/ui/full_panel.h"
#include "ui/controls/value_edit.h"
#include "ui/live/live_page.h"
#include "ui/look/icons.h"
#include "ui/look/scale.h"
#include "ui/window/page_stack.h"

using namespace weir;
using namespace weir::ui;

class TestZoom : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<test::FullPanel> m_panel;

    QWidget *window() { return m_panel->window.get(); }
    void press(Qt::Key key) { QTest::keyClick(window(), key, Qt::ControlModifier); }
    int textSize() { return window()->findChild<ValueEdit *>(QStringLiteral("capacity"))->fontInfo().pixelSize(); }

    // The uppermost line of a circle is short.
    static void verifyRound(QWidget &widget, const QRect &room)
    {
        const QImage image = widget.grab().toImage();
        const QRect around = room.adjusted(-2, -2, 2, 2) & image.rect();
        int painted = 0;
        for (int y = around.top(); painted == 0 && y <= around.bottom(); ++y) {
            for (int x = around.left(); x <= around.right(); ++x)
                painted += image.pixelColor(x, y) != image.pixelColor(image.width() - 1, 0) ? 1 : 0;
        }
        QVERIFY2(painted > 0 && painted <= room.width() - 2,
                 qPrintable(QStringLiteral("%1 of %2 at %3 %").arg(painted).arg(room.width()).arg(zoom())
                            + QLatin1String(widget.metaObject()->className())));
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        setBasePixels(kDesignPixels);
        m_panel = std::make_unique<test::FullPanel>();
        window()->show();
        QVERIFY(QTest::qWaitForWindowActive(window()));
    }
    void cleanup()
    {
        m_panel.reset();
        setZoom(100);
        WEIR_NO_WARNINGS(m_warnings);
    }

    void theKeysChangeEverythingAtOnce()
    {
        auto *field = window()->findChild<ValueEdit *>(QStringLiteral("capacity"));
        auto *table = window()->findChild<QTableView *>(QStringLiteral("requests"));
        auto *send = window()->findChild<QPushButton *>(QStringLiteral("sendOne"));
        auto *page = window()->findChild<LivePage *>();
        QCOMPARE(textSize(), 13);
        QCOMPARE(field->height(), 28);
        press(Qt::Key_Plus);
        QCOMPARE(zoom(), 110);
        press(Qt::Key_Equal);
        QCOMPARE(zoom(), 125);
        QCOMPARE(textSize(), 16);
        QCOMPARE(field->height(), 35);
        QCOMPARE(table->rowHeight(0), px(26));
        QCOMPARE(send->iconSize(), QSize(22, 18)); // with what the gap before the text lacks
        QCOMPARE(page->layout()->contentsMargins().left(), 20);
        window()->findChild<QPushButton *>(QStringLiteral("theme-dark"))->click(); // that is no further step
        QCOMPARE(page->layout()->contentsMargins().left(), 20);
        QCOMPARE(textSize(), 16);
        press(Qt::Key_Minus);
        QCOMPARE(zoom(), 110);
        press(Qt::Key_0);
        QCOMPARE(zoom(), 100);
        QCOMPARE(textSize(), 13);
        QCOMPARE(field->height(), 28);
        QCOMPARE(send->iconSize(), kIconBesideText);
        QCOMPARE(page->layout()->contentsMargins().left(), 16);
    }

    void theMenuDoesTheSameAndNamesTheKeys()
    {
        auto *button = window()->findChild<QPushButton *>(QStringLiteral("zoom"));
        QCOMPARE(button->text(), QStringLiteral("100 %"));
        const QList<QAction *> steps = button->menu()->actions();
        QCOMPARE(steps.size(), 3);
        steps[0]->trigger();
        QCOMPARE(zoom(), 110);
        QCOMPARE(button->text(), QStringLiteral("110 %"));
        steps[1]->trigger();
        steps[1]->trigger();
        QCOMPARE(zoom(), 90);
        steps[2]->trigger();
        QCOMPARE(zoom(), 100);
        for (const QAction *step : steps)
            QVERIFY2(step->text().contains(QStringLiteral("\tCtrl+")), qPrintable(step->text()));
    }

    void itIsBoundedAndRemembered()
    {
        for (int i = 0; i < 20; ++i)
            press(Qt::Key_Plus);
        QCOMPARE(zoom(), kMostZoom);
        for (int i = 0; i < 20; ++i)
            press(Qt::Key_Minus);
        QCOMPARE(zoom(), kLeastZoom);
        m_panel->window.reset();
        setZoom(100);
        m_panel->window = std::make_unique<MainWindow>(m_panel->service, *m_panel->settings);
        QCOMPARE(zoom(), kLeastZoom);
        QCOMPARE(textSize(), 9);
    }

    // A style sheet draws a square where a radius is more than half a side.
    void whatIsRoundStaysRound()
    {
        while (zoom() > kLeastZoom)
            press(Qt::Key_Minus);
        for (int before = 0; before != zoom(); press(Qt::Key_Plus)) {
            before = zoom();
            for (const bool isChecked : {false, true}) {
                QRadioButton radio(QStringLiteral("text"));
                radio.setChecked(isChecked);
                radio.ensurePolished();
                radio.resize(radio.sizeHint());
                QStyleOptionButton option;
                option.initFrom(&radio);
                option.state |= isChecked ? QStyle::State_On : QStyle::State_Off;
                verifyRound(radio, radio.style()->subElementRect(QStyle::SE_RadioButtonIndicator, &option, &radio));
            }
            QSlider slider(Qt::Horizontal);
            slider.setValue(50);
            slider.ensurePolished();
            slider.resize(200, slider.sizeHint().height());
            QStyleOptionSlider option;
            option.initFrom(&slider);
            option.state |= QStyle::State_Horizontal;
            option.maximum = 99;
            option.sliderPosition = 50;
            verifyRound(slider,
                        slider.style()->subControlRect(QStyle::CC_Slider, &option, QStyle::SC_SliderHandle, &slider));
        }
        QCOMPARE(zoom(), kMostZoom);
    }

    void aLargePageOpensAtItsTop()
    {
        window()->resize(1024, 640);
        setZoom(175);
        press(Qt::Key_Plus);
        for (const char *name : {"failures", "limits", "live"}) {
            m_panel->window->openPage(QLatin1String(name));
            QCoreApplication::processEvents();
            const auto *area = qobject_cast<QScrollArea *>(window()->findChild<PageStack *>()->currentWidget());
            QVERIFY2(area->verticalScrollBar()->maximum() > 0, name);
            QVERIFY2(area->verticalScrollBar()->value() == 0, name);
        }
    }

    void textIsAsLargeAsTheDesktopSays()
    {
        m_panel.reset();
        setBasePixels(16);
        m_panel = std::make_unique<test::FullPanel>();
        window()->show();
        QCOMPARE(textSize(), 16);
        setBasePixels(kDesignPixels);
    }
};

QTEST_MAIN(TestZoom)
#include "tst_zoom.moc"

// SPDX-License-Identifier: GPL-3.0-only
// At every size of a window that a screen gives, at every scale: no text is cut or elided without the whole of it in a tool
// tip, and nothing lies where no scrolling gets.
#include <QAbstractItemView>
#include <QAbstractScrollArea>
#include <QHelpEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QTextEdit>
#include <QToolTip>
#include <tuple>

#include "core/limit/algorithm.h"
#include "tests/support/warnings_fail.h"
#include "tests/ui/full_panel.h"
#include "tests/ui/painted_text.h"
#include "ui/limits/limit_list.h"
#include "ui/look/scale.h"
#include "ui/controls/value_edit.h"

using namespace weir;
using namespace weir::ui;

namespace {

/// Its content can be moved by whoever looks: what is beyond its edge is no loss.
bool isScrolled(const QWidget *viewport)
{
    const auto *area = qobject_cast<const QAbstractScrollArea *>(viewport->parentWidget());
    return area && area->viewport() == viewport;
}

bool isWritten(const QWidget *widget)
{
    const auto *line = qobject_cast<const QLineEdit *>(widget);
    const auto *area = qobject_cast<const QAbstractScrollArea *>(widget->parentWidget());
    return (line && !line->text().isEmpty() && !qobject_cast<const ValueEdit *>(widget->parentWidget()))
           || qobject_cast<const QTextEdit *>(area) || qobject_cast<const QPlainTextEdit *>(area);
}

QString nameOf(const QWidget *widget)
{
    QString name = QString::fromLatin1(widget->metaObject()->className()) + u'#' + widget->objectName() + u' '
                   + widget->accessibleName();
    for (const QWidget *above = widget->parentWidget(); above; above = above->parentWidget())
        name += QStringLiteral(" < ") + QString::fromLatin1(above->metaObject()->className());
    return name;
}

/// What is seen of the widget once everything is scrolled to where it shows most, in its coordinates.
QRect reachable(const QWidget *widget)
{
    QRect room = widget->rect();
    QPoint offset;
    for (const QWidget *each = widget; !each->isWindow(); each = each->parentWidget()) {
        const QWidget *parent = each->parentWidget();
        if (isScrolled(parent))
            return room; // the rest is looked at as the area's own
        offset += each->pos();
        room &= parent->rect().translated(-offset);
    }
    return room;
}

bool hasToolTip(QWidget *widget, QPoint place)
{
    QToolTip::showText({}, {});
    QHelpEvent help(QEvent::ToolTip, place, widget->mapToGlobal(place));
    QCoreApplication::sendEvent(widget, &help);
    return !QToolTip::text().isEmpty();
}

QStringList losses(QWidget *window)
{
    QStringList lost;
    for (QWidget *widget : test::visibleWidgets(window)) {
        if (isWritten(widget))
            continue;
        const QRect room = reachable(widget);
        const bool isRow = qobject_cast<QAbstractItemView *>(widget->parentWidget()) && isScrolled(widget);
        for (const test::PaintedText &text : test::textsOf(widget)) {
            const QRectF box = text.outline.boundingRect();
            if (isRow && (box.top() < room.top() || box.bottom() > room.bottom() + 1))
                continue; // scrolled to
            if (!QRectF(room).adjusted(-0.6, -0.6, 0.6, 0.6).contains(box))
                lost << QStringLiteral("cut \"%1\" of %2").arg(text.text, nameOf(widget));
            else if (text.isElided() && !hasToolTip(widget, box.center().toPoint()))
                lost << QStringLiteral("elided \"%1\" of %2").arg(text.text, nameOf(widget));
        }
        if (!widget->isWindow() && !isScrolled(widget->parentWidget()) && room != widget->rect()
            && !widget->rect().isEmpty())
            lost << QStringLiteral("outside %1 of %2")
                        .arg(QDebug::toString(QRect(widget->pos(), widget->size())), nameOf(widget));
    }
    return lost;
}

} // namespace

class TestSizes : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<test::FullPanel> m_panel;

    QWidget *window() { return m_panel->window.get(); }
    void verifyWhole(const char *what)
    {
        QCoreApplication::sendPostedEvents();
        QCoreApplication::processEvents();
        const QStringList lost = losses(window());
        QVERIFY2(lost.isEmpty(), qPrintable(QLatin1String(what) + u'\n' + lost.join(u'\n')));
    }

    void verifyPage(const QString &page, QSize size, bool isBroken)
    {
        window()->resize(size);
        m_panel->window->openPage(page);
        window()->show();
        QVERIFY(QTest::qWaitForWindowExposed(window()));
        QCOMPARE(window()->size(), size);
        window()->findChild<LimitList *>()->setCurrentRow(1);
        m_panel->window->takeNewest();
        if (isBroken)
            m_panel->breakSomething();
        verifyWhole("as opened");
        if (page == QLatin1String("limits")) {
            window()->findChild<QPushButton *>(QStringLiteral("editMore"))->setChecked(true);
            verifyWhole("more");
            window()->findChild<LimitList *>()->setCurrentRow(static_cast<int>(m_panel->service.set->limits.size()));
            verifyWhole("everybody");
        }
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init() { m_panel = std::make_unique<test::FullPanel>(); }
    void cleanup()
    {
        m_panel.reset();
        setBasePixels(kDesignPixels);
        setZoom(100);
        WEIR_NO_WARNINGS(m_warnings);
    }

    void nothingIsLost_data()
    {
        QTest::addColumn<QString>("page");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("isBroken");
        for (const QString &page : MainWindow::pageNames())
            for (const QSize screen :
                 {QSize(1024, 640), QSize(1280, 820), QSize(1366, 768), QSize(1600, 1000), QSize(1920, 1080)})
                for (const double scale : {1.0, 1.5, 2.0})
                    for (const bool isBroken : {false, true})
                        QTest::addRow("%s %dx%d at %.1f%s", qPrintable(page), screen.width(), screen.height(), scale,
                                      isBroken ? " broken" : "")
                            << page << (QSizeF(screen) / scale).toSize() << isBroken;
    }
    void nothingIsLost()
    {
        QFETCH(QString, page);
        QFETCH(QSize, size);
        QFETCH(bool, isBroken);
        verifyPage(page, size, isBroken);
    }

    // As it starts, and when the keys are pressed while it is shown.
    void norWhenTextHasAnotherSize_data()
    {
        QTest::addColumn<QString>("page");
        QTest::addColumn<int>("base");
        QTest::addColumn<int>("percent");
        QTest::addColumn<QSize>("size");
        const QSize small(1280, 820), large(1600, 1000);
        for (const QString &page : MainWindow::pageNames())
            for (const auto &[base, percent, size] :
                 {std::tuple{13, 125, small}, std::tuple{13, 125, large}, std::tuple{13, 80, small},
                  std::tuple{13, 200, large}, std::tuple{16, 100, small}})
                QTest::addRow("%s %d px at %d %% %d", qPrintable(page), base, percent, size.width())
                    << page << base << percent << size;
    }
    void norWhenTextHasAnotherSize()
    {
        QFETCH(QString, page);
        QFETCH(int, base);
        QFETCH(int, percent);
        QFETCH(QSize, size);
        setBasePixels(base);
        m_panel->settings->setValue(QStringLiteral("window/zoom"), percent);
        m_panel->window.reset();
        m_panel->window = std::make_unique<MainWindow>(m_panel->service, *m_panel->settings);
        verifyPage(page, size, false);
        QTest::keyClick(window(), Qt::Key_0, Qt::ControlModifier);
        verifyWhole("at 100 %");
        QTest::keyClick(window(), Qt::Key_Plus, Qt::ControlModifier);
        QTest::keyClick(window(), Qt::Key_Plus, Qt::ControlModifier);
        verifyWhole("at 125 %");
    }
};

QTEST_MAIN(TestSizes)
#include "tst_sizes.moc"

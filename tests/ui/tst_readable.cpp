// SPDX-License-Identifier: GPL-3.0-only
// Every text of every page, in every state and both themes, has the contrast that WCAG 2.1 asks of small text; measured from
// pixels, wherever and by whatever means it is painted. And who listens instead hears words, not markup.
#include <QAbstractItemView>
#include <QAbstractScrollArea>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QHeaderView>
#include <QHoverEvent>
#include <QImage>
#include <QMenu>
#include <QTextBrowser>
#include <algorithm>
#include <cmath>

#include "tests/support/warnings_fail.h"
#include "tests/ui/full_panel.h"
#include "tests/ui/painted_text.h"
#include "ui/limits/limit_list.h"

using namespace weir;
using namespace weir::ui;

namespace {

constexpr double kLeast = 4.5; // WCAG 2.1, 1.4.3
constexpr int kZoom = 3;       // strokes are then wider than their smooth edges
constexpr int kRows = 4;       // one of each colour
constexpr QColor kNeither(64, 64, 64);
constexpr int kAround = 3; // logical pixels of the ground that are looked at

double lightOf(QRgb color)
{
    const auto linear = [](int channel) {
        const double share = channel / 255.0;
        return share <= 0.03928 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(qRed(color)) + 0.7152 * linear(qGreen(color)) + 0.0722 * linear(qBlue(color));
}

double contrastOf(QRgb a, QRgb b)
{
    const auto [dark, light] = std::minmax({lightOf(a), lightOf(b)});
    return (light + 0.05) / (dark + 0.05);
}

struct Share {
    QRgb color;
    std::ptrdiff_t pixels;
};

std::vector<Share> sharesOf(std::vector<QRgb> pixels)
{
    std::sort(pixels.begin(), pixels.end());
    std::vector<Share> shares;
    for (auto begin = pixels.begin(); begin != pixels.end();) {
        const auto end = std::upper_bound(begin, pixels.end(), *begin);
        shares.push_back({*begin, end - begin});
        begin = end;
    }
    return shares;
}

QRgb mostFrequent(std::vector<QRgb> pixels)
{
    const std::vector<Share> shares = sharesOf(std::move(pixels));
    return std::max_element(shares.begin(), shares.end(),
                            [](const Share &one, const Share &other) { return one.pixels < other.pixels; })
        ->color;
}

/// On a ground that is no even one, the middle.
double middleContrast(QRgb ink, std::vector<QRgb> ground)
{
    const auto all = static_cast<std::ptrdiff_t>(ground.size());
    std::vector<std::pair<double, std::ptrdiff_t>> contrasts;
    for (const Share &share : sharesOf(std::move(ground)))
        contrasts.emplace_back(contrastOf(ink, share.color), share.pixels);
    std::sort(contrasts.begin(), contrasts.end());
    std::ptrdiff_t passed = 0;
    for (const auto &[contrast, pixels] : contrasts) {
        passed += pixels;
        if (2 * passed >= all)
            return contrast;
    }
    return 0;
}

/// How well `outline` can be read in `picture`, both in the same coordinates; nothing when no stroke of it is seen. Its ground
/// is what lies around it inside of `clip`: beyond, it is drawn in another colour.
std::optional<double> measured(const QImage &picture, const QPainterPath &outline, const QPainterPath &clip)
{
    const QRect around = outline.boundingRect().toAlignedRect().adjusted(-kAround, -kAround, kAround, kAround);
    const QRect room = QRect(around.topLeft() * kZoom, around.size() * kZoom) & picture.rect();
    if (room.isEmpty())
        return std::nullopt;
    // In this format Qt paints at once; others it hands to a pool of threads, which a busy machine makes wait for.
    QImage mask(room.size(), QImage::Format_RGB32);
    mask.fill(Qt::black);
    QPainter painter(&mask);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(-room.topLeft());
    painter.scale(kZoom, kZoom);
    painter.strokePath(outline, QPen(kNeither, 1.5)); // what is near a stroke is neither
    painter.fillPath(outline, Qt::white);
    if (!clip.isEmpty()) {
        QPainterPath beyond;
        beyond.addRect(around);
        painter.fillPath(beyond.subtracted(clip), kNeither);
    }
    painter.end();
    std::vector<QRgb> ink;
    std::vector<QRgb> ground;
    for (int y = 0; y < room.height(); ++y) {
        const auto *masked = reinterpret_cast<const QRgb *>(mask.constScanLine(y));
        for (int x = 0; x < room.width(); ++x) {
            if (qRed(masked[x]) == 255)
                ink.push_back(picture.pixel(room.left() + x, room.top() + y));
            else if (qRed(masked[x]) == 0)
                ground.push_back(picture.pixel(room.left() + x, room.top() + y));
        }
    }
    if (ink.empty() || ground.empty())
        return std::nullopt;
    return middleContrast(mostFrequent(std::move(ink)), std::move(ground));
}

QImage pictureOf(QWidget *window, const QRect &part)
{
    QImage picture(part.size() * kZoom, QImage::Format_RGB32);
    picture.setDevicePixelRatio(kZoom);
    picture.fill(colors().bg);
    window->render(&picture, {}, part);
    picture.setDevicePixelRatio(1);
    return picture;
}

QRect shownPart(QWidget *widget, QWidget *window)
{
    QRect part(widget->mapTo(window, QPoint()), widget->size());
    for (QWidget *above = widget->parentWidget(); above && above != window; above = above->parentWidget())
        part &= QRect(above->mapTo(window, QPoint()), above->size());
    return part & window->rect();
}

/// All texts in `part` that are too faint; `count`s those that were looked at.
QStringList faintTexts(QWidget *window, QWidget *part, int &count)
{
    const QRect room = shownPart(part, window);
    const QImage picture = pictureOf(window, room);
    QStringList faint;
    for (QWidget *widget : test::visibleWidgets(part)) {
        const QPoint place = widget->mapTo(window, QPoint()) - room.topLeft();
        const QRectF shown = shownPart(widget, window).translated(-room.topLeft());
        for (const test::PaintedText &text : test::textsOf(widget)) {
            const QPainterPath outline = text.visible().translated(place);
            if (outline.isEmpty() || !shown.contains(outline.boundingRect()))
                continue;
            const QPainterPath clip = text.clip.value_or(QPainterPath()).translated(place);
            const std::optional<double> contrast = measured(picture, outline, clip);
            if (!contrast)
                continue;
            ++count;
            if (*contrast < kLeast)
                faint << QStringLiteral("%1 \"%2\": %3 at %4,%5")
                             .arg(QString::fromLatin1(widget->metaObject()->className()) + u'#' + widget->objectName()
                                      + u' ' + widget->accessibleName(),
                                  text.text)
                             .arg(*contrast, 0, 'f', 2)
                             .arg(outline.boundingRect().center().x())
                             .arg(outline.boundingRect().center().y());
        }
    }
    return faint;
}

void hover(QAbstractItemView *view, int row)
{
    for (int column = 0; column < view->model()->columnCount(); ++column) {
        const QPointF place = view->visualRect(view->model()->index(row, column)).center();
        QHoverEvent over(QEvent::HoverMove, place, view->viewport()->mapToGlobal(place), place);
        QCoreApplication::sendEvent(view->viewport(), &over);
        QTest::mouseMove(view->viewport(), place.toPoint());
    }
}

} // namespace

class TestReadable : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;
    std::unique_ptr<test::FullPanel> m_panel;

    QWidget *window() { return m_panel->window.get(); }
    QList<QAbstractItemView *> views()
    {
        QList<QAbstractItemView *> shown;
        for (auto *view : window()->findChildren<QAbstractItemView *>())
            if (view->isVisible() && !qobject_cast<QHeaderView *>(view))
                shown << view;
        return shown;
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init() { m_panel = std::make_unique<test::FullPanel>(); }
    void cleanup()
    {
        m_panel.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void everyTextIs_data()
    {
        QTest::addColumn<QString>("page");
        QTest::addColumn<bool>("isDark");
        QTest::addColumn<QString>("state");
        for (const QString &page : MainWindow::pageNames())
            for (const bool isDark : {false, true})
                for (const char *state : {"normal", "hovered", "selected", "chosen elsewhere", "disabled", "broken"})
                    QTest::addRow("%s %s %s", qPrintable(page), isDark ? "dark" : "light", state)
                        << page << isDark << QString::fromLatin1(state);
    }
    void everyTextIs()
    {
        QFETCH(QString, page);
        QFETCH(bool, isDark);
        QFETCH(QString, state);
        m_panel->window->showTheme(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        window()->resize(1280, 820);
        m_panel->window->openPage(page);
        window()->show();
        if (auto *limits = window()->findChild<LimitList *>())
            limits->setCurrentRow(1);
        if (auto *more = window()->findChild<QPushButton *>(QStringLiteral("editMore")))
            more->setChecked(true);
        m_panel->window->takeNewest();
        window()->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(window()));

        if (state == QLatin1String("broken"))
            m_panel->breakSomething();
        if (state == QLatin1String("disabled"))
            for (QWidget *child : m_panel->window->findChildren<QWidget *>())
                child->setEnabled(false);
        if (state == QLatin1String("hovered"))
            for (QWidget *child : m_panel->window->findChildren<QAbstractButton *>())
                child->setAttribute(Qt::WA_UnderMouse);
        QCoreApplication::processEvents();
        int count = 0;
        QStringList faint;
        if (state != QLatin1String("normal"))
            for (QAbstractItemView *view : views()) {
                const int rows = std::min(view->model()->rowCount(), kRows);
                for (int row = 0; row < rows; ++row) {
                    if (state == QLatin1String("hovered"))
                        hover(view, row);
                    else if (state != QLatin1String("broken"))
                        view->setCurrentIndex(view->model()->index(row, 0));
                    if (state == QLatin1String("selected"))
                        view->setFocus();
                    QCoreApplication::processEvents();
                    faint << faintTexts(window(), view, count);
                }
            }
        if (!state.startsWith(QLatin1String("selected")) && !state.startsWith(QLatin1String("chosen")))
            faint << faintTexts(window(), window(), count);
        faint.removeDuplicates();
        QVERIFY2(faint.isEmpty(), qPrintable(u'\n' + faint.join(u'\n')));
        QVERIFY2(count > 20 || views().isEmpty(), qPrintable(QString::number(count)));
    }

    void readersHearWords_data()
    {
        QTest::addColumn<QString>("page");
        for (const QString &page : MainWindow::pageNames())
            QTest::addRow("%s", qPrintable(page)) << page;
    }
    void readersHearWords()
    {
        QFETCH(QString, page);
        window()->resize(1280, 820);
        m_panel->window->openPage(page);
        window()->show();
        if (auto *more = window()->findChild<QPushButton *>(QStringLiteral("editMore")))
            more->setChecked(true);
        m_panel->breakSomething();
        int focusable = 0;
        for (QWidget *widget : test::visibleWidgets(window())) {
            QAccessibleInterface *heard = QAccessible::queryAccessibleInterface(widget);
            if (!heard || qobject_cast<QAbstractSpinBox *>(widget->parentWidget()))
                continue;
            QByteArray name = widget->metaObject()->className() + widget->objectName().toUtf8();
            for (const QWidget *in = widget->parentWidget(); in; in = in->parentWidget())
                name += QByteArrayLiteral(" < ") + in->metaObject()->className();
            for (const auto part : {QAccessible::Name, QAccessible::Description})
                QVERIFY2(!heard->text(part).contains(QLatin1String("<p")), name + ' ' + heard->text(part).toUtf8());
            if (!heard->state().focusable)
                continue;
            ++focusable;
            QVERIFY2(!heard->text(QAccessible::Name).isEmpty(), name);
        }
        QVERIFY(focusable > 7);
    }
};

QTEST_MAIN(TestReadable)
#include "tst_readable.moc"

// SPDX-License-Identifier: GPL-3.0-only
#include "ui/history/history_chart.h"

#include <QDateTime>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/controls/plain_tool_tip.h"
#include "ui/controls/tabular_text.h"
#include "ui/look/scale.h"
#include "ui/look/theme.h"
#include "ui/words/format.h"

namespace weir::ui {
namespace {

constexpr QMargins kRoom{52, 12, 14, 24}; // for the labels
constexpr double kWheelStep = 0.8;        // a notch of 15 degrees
constexpr double kNotch = 120;
constexpr double kMoveStep = 0.2;
constexpr int kTickRoom = 86;
constexpr double kLeastDrag = 5;
constexpr double kGapFrom = 4;
constexpr double kMarkReach = 5;
constexpr int kMostTipMarks = 6;

QFont labelFont(const QFont &base)
{
    QFont font = base;
    font.setPixelSize(px(11));
    return font;
}

std::int64_t now()
{
    return QDateTime::currentSecsSinceEpoch();
}

std::int64_t requestsOf(const history::Counts &counts)
{
    return counts.admitted + counts.refused + counts.undecided;
}

} // namespace

HistoryChart::HistoryChart(QWidget *parent) : QWidget{parent}
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Chart of the history"));
    setAccessibleDescription(tr("Plus and minus zoom, the arrows move, Home shows the newest"));
}

void HistoryChart::show(const HistorySpan &span, history::Answer answer, std::optional<history::Answer> before)
{
    m_span = span;
    m_answer = std::move(answer);
    m_before = std::move(before);
    std::int64_t peak = 1;
    for (const history::Row &row : m_answer.rows)
        peak = std::max(peak, requestsOf(row.counts));
    if (m_before)
        for (const history::Row &row : m_before->rows)
            peak = std::max(peak, requestsOf(row.counts));
    m_scale = niceScale(static_cast<double>(peak));
    update();
}

void HistoryChart::setNotice(const QString &notice)
{
    m_notice = notice;
    update();
}

QSize HistoryChart::minimumSizeHint() const
{
    return {px(240), px(150)};
}

QSize HistoryChart::sizeHint() const
{
    return {px(800), px(320)};
}

QRectF HistoryChart::plot() const
{
    return QRectF{rect().adjusted(px(kRoom.left()), px(kRoom.top()), -px(kRoom.right()), -px(kRoom.bottom()))};
}

double HistoryChart::xOf(double atS) const
{
    const QRectF area = plot();
    return area.left()
           + area.width() * (atS - static_cast<double>(m_span.fromS))
                 / std::max(1.0, static_cast<double>(m_span.length()));
}

double HistoryChart::shareAt(double x) const
{
    const QRectF area = plot();
    return std::clamp((x - area.left()) / std::max(1.0, area.width()), 0.0, 1.0);
}

void HistoryChart::paintEvent(QPaintEvent *)
{
    QPainter painter{this};
    const Colors &c = colors();
    if (!m_notice.isEmpty()) {
        painter.setPen(c.dim);
        painter.drawText(rect().adjusted(24, 0, -24, 0), Qt::AlignCenter | Qt::TextWordWrap, m_notice);
        return;
    }
    const QRectF area = plot();
    paintAxes(painter, area);
    painter.save();
    painter.setClipRect(area);
    paintRows(painter, area);
    painter.setRenderHint(QPainter::Antialiasing);
    paintBefore(painter, area);
    painter.restore();
    paintMarks(painter, area);
    if (m_pressed && m_hover) {
        QColor shade = c.accent;
        shade.setAlpha(60);
        const double left = std::clamp(std::min(*m_pressed, *m_hover), area.left(), area.right());
        const double right = std::clamp(std::max(*m_pressed, *m_hover), area.left(), area.right());
        painter.fillRect(QRectF{left, area.top(), right - left, area.height()}, shade);
    }
    if (hasFocus()) {
        painter.setPen(QPen{c.accent, 1});
        painter.drawRect(QRectF{rect()}.adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

// Stacked, from the bottom: admitted, refused, 503.
void HistoryChart::paintRows(QPainter &painter, const QRectF &area) const
{
    const Colors &c = colors();
    const double unit = area.height() / m_scale.top;
    for (const history::Row &row : m_answer.rows) {
        // Whole pixels, so that neighbours neither overlap nor leave gaps; a pixel between them where there is room.
        const double left = std::round(xOf(static_cast<double>(row.atS)));
        const double room = std::round(xOf(static_cast<double>(row.atS + m_answer.stepS))) - left;
        const double width = std::max(1.0, room > kGapFrom ? room - 1 : room);
        if (row.counts.awayS > 0) {
            QColor shade = c.warn;
            shade.setAlpha(46);
            painter.fillRect(QRectF{left, area.top(), width, area.height()}, shade);
        }
        double bottom = area.bottom();
        for (const auto &[count, color] : {std::pair{row.counts.admitted, c.ok}, std::pair{row.counts.refused, c.bad},
                                           std::pair{row.counts.undecided, c.warn}}) {
            const double height = static_cast<double>(count) * unit;
            if (count > 0) // what happened is seen, however little it was
                painter.fillRect(QRectF{left, bottom - std::max(height, 1.0), width, std::max(height, 1.0)}, color);
            bottom -= height;
        }
    }
}

// A week is moved over this one; where nothing was counted the line lies on the ground.
void HistoryChart::paintBefore(QPainter &painter, const QRectF &area) const
{
    if (!m_before)
        return;
    const double unit = area.height() / m_scale.top;
    QPolygonF line;
    std::int64_t end = m_span.fromS;
    const auto ground = [&](std::int64_t at) { line << QPointF{xOf(static_cast<double>(at)), area.bottom()}; };
    ground(end);
    for (const history::Row &row : m_before->rows) {
        const std::int64_t at = row.atS + kWeekS;
        if (at > end) {
            ground(end);
            ground(at);
        }
        const double y = area.bottom() - static_cast<double>(requestsOf(row.counts)) * unit;
        line << QPointF{xOf(static_cast<double>(at)), y};
        end = at + m_before->stepS;
        line << QPointF{xOf(static_cast<double>(end)), y};
    }
    ground(end);
    ground(m_span.toS);
    painter.setPen(QPen{colors().panel, 3.5});
    painter.drawPolyline(line);
    painter.setPen(QPen{colors().accent, 1.6});
    painter.drawPolyline(line);
}

void HistoryChart::paintAxes(QPainter &painter, const QRectF &area) const
{
    const Colors &c = colors();
    const QFont font = labelFont(this->font());
    for (double value = 0; value <= m_scale.top * 1.001; value += m_scale.step) {
        const double y = std::round(area.bottom() - area.height() * value / m_scale.top) + 0.5;
        painter.setPen(c.line);
        painter.drawLine(QPointF{area.left(), y}, QPointF{area.right(), y});
        painter.setPen(c.dim);
        drawTabular(painter, QRectF{0, y - px(8), area.left() - px(8), static_cast<qreal>(px(16))}, Qt::AlignRight,
                    font, format::shortCount(std::llround(value)));
    }
    painter.setPen(c.dim);
    double free = 0;
    for (const TimeTick &tick : timeTicks(m_span, std::max(1, static_cast<int>(area.width() / px(kTickRoom))))) {
        const double x = xOf(static_cast<double>(tick.atS));
        const double half = tabularWidth(font, tick.text) / 2 + 1;
        painter.drawLine(QPointF{x, area.bottom() + 1}, QPointF{x, area.bottom() + 5});
        const double left = std::clamp(x - half, 0.0, std::max(0.0, width() - 2 * half));
        if (left < free)
            continue;
        free = left + 2 * half + 6;
        drawTabular(painter, QRectF{left, area.bottom() + px(6), 2 * half, static_cast<qreal>(px(16))},
                    Qt::AlignHCenter, font, tick.text);
    }
}

void HistoryChart::paintMarks(QPainter &painter, const QRectF &area) const
{
    const Colors &c = colors();
    for (const history::Mark &mark : m_answer.marks) {
        const double x = std::round(xOf(static_cast<double>(mark.atMs) / 1000)) + 0.5;
        if (x < area.left() || x > area.right())
            continue;
        QPen pen{mark.kind == history::Mark::Kind::Failure ? c.warn : c.text, 1};
        pen.setDashPattern({3, 3});
        painter.setPen(pen);
        painter.drawLine(QPointF{x, area.top()}, QPointF{x, area.bottom()});
    }
    if (m_hover && !m_pressed && area.contains(*m_hover, area.center().y())) {
        painter.setPen(QPen{c.dim, 1});
        painter.drawLine(QPointF{*m_hover, area.top()}, QPointF{*m_hover, area.bottom()});
    }
}

QString HistoryChart::tip(double x) const
{
    const QRectF area = plot();
    if (x < area.left() || x > area.right() || !m_notice.isEmpty())
        return {};
    const auto at =
        m_span.fromS + static_cast<std::int64_t>(std::floor(shareAt(x) * static_cast<double>(m_span.length())));
    const auto isIn = [at](const history::Answer &answer, std::int64_t later) {
        return [&answer, at, later](const history::Row &row) {
            return at >= row.atS + later && at < row.atS + later + answer.stepS;
        };
    };
    QStringList lines{momentText(at, m_answer.stepS)};
    const auto row = std::find_if(m_answer.rows.begin(), m_answer.rows.end(), isIn(m_answer, 0));
    if (row == m_answer.rows.end()) {
        lines << tr("no requests");
    } else {
        const history::Counts &counts = row->counts;
        lines << tr("%1 admitted, %2 refused").arg(format::count(counts.admitted), format::count(counts.refused));
        if (counts.undecided > 0)
            lines << tr("%1 answered 503").arg(format::count(counts.undecided));
        if (counts.awayS > 0)
            lines << tr("Redis did not decide for %1").arg(format::duration(std::chrono::seconds{counts.awayS}));
        if (counts.fewestTokens >= 0)
            lines << tr("%1 at the least").arg(format::tokens(counts.fewestTokens));
        if (counts.p99Us >= 0)
            lines << tr("99 of 100 decisions within %1").arg(format::took(Micros{counts.p99Us}));
    }
    if (m_before) {
        const auto old = std::find_if(m_before->rows.begin(), m_before->rows.end(), isIn(*m_before, kWeekS));
        lines << tr("a week before: %1 requests")
                     .arg(format::count(old == m_before->rows.end() ? 0 : requestsOf(old->counts)));
    }
    int marks = 0;
    for (const history::Mark &mark : m_answer.marks)
        if (std::abs(xOf(static_cast<double>(mark.atMs) / 1000) - x) <= kMarkReach && ++marks <= kMostTipMarks)
            lines << format::clock(mark.atMs / 1000) + QStringLiteral("  ")
                         + (mark.who.empty() ? QString{} : QString::fromStdString(mark.who) + u' ')
                         + QString::fromStdString(mark.sentence);
    if (marks > kMostTipMarks)
        lines << tr("and %1 more").arg(marks - kMostTipMarks);
    return lines.join(u'\n');
}

bool HistoryChart::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const QString text = tip(help->pos().x());
        QToolTip::showText(help->globalPos(), plainToolTip(text), this);
        return true;
    }
    if (event->type() == QEvent::StyleChange)
        update();
    return QWidget::event(event);
}

void HistoryChart::wheelEvent(QWheelEvent *event)
{
    const double notches = (event->angleDelta().y() + event->angleDelta().x()) / kNotch;
    if (notches == 0)
        return;
    if (event->modifiers().testFlag(Qt::ShiftModifier) || event->angleDelta().y() == 0)
        Q_EMIT spanWished(moved(m_span, -kMoveStep * notches, now()));
    else
        Q_EMIT spanWished(zoomed(m_span, std::pow(kWheelStep, notches), shareAt(event->position().x()), now()));
    event->accept();
}

void HistoryChart::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && m_notice.isEmpty())
        m_pressed = m_hover = event->position().x();
}

void HistoryChart::mouseMoveEvent(QMouseEvent *event)
{
    m_hover = event->position().x();
    update();
    QToolTip::showText(event->globalPosition().toPoint(), m_pressed ? QString{} : plainToolTip(tip(*m_hover)), this);
}

void HistoryChart::mouseReleaseEvent(QMouseEvent *event)
{
    const auto pressed = std::exchange(m_pressed, std::nullopt);
    update();
    if (!pressed || event->button() != Qt::LeftButton || std::abs(event->position().x() - *pressed) < kLeastDrag)
        return;
    const double left = shareAt(std::min(*pressed, event->position().x()));
    const double right = shareAt(std::max(*pressed, event->position().x()));
    const auto length = static_cast<double>(m_span.length());
    const HistorySpan chosen{m_span.fromS + static_cast<std::int64_t>(left * length),
                             m_span.fromS + static_cast<std::int64_t>(right * length)};
    Q_EMIT spanWished(zoomed(chosen, 1, 0.5, now())); // not shorter than the shortest
}

void HistoryChart::mouseDoubleClickEvent(QMouseEvent *event)
{
    m_pressed.reset();
    Q_EMIT spanWished(zoomed(m_span, 2, shareAt(event->position().x()), now()));
}

void HistoryChart::leaveEvent(QEvent *)
{
    m_hover.reset();
    update();
}

void HistoryChart::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return Q_EMIT spanWished(zoomed(m_span, 0.5, 0.5, now()));
    case Qt::Key_Minus:
        return Q_EMIT spanWished(zoomed(m_span, 2, 0.5, now()));
    case Qt::Key_Left:
        return Q_EMIT spanWished(moved(m_span, -kMoveStep, now()));
    case Qt::Key_Right:
        return Q_EMIT spanWished(moved(m_span, kMoveStep, now()));
    case Qt::Key_Home:
        return Q_EMIT spanWished(lastOf(m_span.length(), now()));
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace weir::ui

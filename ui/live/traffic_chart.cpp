// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/traffic_chart.h"

#include <QBarSet>
#include <QEvent>
#include <QHelpEvent>
#include <QLineSeries>
#include <QMouseEvent>
#include <QStackedBarSeries>
#include <QToolTip>
#include <QValueAxis>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/words/panel_words.h"
#include "ui/look/theme.h"
#include "ui/controls/panel.h"
#include "ui/controls/plain_tool_tip.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

// Room for the labels, which are painted here: QtCharts' own are laid out anew on every change.
constexpr QMargins kLabelRoom{38, 10, 38, 22};
// Levels that come and go more often than this are drawn for the newest stretches only.
constexpr std::size_t kMostStretches = 8;
constexpr double kMarkReach = 6;
// The highest bar does not touch the top; one request a second is no wall.
constexpr double kHeadroom = 1.05;
constexpr double kSmallestTop = 4;
constexpr double kLevelWidth = 2;
// Room for half the line at the axis' ends, about a pixel: an empty or a full bucket's is drawn whole.
constexpr double kEdgeShare = 0.006;
constexpr double kHaloWidth = 5;
constexpr double kBetweenTimes = 6;
constexpr std::chrono::milliseconds kToolTipShown{3'600'000}; // as long as the mouse rests

QValueAxis *plainAxis(QObject *parent)
{
    auto *axis = new QValueAxis(parent);
    axis->setLabelsVisible(false);
    axis->setLineVisible(false);
    axis->setGridLineVisible(false);
    return axis;
}

QFont labelFont(const QFont &base)
{
    QFont font = base;
    font.setPixelSize(px(11));
    return font;
}

} // namespace

TrafficChart::TrafficChart(QWidget *parent) : QChartView(new QChart, parent)
{
    chart()->legend()->hide();
    chart()->setBackgroundVisible(false);
    chart()->setAnimationOptions(QChart::NoAnimation);
    setFrameShape(QFrame::NoFrame);
    setBackgroundBrush(Qt::NoBrush);
    viewport()->setAutoFillBackground(false);
    setRole(this, "clear");
    setMouseTracking(true);
    setFocusPolicy(Qt::NoFocus);
    viewport()->setFocusPolicy(Qt::NoFocus); // QGraphicsView lets it have the keyboard
    setScaledMinimum(this, 160, 110);
    onScale(this, [this] { placePlot(); });
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);

    m_time = plainAxis(chart());
    m_rate = plainAxis(chart());
    m_tokens = plainAxis(chart());
    m_time->setRange(-0.5, kPlotBins - 0.5);
    chart()->addAxis(m_time, Qt::AlignBottom);
    chart()->addAxis(m_rate, Qt::AlignLeft);
    chart()->addAxis(m_tokens, Qt::AlignRight);

    m_bars = new QStackedBarSeries(chart());
    m_bars->setBarWidth(0.76);
    m_admitted = new QBarSet(tr("admitted"), m_bars);
    m_refused = new QBarSet(tr("refused"), m_bars);
    m_undecided = new QBarSet(tr("503"), m_bars);
    m_bars->append({m_admitted, m_refused, m_undecided});
    chart()->addSeries(m_bars);
    m_bars->attachAxis(m_time);
    m_bars->attachAxis(m_rate);
    recolour();
    m_series.bins.resize(kPlotBins);
    replaceBars({});
}

void TrafficChart::showSeries(ChartSeries series, ChartRange range, limit::Tokens capacity)
{
    const ChartSeries before = std::exchange(m_series, std::move(series));
    const NiceScale rateBefore =
        std::exchange(m_rateScale, niceScale(std::max(m_series.peakRate * kHeadroom, kSmallestTop)));
    const NiceScale tokensBefore =
        std::exchange(m_tokenScale, niceScale(static_cast<double>(std::max(capacity, m_series.peakTokens))));
    m_range = range;
    followToolTip();
    const bool looksAlike = std::equal(m_series.bins.begin(), m_series.bins.end(), before.bins.begin(),
                                       before.bins.end(), [](const auto &a, const auto &b) { return a.looksLike(b); });
    if (looksAlike && m_rateScale == rateBefore && m_tokenScale == tokensBefore && m_series.marks.empty()
        && before.marks.empty())
        return viewport()->update(timesRect()); // nothing comes: only the times under it move on
    m_rate->setRange(0, m_rateScale.top);
    const double edge = m_tokenScale.top * kEdgeShare;
    m_tokens->setRange(-edge, m_tokenScale.top + edge);
    replaceBars(before.bins);
    replaceLevels();
    viewport()->update();
}

QRect TrafficChart::timesRect() const
{
    const int top = static_cast<int>(std::floor(chart()->plotArea().bottom())) - 1; // with the smooth ends of the ticks
    return {0, top, viewport()->width(), viewport()->height() - top};
}

void TrafficChart::replaceBars(const std::vector<PlotBin> &before)
{
    const auto replace = [&](QBarSet *set, double PlotBin::*part) {
        if (std::equal(m_series.bins.begin(), m_series.bins.end(), before.begin(), before.end(),
                       [&](const PlotBin &a, const PlotBin &b) { return a.*part == b.*part; }))
            return;
        QList<qreal> values;
        values.reserve(kPlotBins);
        for (const PlotBin &bin : m_series.bins)
            values << bin.*part;
        // Whole lists: one value at a time lays the chart out sixty times.
        if (set->count() > 0)
            set->remove(0, set->count());
        set->append(values);
    };
    replace(m_admitted, &PlotBin::admitted);
    replace(m_refused, &PlotBin::refused);
    replace(m_undecided, &PlotBin::undecided);
}

void TrafficChart::replaceLevels()
{
    std::vector<QList<QPointF>> stretches;
    bool isOpen = false;
    for (std::size_t i = 0; i < m_series.bins.size(); ++i) {
        const std::int64_t tokens = m_series.bins[i].tokens;
        if (tokens < 0) {
            isOpen = false;
            continue;
        }
        if (!isOpen)
            stretches.emplace_back();
        isOpen = true;
        const double x = static_cast<double>(i);
        stretches.back() << QPointF(x - 0.5, static_cast<double>(tokens))
                         << QPointF(x + 0.5, static_cast<double>(tokens));
    }
    if (stretches.size() > kMostStretches)
        stretches.erase(stretches.begin(), stretches.end() - static_cast<std::ptrdiff_t>(kMostStretches));
    for (std::size_t i = 0; i < std::max(stretches.size(), m_levels.size()); ++i)
        for (QLineSeries *series : {level(i).halo, level(i).line})
            series->replace(i < stretches.size() ? stretches[i] : QList<QPointF>());
}

TrafficChart::Level &TrafficChart::level(std::size_t index)
{
    const auto add = [this] {
        auto *series = new QLineSeries(chart());
        chart()->addSeries(series);
        series->attachAxis(m_time);
        series->attachAxis(m_tokens);
        return series;
    };
    while (index >= m_levels.size()) {
        Level level;
        level.halo = add(); // the line stays readable on top of the bars
        level.line = add();
        m_levels.push_back(level);
        recolour();
    }
    return m_levels[index];
}

void TrafficChart::recolour()
{
    const Colors &c = colors();
    const auto fill = [](QBarSet *set, const QColor &color) {
        set->setColor(color);
        set->setBorderColor(Qt::transparent);
    };
    fill(m_admitted, c.ok);
    fill(m_refused, c.bad);
    fill(m_undecided, c.warn);
    QColor halo = c.panel;
    halo.setAlphaF(0.75F);
    for (const Level &level : m_levels) {
        level.halo->setPen(QPen(halo, kHaloWidth, Qt::SolidLine, Qt::FlatCap));
        level.line->setPen(QPen(c.accent, kLevelWidth));
    }
}

void TrafficChart::drawBackground(QPainter *painter, const QRectF &)
{
    // QtCharts' own grid lines keep the plot area of the layout before.
    const QRectF plot = chart()->plotArea();
    painter->setPen(colors().line);
    for (double value = 0; value <= m_rateScale.top * 1.001; value += m_rateScale.step) {
        const double y = std::round(plot.bottom() - plot.height() * value / m_rateScale.top) + 0.5;
        painter->drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    }
}

void TrafficChart::drawForeground(QPainter *painter, const QRectF &rect)
{
    const QRectF plot = chart()->plotArea();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    paintTimes(*painter, plot);
    paintAxes(*painter, plot); // also when the times alone are new: the zeros reach into them
    if (rect.top() < plot.bottom())
        paintMarks(*painter, plot);
    painter->restore();
}

void TrafficChart::paintAxes(QPainter &painter, const QRectF &plot) const
{
    const Colors &c = colors();
    const QFont font = labelFont(this->font());
    const auto label = [&](const NiceScale &scale, double value, bool isLeft) {
        const double y = plot.bottom() - plot.height() * value / scale.top;
        const QRectF room = isLeft ? QRectF(0, y - px(8), plot.left() - px(7), px(16))
                                   : QRectF(plot.right() + px(7), y - px(8), px(kLabelRoom.right() - 7), px(16));
        drawTabular(painter, room, isLeft ? Qt::AlignRight : Qt::AlignLeft, font,
                    format::shortCount(std::llround(value)));
    };
    painter.setPen(c.dim);
    for (double value = 0; value <= m_rateScale.top * 1.001; value += m_rateScale.step)
        label(m_rateScale, value, true);
    painter.setPen(c.accent);
    for (double value = 0; value <= m_tokenScale.top * 1.001; value += m_tokenScale.step)
        label(m_tokenScale, value, false);
}

void TrafficChart::paintTimes(QPainter &painter, const QRectF &plot) const
{
    if (m_series.bins.empty() || m_series.bins.front().second == 0)
        return;
    const QFont font = labelFont(this->font());
    // Round times only: every 15 s, 1 min or 10 min; they move with the bars.
    const std::int64_t every = m_range == ChartRange::OneMinute ? 15 : m_range == ChartRange::FiveMinutes ? 60 : 600;
    const std::int64_t begin = m_series.bins.front().second;
    const std::int64_t span = kPlotBins * secondsPerBar(m_range);
    painter.setPen(colors().dim);
    double free = 0; // where the next text has room
    for (std::int64_t second = (begin / every + 1) * every; second <= begin + span; second += every) {
        const double x = plot.left() + plot.width() * static_cast<double>(second - begin) / static_cast<double>(span);
        const QString text =
            m_range == ChartRange::OneMinute ? format::clock(second) : format::clock(second).chopped(3);
        const double half = tabularWidth(font, text) / 2 + 1;
        painter.drawLine(QPointF(x, plot.bottom() + 1), QPointF(x, plot.bottom() + 4));
        const double left = std::clamp(x - half, 0.0, width() - 2 * half);
        if (left < free)
            continue;
        free = left + 2 * half + kBetweenTimes;
        drawTabular(painter, QRectF(left, plot.bottom() + px(5), 2 * half, px(16)), Qt::AlignHCenter, font, text);
    }
}

void TrafficChart::paintMarks(QPainter &painter, const QRectF &plot) const
{
    QPen pen(colors().text, 1.2);
    pen.setDashPattern({3, 3});
    painter.setPen(pen);
    for (const PlotMark &mark : m_series.marks) {
        const double x = plot.left() + plot.width() * mark.position / kPlotBins;
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    }
    if (m_hovered >= 0) {
        QColor shade = colors().text;
        shade.setAlpha(22);
        const double barWidth = plot.width() / kPlotBins;
        painter.fillRect(QRectF(plot.left() + m_hovered * barWidth, plot.top(), barWidth, plot.height()), shade);
    }
}

QString TrafficChart::describe(const PlotBin &bin) const
{
    const std::int64_t seconds = secondsPerBar(m_range);
    QStringList lines;
    lines << (seconds == 1 ? format::clock(bin.second)
                           : tr("%1 to %2").arg(format::clock(bin.second), format::clock(bin.second + seconds)));
    if (bin.seconds == 0)
        return lines.first() + u'\n' + tr("not running");
    lines << tr("%1 admitted").arg(format::perSecond(bin.admitted))
          << tr("%1 refused").arg(format::perSecond(bin.refused));
    if (bin.undecided > 0)
        lines << tr("%1 answered 503").arg(format::perSecond(bin.undecided));
    lines << (bin.tokens >= 0 ? tr("%1 left at the end").arg(format::tokens(bin.tokens)) : tr("level not known"));
    return lines.join(u'\n');
}

void TrafficChart::mouseMoveEvent(QMouseEvent *event)
{
    const QRectF plot = chart()->plotArea();
    const double share = (event->position().x() - plot.left()) / plot.width();
    const int bar = share >= 0 && share < 1 ? static_cast<int>(share * kPlotBins) : -1;
    if (bar != m_hovered) {
        m_hovered = bar;
        viewport()->update();
    }
    m_pointer = event->position();
    showToolTip();
}

// A view asks its scene for a tip once the mouse rests, and an empty one takes ours away.
bool TrafficChart::viewportEvent(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QChartView::viewportEvent(event);
    m_pointer = static_cast<QHelpEvent *>(event)->pos();
    showToolTip();
    return true;
}

void TrafficChart::followToolTip()
{
    if (m_hovered >= 0 && QToolTip::isVisible())
        showToolTip();
}

void TrafficChart::showToolTip()
{
    if (m_hovered < 0 || static_cast<std::size_t>(m_hovered) >= m_series.bins.size())
        return QToolTip::hideText();
    const QRectF plot = chart()->plotArea();
    QString text = describe(m_series.bins[static_cast<std::size_t>(m_hovered)]);
    for (const PlotMark &mark : m_series.marks) {
        const double x = plot.left() + plot.width() * mark.position / kPlotBins;
        if (std::abs(x - m_pointer.x()) <= kMarkReach)
            text +=
                u'\n'
                + tr("%1 limit changed: %2")
                      .arg(format::clock(mark.change.atMs / 1000), limitChange(mark.change.before, mark.change.after));
    }
    QToolTip::showText(viewport()->mapToGlobal(m_pointer.toPoint()), plainToolTip(text), this, rect(),
                       static_cast<int>(kToolTipShown.count()));
}

void TrafficChart::leaveEvent(QEvent *event)
{
    QChartView::leaveEvent(event);
    m_hovered = -1;
    QToolTip::hideText();
    viewport()->update();
}

void TrafficChart::resizeEvent(QResizeEvent *event)
{
    QChartView::resizeEvent(event);
    placePlot();
}

void TrafficChart::placePlot()
{
    const QMargins room(px(kLabelRoom.left()), px(kLabelRoom.top()), px(kLabelRoom.right()), px(kLabelRoom.bottom()));
    chart()->setPlotArea(QRectF(viewport()->rect()).marginsRemoved(room));
}

void TrafficChart::changeEvent(QEvent *event)
{
    QChartView::changeEvent(event);
    if (event->type() == QEvent::StyleChange && m_bars)
        recolour();
}

} // namespace weir::ui

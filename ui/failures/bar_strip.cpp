// SPDX-License-Identifier: GPL-3.0-only
#include "ui/failures/bar_strip.h"

#include <QHelpEvent>
#include <QPainter>
#include <QStringList>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/look/theme.h"

namespace weir::ui {
namespace {

constexpr double kBarPart = 0.8;          // of its column; the rest is a gap
constexpr std::int64_t kSmallestPeak = 4; // one request a second is no wall
constexpr QSize kRoomForWords{96, 46};    // in a lower strip the bars would cover them

} // namespace

BarStrip::BarStrip(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    onScale(this, [this] { setMaximumHeight(px(84)); });
}

void BarStrip::showLine(const PolicyLine &line, const std::vector<bool> &away, std::int64_t begin, std::int64_t peak)
{
    m_bars = line.bars;
    m_away = away;
    m_begin = begin;
    m_peak = std::max(peak, kSmallestPeak);
    update();
}

QRectF BarStrip::column(int index) const
{
    const double step = static_cast<double>(width()) / kComparedSeconds;
    const double left = std::round(index * step);
    return {left, 0, std::round((index + 1) * step) - left, static_cast<double>(height())};
}

void BarStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintAway(painter);
    painter.setPen(colors().line);
    painter.drawLine(0, height() - 1, width(), height() - 1);
    paintBars(painter);
}

void BarStrip::paintAway(QPainter &painter) const
{
    const Colors &c = colors();
    QColor shade = c.bad;
    shade.setAlphaF(0.13F);
    for (int i = 0; i < static_cast<int>(m_away.size());) {
        int end = i;
        while (end < static_cast<int>(m_away.size()) && m_away[static_cast<std::size_t>(end)])
            ++end;
        if (end == i) {
            ++i;
            continue;
        }
        const QRectF room = column(i).united(column(end - 1));
        painter.fillRect(room, shade);
        if (room.width() >= px(kRoomForWords).width() && height() >= px(kRoomForWords).height()) {
            QFont small = font();
            small.setPixelSize(px(11));
            painter.setFont(small);
            painter.setPen(c.bad);
            painter.drawText(room.adjusted(5, 1, 0, 0), static_cast<int>(Qt::AlignLeft | Qt::AlignTop),
                             tr("Redis away"));
        }
        i = end;
    }
}

void BarStrip::paintBars(QPainter &painter) const
{
    const Colors &c = colors();
    const double top = height() >= px(kRoomForWords).height() ? px(16) : 3;
    const double scale = (height() - 1 - top) / static_cast<double>(m_peak);
    for (int i = 0; i < static_cast<int>(m_bars.size()); ++i) {
        const PolicyBar &bar = m_bars[static_cast<std::size_t>(i)];
        const QRectF room = column(i);
        const double width = std::max(1.0, std::floor(room.width() * kBarPart));
        double bottom = height() - 1;
        const auto stack = [&](std::int64_t count, const QColor &color) {
            if (count <= 0)
                return;
            const double high = std::max(1.0, std::round(static_cast<double>(count) * scale));
            painter.fillRect(QRectF(room.left(), bottom - high, width, high), color);
            bottom -= high;
        };
        stack(bar.admitted, c.ok);
        stack(bar.refused, c.bad);
        stack(bar.rejected, c.warn);
    }
}

QString BarStrip::wordsOf(int index) const
{
    const auto at = static_cast<std::size_t>(index);
    if (index < 0 || at >= m_bars.size())
        return {};
    const PolicyBar &bar = m_bars[at];
    QStringList parts;
    const auto add = [&parts](std::int64_t count, const QString &text) {
        if (count > 0)
            parts << text.arg(format::count(count));
    };
    add(bar.admitted, tr("%1 admitted"));
    add(bar.refused, tr("%1 refused (429)"));
    add(bar.rejected, tr("%1 rejected (503)"));
    if (parts.isEmpty())
        parts << tr("no requests");
    if (at < m_away.size() && m_away[at])
        parts << tr("Redis away");
    return QStringLiteral("%1 · %2").arg(format::clock(m_begin + index), parts.join(QStringLiteral(", ")));
}

bool BarStrip::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const int index = std::clamp(help->pos().x() * kComparedSeconds / std::max(width(), 1), 0, kComparedSeconds - 1);
    QToolTip::showText(help->globalPos(), wordsOf(index), this, column(index).toRect());
    return true;
}

} // namespace weir::ui

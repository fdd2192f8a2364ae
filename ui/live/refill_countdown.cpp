// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/refill_countdown.h"

#include <QPaintEvent>
#include <QPainter>
#include <cmath>

#include "ui/words/format.h"
#include "ui/look/theme.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

// The ring closes in steps of about a pixel, at most ten in a second.
constexpr std::int64_t kRingSteps = 75;
constexpr std::int64_t kStepMicros = 100'000;
constexpr int kRing = 30;
constexpr int kGap = 10;

QFont headlineFont(const QFont &base)
{
    QFont font = base;
    font.setPixelSize(13);
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont remarkFont(const QFont &base)
{
    QFont font = base;
    font.setPixelSize(12);
    return font;
}

} // namespace

RefillCountdown::RefillCountdown(QWidget *parent) : QWidget(parent)
{
    setAttribute(Qt::WA_OpaquePaintEvent);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void RefillCountdown::setState(const State &state)
{
    const limit::LimitSpec &spec = state.spec;
    const limit::Tokens room = state.level ? std::max<limit::Tokens>(spec.capacity - *state.level, 0) : spec.refill;
    const QString added = format::shortCount(std::min(spec.refill, room));
    QString headline;
    int degrees = 0;
    if (!state.isRunning) {
        headline = tr("Refill stopped");
    } else if (spec.interval < kShortest) {
        headline = tr("+%1 every %2").arg(format::shortCount(spec.refill), format::duration(spec.interval));
        degrees = 360;
    } else if (!state.left) {
        headline = tr("Refill waits");
    } else {
        const Micros left = std::clamp(*state.left, Micros{0}, spec.interval);
        const QString time = format::countdown(left);
        headline = room == 0 ? tr("Full · refill in %1").arg(time) : tr("+%1 in %2").arg(added, time);
        const std::int64_t steps = std::clamp<std::int64_t>(spec.interval.count() / kStepMicros, 1, kRingSteps);
        const double passed =
            static_cast<double>((spec.interval - left).count()) / static_cast<double>(spec.interval.count());
        degrees =
            static_cast<int>(360.0 * std::floor(passed * static_cast<double>(steps)) / static_cast<double>(steps));
    }
    const QString remark = spec.interval < kShortest
                               ? (room == 0 ? tr("full") : tr("up to %1").arg(format::tokens(spec.capacity)))
                               : tr("refill every %1").arg(format::duration(spec.interval));
    if (headline == m_headline && remark == m_remark && degrees == m_degrees)
        return;
    m_degrees = degrees;
    if (headline == m_headline && remark == m_remark)
        return update(m_ring); // ten times a second, the words once
    m_headline = headline;
    m_remark = remark;
    setAccessibleName(headline + QStringLiteral(", ") + remark);
    update();
}

QSize RefillCountdown::sizeHint() const
{
    return {kRing + kGap + 120, 36};
}

void RefillCountdown::paintEvent(QPaintEvent *event)
{
    const Colors &c = colors();
    QPainter painter(this);
    painter.fillRect(event->rect(), c.panel);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_ring.contains(event->rect()))
        return paintRing(painter);
    const QFont headline = headlineFont(font());
    const QFont remark = remarkFont(font());
    // Centred by the width of full digits, so that it does not move as they change.
    const double textWidth = std::max(tabularWidth(headline, m_headline), tabularWidth(remark, m_remark)) + 1;
    const double left = std::max(0.0, std::floor((width() - kRing - kGap - textWidth) / 2));
    m_ring = QRect(static_cast<int>(left), (height() - kRing) / 2, kRing, kRing);
    paintRing(painter);
    const QRectF text(left + kRing + kGap, 0, width() - left - kRing - kGap, height());
    painter.setPen(c.text);
    drawTabular(painter, QRectF(text.left(), height() / 2.0 - 18, text.width(), 18), Qt::AlignLeft, headline,
                m_headline);
    painter.setPen(c.dim);
    drawTabular(painter, QRectF(text.left(), height() / 2.0, text.width(), 17), Qt::AlignLeft, remark, m_remark);
}

void RefillCountdown::paintRing(QPainter &painter) const
{
    const QRectF ring = QRectF(m_ring).adjusted(3, 3, -3, -3);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colors().line, 4));
    painter.drawEllipse(ring);
    if (m_degrees == 0)
        return;
    QPen pen(colors().accent, 4);
    pen.setCapStyle(Qt::RoundCap);
    painter.setPen(pen);
    painter.drawArc(ring, 90 * 16, -m_degrees * 16);
}

} // namespace weir::ui

// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/refill_countdown.h"

#include <QPaintEvent>
#include <QPainter>
#include <cmath>

#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/words/limit_words.h"
#include "ui/look/theme.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

// The ring closes in steps of about a pixel, at most ten in a second.
constexpr std::int64_t kRingSteps = 75;
constexpr std::int64_t kStepMicros = 100'000;
constexpr int kRing = 30;
constexpr int kGap = 10;
constexpr int kWhole = 360;

/// Tokens come one by one.
bool isEven(limit::Algorithm algorithm)
{
    return algorithm == limit::Algorithm::TokenBucketSmooth || algorithm == limit::Algorithm::Gcra
           || algorithm == limit::Algorithm::LeakyBucket;
}

/// Nothing begins anew at fixed moments, so a full bucket waits for nothing.
bool flows(limit::Algorithm algorithm)
{
    return algorithm != limit::Algorithm::TokenBucket && algorithm != limit::Algorithm::FixedWindow;
}

QFont headlineFont(const QFont &base)
{
    QFont font = base;
    font.setPixelSize(px(13));
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont remarkFont(const QFont &base)
{
    QFont font = base;
    font.setPixelSize(px(12));
    return font;
}

} // namespace

RefillCountdown::RefillCountdown(QWidget *parent) : QWidget(parent)
{
    setAttribute(Qt::WA_OpaquePaintEvent);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

Micros RefillCountdown::period(const limit::LimitSpec &spec)
{
    return isEven(spec.algorithm) ? spec.interval / spec.refill : spec.interval;
}

void RefillCountdown::setState(const State &state)
{
    const limit::LimitSpec &spec = state.spec;
    const Micros period = RefillCountdown::period(spec);
    const bool isFull = state.level && *state.level >= spec.capacity;
    int degrees = 0;
    if (state.isRunning && period < kShortest) {
        degrees = kWhole;
    } else if (state.isRunning && state.left && !(isFull && flows(spec.algorithm))) {
        const Micros left = std::clamp(*state.left, Micros{0}, period);
        const std::int64_t steps = std::clamp<std::int64_t>(period.count() / kStepMicros, 1, kRingSteps);
        const double passed = static_cast<double>((period - left).count()) / static_cast<double>(period.count());
        degrees =
            static_cast<int>(kWhole * std::floor(passed * static_cast<double>(steps)) / static_cast<double>(steps));
    }
    const QString headline = headlineOf(state);
    const QString remark =
        period < kShortest ? (isFull ? tr("full") : tr("up to %1").arg(format::tokens(spec.capacity))) : remarkOf(spec);
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

QString RefillCountdown::headlineOf(const State &state)
{
    const limit::LimitSpec &spec = state.spec;
    const limit::Tokens room = state.level ? std::max<limit::Tokens>(spec.capacity - *state.level, 0) : spec.refill;
    if (!state.isRunning)
        return tr("Refill stopped");
    if (period(spec) < kShortest)
        return limit::isWindow(spec.algorithm)
                   ? tr("%1 in any %2").arg(format::shortCount(spec.capacity), format::duration(spec.interval))
                   : tr("+%1 every %2").arg(format::shortCount(spec.refill), format::duration(spec.interval));
    if (room == 0 && flows(spec.algorithm))
        return tr("Full");
    if (!state.left)
        return tr("Refill waits");
    const QString time = format::countdown(std::max(*state.left, Micros{0}));
    if (spec.algorithm == limit::Algorithm::SlidingLog || spec.algorithm == limit::Algorithm::SlidingCounter)
        return tr("More in %1").arg(time); // as many as were taken at once, an interval ago
    if (room == 0)
        return limit::isWindow(spec.algorithm) ? tr("Full · next in %1").arg(time)
                                               : tr("Full · refill in %1").arg(time);
    const limit::Tokens added = isEven(spec.algorithm) ? 1 : std::min(spec.refill, room);
    return tr("+%1 in %2").arg(format::shortCount(added), time);
}

QString RefillCountdown::remarkOf(const limit::LimitSpec &spec)
{
    const QString interval = format::duration(spec.interval);
    switch (spec.algorithm) {
    case limit::Algorithm::TokenBucket:
        break;
    case limit::Algorithm::TokenBucketSmooth:
    case limit::Algorithm::Gcra:
    case limit::Algorithm::LeakyBucket:
        return spec.interval % spec.refill == Micros{0}
                   ? tr("1 every %1").arg(format::duration(spec.interval / spec.refill))
                   : amountPer(spec.refill, spec.interval);
    case limit::Algorithm::FixedWindow:
        return tr("a window is %1").arg(interval);
    case limit::Algorithm::SlidingLog:
    case limit::Algorithm::SlidingCounter:
        return tr("%1 in any %2").arg(format::shortCount(spec.capacity), interval);
    }
    return tr("refill every %1").arg(interval);
}

QSize RefillCountdown::sizeHint() const
{
    return {px(kRing) + px(kGap) + px(120), px(36)};
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
    const double left = std::max(0.0, std::floor((width() - px(kRing) - px(kGap) - textWidth) / 2));
    m_ring = QRect(static_cast<int>(left), (height() - px(kRing)) / 2, px(kRing), px(kRing));
    paintRing(painter);
    const QRectF text(left + px(kRing) + px(kGap), 0, width() - left - px(kRing) - px(kGap), height());
    painter.setPen(c.text);
    drawTabular(painter, QRectF(text.left(), height() / 2.0 - px(18), text.width(), px(18)), Qt::AlignLeft, headline,
                m_headline);
    painter.setPen(c.dim);
    drawTabular(painter, QRectF(text.left(), height() / 2.0, text.width(), px(17)), Qt::AlignLeft, remark, m_remark);
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

// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/bucket_gauge.h"

#include <QEvent>
#include <QPainter>
#include <QPainterPath>
#include <cmath>

#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/look/theme.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

// Up to here every token is its own layer of water.
constexpr limit::Tokens kMostLayers = 20;
constexpr int kMotionMs = 320;
// Water at 100 % stays below the rim, so that a full glass still looks like a glass.
constexpr double kFullHeight = 0.94;
// Changes that follow each other faster than this are one continuous motion, which does with fewer pictures.
constexpr std::chrono::milliseconds kFlowing{300};
constexpr std::chrono::milliseconds kFlowingFrame{66};
// The surface is drawn where it was until it has moved by this part of a pixel.
constexpr double kStepsPerPixel = 2;
// Between a text and the lines beside it.
constexpr double kTextGap = 8;
constexpr double kNarrowGlass = 140;
// Of the glass's width at its rim: lower it is narrower.
constexpr double kWidestNumber = 0.6;

QRectF below(const QWidget &widget, double y)
{
    return {0, y, static_cast<double>(widget.width()), widget.height() - y};
}

} // namespace

struct BucketGauge::Glass {
    QPainterPath outline;
    QRectF box;
    double inset{0};   ///< of the bottom corners
    double surface{0}; ///< y of the water's surface

    [[nodiscard]] double yOf(double share) const { return box.bottom() - box.height() * kFullHeight * share; }
    /// The glass becomes narrower downwards.
    [[nodiscard]] double leftAt(double y) const { return box.left() + inset * (y - box.top()) / box.height(); }
    [[nodiscard]] double rightAt(double y) const { return box.right() - inset * (y - box.top()) / box.height(); }
    /// Half the height of the wave; it flattens near empty, where it would look like a level of its own.
    [[nodiscard]] double swing() const { return std::min(box.height() * 0.022, (box.bottom() - surface) / 3); }
    [[nodiscard]] QPainterPath surfaceLine() const; ///< a still wave from wall to wall
};

QPainterPath BucketGauge::Glass::surfaceLine() const
{
    const double left = leftAt(surface);
    const double wave = (rightAt(surface) - left) / 3;
    const double crest = surface - swing();
    const double trough = surface + swing();
    QPainterPath line(QPointF(left, surface));
    for (int i = 0; i < 3; ++i) {
        const double x = left + i * wave;
        line.cubicTo(x + wave * 0.3, crest, x + wave * 0.2, crest, x + wave * 0.5, surface);
        line.cubicTo(x + wave * 0.8, trough, x + wave * 0.7, trough, x + wave, surface);
    }
    return line;
}

/// The number and what it is out of, and where they stand.
struct BucketGauge::Words {
    QString number;
    QString caption;
    QFont big;
    QFont small;
    QRectF numberRect;
    QRectF captionRect;
};

BucketGauge::BucketGauge(QWidget *parent) : QWidget(parent)
{
    setAttribute(Qt::WA_OpaquePaintEvent); // what is behind it need not be drawn with every frame
    m_motion.setDuration(kMotionMs);
    m_motion.setEasingCurve(QEasingCurve::OutCubic);
    connect(&m_motion, &QVariantAnimation::valueChanged, this, [this](const QVariant &value) {
        m_shown = value.toDouble();
        if (static_cast<int>(glass().surface * kStepsPerPixel) != m_paintedStep)
            requestFrame();
    });
    m_nextFrame.setSingleShot(true);
    connect(&m_nextFrame, &QTimer::timeout, this, qOverload<>(&QWidget::update));
    describe();
}

void BucketGauge::requestFrame()
{
    const auto since = Clock::now() - m_paintedAt;
    if (!m_isFlowing || since >= kFlowingFrame)
        update();
    else if (!m_nextFrame.isActive())
        m_nextFrame.start(std::chrono::ceil<std::chrono::milliseconds>(kFlowingFrame - since));
}

double BucketGauge::share(limit::Tokens tokens) const
{
    const double part = static_cast<double>(tokens) / static_cast<double>(std::max<limit::Tokens>(m_capacity, 1));
    return std::clamp(part, 0.0, 1.0);
}

void BucketGauge::setLevel(std::optional<limit::Tokens> tokens, limit::Tokens capacity, bool isOld)
{
    if (tokens == m_tokens && capacity == m_capacity && isOld == m_isOld)
        return;
    const bool wasKnown = m_tokens.has_value();
    const bool isOtherText = !wasKnown || !tokens || capacity != m_capacity || isOld != m_isOld
                             || format::shortCount(*tokens) != format::shortCount(*m_tokens);
    const auto now = Clock::now();
    m_isFlowing = now - m_changedAt < kFlowing;
    m_changedAt = now;
    m_tokens = tokens;
    m_capacity = capacity;
    m_isOld = isOld;
    describe();
    const double target = tokens ? share(*tokens) : 0;
    // Water rises from nowhere only if a level was known before; hidden widgets do not move.
    if (wasKnown && tokens && isVisible()) {
        moveTo(target);
    } else {
        m_motion.stop();
        m_shown = target;
        update();
    }
    if (isOtherText)
        requestFrame();
}

void BucketGauge::moveTo(double target)
{
    const double height = glass().box.height() * kFullHeight;
    m_motion.stop();
    if (std::abs(target - m_shown) * height * kStepsPerPixel < 1) {
        m_shown = target; // no eye sees the way there
        if (static_cast<int>(glass().surface * kStepsPerPixel) != m_paintedStep)
            requestFrame();
        return;
    }
    m_motion.setStartValue(m_shown);
    m_motion.setEndValue(target);
    m_motion.start();
}

void BucketGauge::describe()
{
    setAccessibleName(tr("Bucket"));
    setAccessibleDescription(m_tokens ? tr("%1 of %2").arg(format::count(*m_tokens), format::tokens(m_capacity))
                                      : tr("Level not known"));
    const QString exact = accessibleDescription();
    setToolTip(m_isOld ? tr("%1 when Redis answered last").arg(exact) : exact);
}

BucketGauge::Glass BucketGauge::glass() const
{
    Glass g;
    const double h = height() - 6;
    const double w = std::min<double>(width() - 6, h * 0.86);
    g.box = QRectF((width() - w) / 2, 3, w, h);
    g.inset = w * 0.12;
    const double radius = w * 0.065;
    const QPointF bottomLeft(g.leftAt(g.box.bottom()), g.box.bottom());
    const QPointF bottomRight(g.rightAt(g.box.bottom()), g.box.bottom());
    g.outline.moveTo(g.box.topLeft());
    g.outline.lineTo(g.box.topRight());
    g.outline.lineTo(g.rightAt(g.box.bottom() - radius), g.box.bottom() - radius);
    g.outline.quadTo(bottomRight, bottomRight - QPointF(radius, 0));
    g.outline.lineTo(bottomLeft + QPointF(radius, 0));
    g.outline.quadTo(bottomLeft, QPointF(g.leftAt(g.box.bottom() - radius), g.box.bottom() - radius));
    g.outline.closeSubpath();
    g.surface = g.yOf(m_shown);
    return g;
}

void BucketGauge::paintEvent(QPaintEvent *)
{
    const Glass g = glass();
    if (m_emptyGlass.isNull() || m_emptyGlass.devicePixelRatio() != devicePixelRatioF())
        paintStill(g);
    m_paintedAt = Clock::now();
    m_paintedStep = static_cast<int>(g.surface * kStepsPerPixel);

    QPainter painter(this);
    painter.drawPixmap(0, 0, m_emptyGlass);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_tokens && m_shown > 0) {
        painter.setOpacity(m_isOld ? 0.45 : 1);
        paintWater(painter, g);
        if (m_capacity <= kMostLayers)
            paintLayers(painter, g);
        painter.setOpacity(1);
    }
    if (m_tokens && m_capacity <= kMostLayers)
        paintScale(painter, g);
    if (m_tokens) {
        painter.drawPixmap(0, 0, m_rim);
    } else {
        painter.setPen(QPen(colors().line.lighter(colors().isDark ? 135 : 94), 2.5, Qt::DashLine));
        painter.drawPath(g.outline);
    }
    paintWords(painter, g);
}

void BucketGauge::paintStill(const Glass &g)
{
    const Colors &c = colors();
    const qreal ratio = devicePixelRatioF();
    for (QPixmap *picture : {&m_emptyGlass, &m_water, &m_rim}) {
        *picture = QPixmap((QSizeF(size()) * ratio).toSize().expandedTo({1, 1}));
        picture->setDevicePixelRatio(ratio);
        picture->fill(picture == &m_emptyGlass ? c.panel : QColor(Qt::transparent));
        QPainter painter(picture);
        painter.setRenderHint(QPainter::Antialiasing);
        if (picture == &m_emptyGlass) {
            painter.fillPath(g.outline, c.raise);
        } else if (picture == &m_water) {
            QLinearGradient water(0, g.yOf(1), 0, g.box.bottom());
            water.setColorAt(0, c.waterTop);
            water.setColorAt(1, c.waterBottom);
            painter.fillPath(g.outline, water);
        } else {
            QPen rim(c.line.lighter(c.isDark ? 135 : 94), 2.5);
            rim.setJoinStyle(Qt::RoundJoin);
            painter.strokePath(g.outline, rim);
        }
    }
}

void BucketGauge::paintWater(QPainter &painter, const Glass &g) const
{
    const double swing = g.swing();
    const QPainterPath surface = g.surfaceLine();
    // Above the wave's trough a strip in its form, below it the picture as it is.
    const double flat = std::ceil(g.surface + swing);
    QPainterPath strip = surface;
    strip.lineTo(g.rightAt(flat), flat);
    strip.lineTo(g.leftAt(flat), flat);
    strip.closeSubpath();
    painter.fillPath(strip, QBrush(m_water));
    const QRectF rest = below(*this, flat);
    if (rest.height() > 0) {
        const qreal ratio = m_water.devicePixelRatio();
        painter.drawPixmap(rest, m_water, QRectF(rest.topLeft() * ratio, rest.size() * ratio));
    }
    painter.setPen(QPen(QColor(255, 255, 255, 90), 1.5, Qt::SolidLine, Qt::FlatCap));
    painter.drawPath(surface);
}

void BucketGauge::paintLayers(QPainter &painter, const Glass &g) const
{
    // A thin light line on top of every token below the surface.
    const int strength = std::max(40, 95 - 3 * static_cast<int>(m_capacity)); // many lines must not drown the number
    painter.setPen(QPen(QColor(255, 255, 255, strength), 1.4));
    const Words w = words(g);
    const auto gapAt = [&](double y) -> double { // half its width
        if (std::abs(y - w.numberRect.center().y()) < w.big.pixelSize() * 0.45)
            return tabularWidth(w.big, w.number) / 2 + kTextGap;
        if (y > w.captionRect.top() && y < w.captionRect.bottom())
            return tabularWidth(w.small, w.caption) / 2 + kTextGap;
        return 0;
    };
    for (limit::Tokens token = 1; token < m_capacity; ++token) {
        const double y = g.yOf(share(token));
        if (y <= g.surface + 3)
            continue;
        const double gap = gapAt(y);
        if (gap <= 0) {
            painter.drawLine(QPointF(g.leftAt(y), y), QPointF(g.rightAt(y), y));
            continue;
        }
        const double middle = g.box.center().x();
        if (middle - gap > g.leftAt(y)) {
            painter.drawLine(QPointF(g.leftAt(y), y), QPointF(middle - gap, y));
            painter.drawLine(QPointF(middle + gap, y), QPointF(g.rightAt(y), y));
        }
    }
}

void BucketGauge::paintScale(QPainter &painter, const Glass &g) const
{
    // Short strokes on both walls, also above the water: how many tokens are missing can be counted.
    painter.setPen(QPen(colors().dim, 1));
    painter.setOpacity(0.55);
    const double length = std::clamp(g.box.width() * 0.042, 3.0, 7.0);
    for (limit::Tokens token = 1; token <= m_capacity; ++token) {
        const double y = g.yOf(share(token));
        if (y > g.surface + 3)
            continue;
        painter.drawLine(QPointF(g.leftAt(y) + 2, y), QPointF(g.leftAt(y) + 2 + length, y));
        painter.drawLine(QPointF(g.rightAt(y) - 2 - length, y), QPointF(g.rightAt(y) - 2, y));
    }
    painter.setOpacity(1);
}

BucketGauge::Words BucketGauge::words(const Glass &g) const
{
    Words w;
    w.number = m_tokens ? format::shortCount(*m_tokens) : QStringLiteral("?");
    w.caption = !m_tokens ? tr("level not known")
                : m_isOld
                    ? tr("last known")
                    : (m_capacity == 1 ? tr("of 1 token") : tr("of %1 tokens").arg(format::shortCount(m_capacity)));
    w.big = font();
    w.big.setWeight(QFont::Bold);
    const int tallest = std::max(px(16), static_cast<int>(g.box.height() * 0.235));
    w.big.setPixelSize(tallest);
    const double width = QFontMetricsF(w.big).horizontalAdvance(w.number);
    if (width > g.box.width() * kWidestNumber) // in even sizes, so that it does not breathe with every digit
        w.big.setPixelSize(std::max(px(16), static_cast<int>(tallest * g.box.width() * kWidestNumber / width) / 2 * 2));
    w.small = font();
    w.small.setPixelSize(px(g.box.width() < px(kNarrowGlass) ? 12 : 13));
    w.small.setWeight(QFont::Medium);
    const double middle = g.box.center().y() + g.box.height() * 0.1;
    const double bigHeight = QFontMetricsF(w.big).height();
    w.numberRect = QRectF(g.box.left(), middle - bigHeight * 0.72, g.box.width(), bigHeight);
    w.captionRect = QRectF(0, w.numberRect.bottom() - bigHeight * 0.06, this->width(), QFontMetricsF(w.small).height());
    return w;
}

void BucketGauge::paintWords(QPainter &painter, const Glass &g) const
{
    const Colors &c = colors();
    const Words w = words(g);
    const bool isWaterPale = m_isOld || !m_tokens;
    const QColor wet = isWaterPale ? c.text : c.onWater;
    const auto write = [&](const QColor &color, const QColor &captionColor) {
        painter.setPen(color);
        painter.setFont(w.big); // as large as this, digits of one width look torn apart
        painter.drawText(w.numberRect, static_cast<int>(Qt::AlignCenter), w.number);
        painter.setPen(captionColor);
        drawTabular(painter, w.captionRect, Qt::AlignHCenter, w.small, w.caption);
    };
    if (g.surface + g.swing() < w.numberRect.top())
        return write(wet, wet);
    if (g.surface - g.swing() > w.captionRect.bottom())
        return write(c.text, c.dim);
    // The surface goes through the words: in the theme's colour above it, in white below it.
    QPainterPath water = g.surfaceLine();
    water.lineTo(g.rightAt(g.box.bottom()), g.box.bottom());
    water.lineTo(g.leftAt(g.box.bottom()), g.box.bottom());
    water.closeSubpath();
    QPainterPath air;
    air.addRect(rect());
    painter.setClipPath(air.subtracted(water));
    write(c.text, c.dim);
    painter.setClipPath(water);
    write(wet, wet);
    painter.setClipping(false);
}

void BucketGauge::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::StyleChange) {
        m_emptyGlass = {};
        update();
    }
}

void BucketGauge::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_emptyGlass = {};
}

void BucketGauge::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    m_motion.stop();
    m_nextFrame.stop();
    m_shown = m_tokens ? share(*m_tokens) : 0;
}

} // namespace weir::ui

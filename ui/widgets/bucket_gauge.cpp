// SPDX-License-Identifier: GPL-3.0-only
#include "ui/widgets/bucket_gauge.h"

#include <QEvent>
#include <QPainter>
#include <QPainterPath>
#include <cmath>

#include "ui/format.h"
#include "ui/theme.h"

namespace weir::ui {
namespace {

// Up to here every token is its own layer of water.
constexpr limit::Tokens kMostLayers = 20;
constexpr int kMotionMs = 320;
// Water at 100 % stays below the rim, so that a full glass still looks like a glass.
constexpr double kFullHeight = 0.94;

} // namespace

struct BucketGauge::Glass {
    QPainterPath outline;
    QRectF box;
    double inset{0}; ///< of the bottom corners
    double surface{0}; ///< y of the water's surface

    [[nodiscard]] double yOf(double share) const { return box.bottom() - box.height() * kFullHeight * share; }
    /// The glass becomes narrower downwards.
    [[nodiscard]] double leftAt(double y) const { return box.left() + inset * (y - box.top()) / box.height(); }
    [[nodiscard]] double rightAt(double y) const { return box.right() - inset * (y - box.top()) / box.height(); }
};

BucketGauge::BucketGauge(QWidget *parent) : QWidget(parent)
{
    m_motion.setDuration(kMotionMs);
    m_motion.setEasingCurve(QEasingCurve::OutCubic);
    connect(&m_motion, &QVariantAnimation::valueChanged, this, [this](const QVariant &value) {
        m_shown = value.toDouble();
        update();
    });
    describe();
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
    m_tokens = tokens;
    m_capacity = capacity;
    m_isOld = isOld;
    describe();
    const double target = tokens ? share(*tokens) : 0;
    m_motion.stop();
    // Water rises from nowhere only if a level was known before; hidden widgets do not move.
    if (!wasKnown || !tokens || !isVisible()) {
        m_shown = target;
    } else if (target != m_shown) {
        m_motion.setStartValue(m_shown);
        m_motion.setEndValue(target);
        m_motion.start();
    }
    update();
}

void BucketGauge::describe()
{
    setAccessibleName(tr("Bucket"));
    setAccessibleDescription(m_tokens ? tr("%1 of %2").arg(format::count(*m_tokens), format::tokens(m_capacity)) : tr("Level not known"));
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
    const Colors &c = colors();
    const Glass g = glass();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillPath(g.outline, c.raise);

    painter.save();
    painter.setClipPath(g.outline);
    if (m_tokens && m_shown > 0) {
        painter.setOpacity(m_isOld ? 0.45 : 1);
        paintWater(painter, g);
        if (m_capacity <= kMostLayers)
            paintLayers(painter, g);
        painter.setOpacity(1);
    }
    painter.restore();

    if (m_tokens && m_capacity <= kMostLayers)
        paintScale(painter, g);
    QPen rim(c.line.lighter(c.isDark ? 135 : 94), 2.5);
    rim.setJoinStyle(Qt::RoundJoin);
    if (!m_tokens)
        rim.setStyle(Qt::DashLine);
    painter.setPen(rim);
    painter.drawPath(g.outline);
    paintNumber(painter, g);
}

void BucketGauge::paintWater(QPainter &painter, const Glass &g) const
{
    const Colors &c = colors();
    QLinearGradient water(0, g.yOf(1), 0, g.box.bottom());
    water.setColorAt(0, c.waterTop);
    water.setColorAt(1, c.waterBottom);
    // A still wave; it flattens near empty, where it would look like a level of its own.
    const double swing = std::min(g.box.height() * 0.022, (g.box.bottom() - g.surface) / 3);
    const double wave = g.box.width() / 3;
    QPainterPath body;
    body.moveTo(g.box.left(), g.surface);
    for (int i = 0; i < 3; ++i) {
        const double x = g.box.left() + i * wave;
        body.cubicTo(x + wave * 0.3, g.surface - swing, x + wave * 0.2, g.surface - swing, x + wave * 0.5, g.surface);
        body.cubicTo(x + wave * 0.8, g.surface + swing, x + wave * 0.7, g.surface + swing, x + wave, g.surface);
    }
    body.lineTo(g.box.bottomRight());
    body.lineTo(g.box.bottomLeft());
    body.closeSubpath();
    painter.fillPath(body, water);
    painter.setPen(QPen(QColor(255, 255, 255, 70), 1.5));
    painter.drawPath(body);
}

void BucketGauge::paintLayers(QPainter &painter, const Glass &g) const
{
    // A thin light line on top of every token below the surface.
    const int strength = std::max(40, 95 - 3 * static_cast<int>(m_capacity)); // many lines must not drown the number
    painter.setPen(QPen(QColor(255, 255, 255, strength), 1.4));
    for (limit::Tokens token = 1; token < m_capacity; ++token) {
        const double y = g.yOf(share(token));
        if (y > g.surface + 3)
            painter.drawLine(QPointF(g.leftAt(y), y), QPointF(g.rightAt(y), y));
    }
}

void BucketGauge::paintScale(QPainter &painter, const Glass &g) const
{
    // Short strokes on both walls, also above the water: how many tokens are missing can be counted.
    painter.setPen(QPen(colors().dim, 1));
    painter.setOpacity(0.55);
    for (limit::Tokens token = 1; token <= m_capacity; ++token) {
        const double y = g.yOf(share(token));
        if (y > g.surface + 3)
            continue;
        painter.drawLine(QPointF(g.leftAt(y) + 2, y), QPointF(g.leftAt(y) + 9, y));
        painter.drawLine(QPointF(g.rightAt(y) - 9, y), QPointF(g.rightAt(y) - 2, y));
    }
    painter.setOpacity(1);
}

void BucketGauge::paintNumber(QPainter &painter, const Glass &g) const
{
    const Colors &c = colors();
    const QString number = m_tokens ? format::shortCount(*m_tokens) : QStringLiteral("?");
    const QString caption = !m_tokens ? tr("level not known")
        : m_isOld                     ? tr("last known")
                                      : (m_capacity == 1 ? tr("of 1 token") : tr("of %1 tokens").arg(format::shortCount(m_capacity)));
    QFont big = font();
    big.setWeight(QFont::Bold);
    big.setPixelSize(std::max(22, static_cast<int>(g.box.height() * 0.235)));
    while (QFontMetricsF(big).horizontalAdvance(number) > g.box.width() * 0.68 && big.pixelSize() > 16)
        big.setPixelSize(big.pixelSize() - 2);
    QFont small = font();
    small.setPixelSize(13);
    small.setWeight(QFont::Medium);
    const double middle = g.box.center().y() + g.box.height() * 0.1;
    const double bigHeight = QFontMetricsF(big).height();
    const QRectF numberRect(g.box.left(), middle - bigHeight * 0.72, g.box.width(), bigHeight);
    const QRectF captionRect(0, numberRect.bottom() - bigHeight * 0.06, width(), QFontMetricsF(small).height());

    // Twice: in the theme's colour above the surface, in white below it.
    const auto write = [&](const QRectF &part, const QColor &color, const QColor &captionColor) {
        painter.save();
        painter.setClipRect(part);
        painter.setPen(color);
        painter.setFont(big);
        painter.drawText(numberRect, static_cast<int>(Qt::AlignHCenter | Qt::AlignVCenter), number);
        painter.setPen(captionColor);
        painter.setFont(small);
        painter.drawText(captionRect, static_cast<int>(Qt::AlignHCenter | Qt::AlignTop), caption);
        painter.restore();
    };
    const bool isWaterPale = m_isOld || !m_tokens;
    write(QRectF(0, 0, width(), g.surface), c.text, c.dim);
    write(QRectF(0, g.surface, width(), height() - g.surface), isWaterPale ? c.text : c.onWater, isWaterPale ? c.text : c.onWater);
}

void BucketGauge::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        update();
}

void BucketGauge::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    m_motion.stop();
    m_shown = m_tokens ? share(*m_tokens) : 0;
}

} // namespace weir::ui

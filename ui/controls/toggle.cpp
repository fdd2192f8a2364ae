// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/toggle.h"

#include <QKeyEvent>
#include <QPainter>

#include "ui/look/scale.h"
#include "ui/look/theme.h"

namespace weir::ui {
namespace {

constexpr int kKnob = 15;
constexpr int kRing = 3; // room around the track for the focus

QColor faded(QColor color, bool isFaded)
{
    color.setAlphaF(isFaded ? 0.45F : 1.0F);
    return color;
}

} // namespace

Toggle::Toggle(const QString &name, Tone tone, QWidget *parent) : QAbstractButton(parent), m_tone{tone}
{
    setCheckable(true);
    setAccessibleName(name);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    onScale(this, [this] { setFixedSize(sizeHint()); });
}

QSize toggleSize()
{
    return px(QSize(34, 19));
}

QSize Toggle::sizeHint() const
{
    return toggleSize() + QSize(2 * kRing, 2 * kRing);
}

void drawToggle(QPainter &painter, const QPointF &topLeft, bool isOn, bool isEnabled, bool isHovered, Toggle::Tone tone)
{
    const Colors &c = colors();
    const QColor on = tone == Toggle::Tone::Harm ? c.bad : c.accent;
    const QRectF track(topLeft, QSizeF(toggleSize()));
    const double round = track.height() / 2;
    // Off has an outline, so that it is seen on every ground.
    const QColor edge = isOn ? on : isHovered && isEnabled ? c.text : c.dim;
    painter.setPen(QPen(faded(edge, !isEnabled), 1.2));
    painter.setBrush(faded(isOn ? on : c.raise, !isEnabled));
    painter.drawRoundedRect(track.adjusted(0.6, 0.6, -0.6, -0.6), round, round);
    const double gap = (track.height() - px(kKnob)) / 2 + 1.5;
    const double side = track.height() - 2 * gap;
    const double left = isOn ? track.right() - gap - side : track.left() + gap;
    painter.setPen(Qt::NoPen);
    painter.setBrush(faded(isOn ? (c.isDark ? c.bg : c.panel) : c.dim, !isEnabled));
    painter.drawEllipse(QRectF(left, track.top() + gap, side, side));
}

void Toggle::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF track(QPointF(kRing, kRing), QSizeF(toggleSize()));
    if (hasFocus()) {
        const double round = track.height() / 2;
        painter.setPen(QPen(colors().accent, 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(track.adjusted(-2, -2, 2, 2), round + 2, round + 2);
    }
    drawToggle(painter, track.topLeft(), isChecked(), isEnabled(), underMouse(), m_tone);
}

void Toggle::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        return click();
    QAbstractButton::keyPressEvent(event);
}

} // namespace weir::ui

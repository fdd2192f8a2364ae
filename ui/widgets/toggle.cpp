// SPDX-License-Identifier: GPL-3.0-only
#include "ui/widgets/toggle.h"

#include <QKeyEvent>
#include <QPainter>

#include "ui/theme.h"

namespace weir::ui {
namespace {

constexpr QSizeF kTrack{34, 19};
constexpr double kKnob = 15;
constexpr double kRing = 3; // room around the track for the focus

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
    setFixedSize(sizeHint());
}

QSize Toggle::sizeHint() const
{
    return {static_cast<int>(kTrack.width() + 2 * kRing), static_cast<int>(kTrack.height() + 2 * kRing)};
}

void Toggle::paintEvent(QPaintEvent *)
{
    const Colors &c = colors();
    const QColor on = m_tone == Tone::Harm ? c.bad : c.accent;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF track(QPointF(kRing, kRing), kTrack);
    const double round = kTrack.height() / 2;
    if (hasFocus()) {
        painter.setPen(QPen(c.accent, 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(track.adjusted(-2, -2, 2, 2), round + 2, round + 2);
    }
    // Off has an outline, so that it is seen on every ground.
    const QColor edge = isChecked() ? on : underMouse() && isEnabled() ? c.text : c.dim;
    painter.setPen(QPen(faded(edge, !isEnabled()), 1.2));
    painter.setBrush(faded(isChecked() ? on : c.raise, !isEnabled()));
    painter.drawRoundedRect(track.adjusted(0.6, 0.6, -0.6, -0.6), round, round);
    const double gap = (kTrack.height() - kKnob) / 2 + 1.5;
    const double side = kTrack.height() - 2 * gap;
    const double left = isChecked() ? track.right() - gap - side : track.left() + gap;
    painter.setPen(Qt::NoPen);
    painter.setBrush(faded(isChecked() ? (c.isDark ? c.bg : c.panel) : c.dim, !isEnabled()));
    painter.drawEllipse(QRectF(left, track.top() + gap, side, side));
}

void Toggle::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        return click();
    QAbstractButton::keyPressEvent(event);
}

} // namespace weir::ui

// SPDX-License-Identifier: GPL-3.0-only
#include "ui/look/icons.h"

#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <cmath>

#include "ui/look/theme.h"

// As in main_window.cpp; there is a window without that one, when the start fails.
static void initPictures()
{
    Q_INIT_RESOURCE(app);
}

namespace weir::ui {
namespace {

// Every icon is drawn in a square of 16 x 16 units.
void drawDrop(QPainter &p)
{
    QPainterPath drop;
    drop.moveTo(8, 1.5);
    drop.cubicTo(10.5, 5, 12.8, 7.6, 12.8, 10);
    drop.cubicTo(12.8, 12.8, 10.7, 14.6, 8, 14.6);
    drop.cubicTo(5.3, 14.6, 3.2, 12.8, 3.2, 10);
    drop.cubicTo(3.2, 7.6, 5.5, 5, 8, 1.5);
    p.drawPath(drop);
    p.drawArc(QRectF(5.6, 7.2, 5, 5), 190 * 16, 75 * 16);
}

void drawLimits(QPainter &p)
{
    for (const double y : {3.4, 8.0, 12.6})
        p.drawLine(QPointF(1.8, y), QPointF(14.2, y));
    p.setBrush(p.pen().color());
    for (const QPointF knob : {QPointF(10.4, 3.4), QPointF(5.2, 8), QPointF(11.6, 12.6)})
        p.drawEllipse(knob, 1.3, 1.3);
}

void drawAdd(QPainter &p)
{
    p.drawLine(QPointF(8, 3), QPointF(8, 13));
    p.drawLine(QPointF(3, 8), QPointF(13, 8));
}

void drawBolt(QPainter &p)
{
    p.drawPolygon(QPolygonF({QPointF(9.2, 1.6), QPointF(3.2, 9.2), QPointF(7.4, 9.2), QPointF(6.6, 14.4),
                             QPointF(12.8, 6.6), QPointF(8.4, 6.6)}));
}

void drawHelp(QPainter &p)
{
    p.drawEllipse(QRectF(1.6, 1.6, 12.8, 12.8));
    QPainterPath hook;
    hook.moveTo(6.1, 6.3);
    hook.cubicTo(6.2, 4.1, 9.9, 4.1, 9.9, 6.4);
    hook.cubicTo(9.9, 7.9, 8, 7.8, 8, 9.4);
    p.drawPath(hook);
    p.setBrush(p.pen().color());
    p.drawEllipse(QPointF(8, 11.6), 0.35, 0.35);
}

// A clock whose circle is the way back.
void drawHistory(QPainter &p)
{
    p.drawArc(QRectF(2.4, 2.4, 11.2, 11.2), 150 * 16, -310 * 16);
    p.drawPolyline(QPolygonF({QPointF(2.2, 2.8), QPointF(2.9, 5.9), QPointF(6, 5.2)}));
    p.drawPolyline(QPolygonF({QPointF(8, 4.8), QPointF(8, 8.2), QPointF(10.4, 9.6)}));
}

void drawCopy(QPainter &p)
{
    p.drawRoundedRect(QRectF(5.2, 5.2, 8.4, 9.2), 1.6, 1.6);
    QPainterPath behind;
    behind.moveTo(10.6, 3.4);
    behind.cubicTo(10.6, 2.2, 10, 1.6, 9, 1.6);
    behind.lineTo(4, 1.6);
    behind.cubicTo(2.8, 1.6, 2.2, 2.2, 2.2, 3.4);
    behind.lineTo(2.2, 9.4);
    behind.cubicTo(2.2, 10.4, 2.6, 10.9, 3.4, 11);
    p.drawPath(behind);
}

void drawOpen(QPainter &p)
{
    p.drawPolyline(QPolygonF({QPointF(9.2, 2.4), QPointF(13.6, 2.4), QPointF(13.6, 6.8)}));
    p.drawLine(QPointF(13.4, 2.6), QPointF(7.6, 8.4));
    p.drawPolyline(
        QPolygonF({QPointF(6.4, 3.4), QPointF(2.6, 3.4), QPointF(2.6, 13.4), QPointF(12.6, 13.4), QPointF(12.6, 9.6)}));
}

void drawPause(QPainter &p)
{
    p.setBrush(p.pen().color());
    p.drawRoundedRect(QRectF(4, 3.2, 1.8, 9.6), 0.6, 0.6);
    p.drawRoundedRect(QRectF(10.2, 3.2, 1.8, 9.6), 0.6, 0.6);
}

void drawResume(QPainter &p)
{
    p.setBrush(p.pen().color());
    p.drawPolygon(QPolygonF({QPointF(5, 3.2), QPointF(12.6, 8), QPointF(5, 12.8)}));
}

void drawSend(QPainter &p)
{
    p.drawPolygon(QPolygonF({QPointF(14, 2), QPointF(9.4, 14), QPointF(7.2, 8.8), QPointF(2, 6.6)}));
    p.drawLine(QPointF(13.6, 2.4), QPointF(7.4, 8.6));
}

void drawSearch(QPainter &p)
{
    p.drawEllipse(QRectF(2.4, 2.4, 8.4, 8.4));
    p.drawLine(QPointF(9.8, 9.8), QPointF(13.6, 13.6));
}

void drawSystem(QPainter &p)
{
    p.drawRoundedRect(QRectF(1.8, 2.8, 12.4, 8.4), 1.4, 1.4);
    p.drawLine(QPointF(5.4, 13.6), QPointF(10.6, 13.6));
}

void drawSun(QPainter &p)
{
    p.drawEllipse(QPointF(8, 8), 2.9, 2.9);
    for (int i = 0; i < 8; ++i) {
        const double angle = i * M_PI / 4;
        const QPointF direction(std::cos(angle), std::sin(angle));
        p.drawLine(QPointF(8, 8) + direction * 5.1, QPointF(8, 8) + direction * 6.5);
    }
}

void drawMoon(QPainter &p)
{
    QPainterPath moon;
    moon.addEllipse(QRectF(2.2, 2.2, 11.6, 11.6));
    QPainterPath shade;
    shade.addEllipse(QRectF(6.2, 0.6, 10.4, 10.4));
    p.drawPath(moon.subtracted(shade));
}

void drawWarning(QPainter &p)
{
    p.drawPolygon(QPolygonF({QPointF(8, 2.2), QPointF(14.6, 13.6), QPointF(1.4, 13.6)}));
    p.drawLine(QPointF(8, 6.6), QPointF(8, 9.6));
    p.drawPoint(QPointF(8, 11.6));
}

void drawShield(QPainter &p)
{
    QPainterPath shield;
    shield.moveTo(8, 1.6);
    shield.lineTo(13.4, 3.6);
    shield.lineTo(13.4, 7.6);
    shield.cubicTo(13.4, 11, 11, 13.4, 8, 14.6);
    shield.cubicTo(5, 13.4, 2.6, 11, 2.6, 7.6);
    shield.lineTo(2.6, 3.6);
    shield.closeSubpath();
    p.drawPath(shield);
}

void draw(QPainter &p, Icon which)
{
    switch (which) {
    case Icon::Live:
        return drawDrop(p);
    case Icon::Limits:
        return drawLimits(p);
    case Icon::Add:
        return drawAdd(p);
    case Icon::Failures:
        return drawBolt(p);
    case Icon::History:
        return drawHistory(p);
    case Icon::Help:
        return drawHelp(p);
    case Icon::Copy:
        return drawCopy(p);
    case Icon::Open:
        return drawOpen(p);
    case Icon::Pause:
        return drawPause(p);
    case Icon::Resume:
        return drawResume(p);
    case Icon::Send:
        return drawSend(p);
    case Icon::Search:
        return drawSearch(p);
    case Icon::System:
        return drawSystem(p);
    case Icon::Sun:
        return drawSun(p);
    case Icon::Moon:
        return drawMoon(p);
    case Icon::Warning:
        return drawWarning(p);
    case Icon::Shield:
        return drawShield(p);
    }
}

QColor inkOf(bool isOnAccent, Icon which, QIcon::Mode mode, QIcon::State state)
{
    const Colors &c = colors();
    if (which == Icon::Warning)
        return c.bad;
    if (mode == QIcon::Disabled)
        return QColor(c.dim.red(), c.dim.green(), c.dim.blue(), 130);
    if (isOnAccent)
        return c.onAccent;
    return state == QIcon::On ? c.text : c.dim;
}

class PaintedIcon : public QIconEngine {
public:
    PaintedIcon(Icon which, bool isOnAccent) : m_which{which}, m_isOnAccent{isOnAccent} {}

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const double side = std::min(rect.width(), rect.height());
        painter->translate(rect.x(),
                           rect.y() + (rect.height() - side) / 2); // left: a wider size is a gap before the text
        painter->scale(side / 16, side / 16);
        QPen pen(inkOf(m_isOnAccent, m_which, mode, state), 1.35);
        pen.setCapStyle(Qt::RoundCap);
        pen.setJoinStyle(Qt::RoundJoin);
        painter->setPen(pen);
        painter->setBrush(Qt::NoBrush);
        draw(*painter, m_which);
        painter->restore();
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    [[nodiscard]] QIconEngine *clone() const override { return new PaintedIcon(m_which, m_isOnAccent); }

private:
    Icon m_which;
    bool m_isOnAccent;
};

} // namespace

QIcon icon(Icon which)
{
    return QIcon(new PaintedIcon(which, false));
}

QIcon iconOnAccent(Icon which)
{
    return QIcon(new PaintedIcon(which, true));
}

QIcon appIcon()
{
    initPictures();
    QIcon result;
    for (const int side : {16, 22, 24, 32, 48, 64, 128, 256})
        result.addFile(QStringLiteral(":/icons/weir-%1.png").arg(side), {side, side});
    return result;
}

} // namespace weir::ui

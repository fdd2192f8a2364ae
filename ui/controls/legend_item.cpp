// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/legend_item.h"

#include <QFontMetrics>
#include <QPainter>

#include "ui/look/scale.h"
#include "ui/look/theme.h"

namespace weir::ui {
namespace {

constexpr int kSignWidth = 16;

QFont legendFont(const QFont &base)
{
    QFont font = base;
    font.setPixelSize(px(12));
    return font;
}

} // namespace

LegendItem::LegendItem(Sign sign, const QString &text, QWidget *parent) : QWidget(parent), m_sign{sign}, m_text{text}
{
    setSizePolicy(sign == Sign::Change ? QSizePolicy::Preferred : QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void LegendItem::setText(const QString &text)
{
    if (text == m_text)
        return;
    m_text = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

QSize LegendItem::sizeHint() const
{
    const QFontMetrics metrics(legendFont(font()));
    return {px(kSignWidth) + metrics.horizontalAdvance(m_text) + 2, metrics.height() + 2};
}

QSize LegendItem::minimumSizeHint() const
{
    return m_sign == Sign::Change ? QSize(px(kSignWidth), sizeHint().height()) : sizeHint();
}

void LegendItem::paintEvent(QPaintEvent *)
{
    const Colors &c = colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double middle = height() / 2.0;
    const auto square = [&](const QColor &color) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawRoundedRect(QRectF(0, middle - px(9) / 2.0, px(9), px(9)), 2, 2);
    };
    switch (m_sign) {
    case Sign::Admitted:
        square(c.ok);
        break;
    case Sign::Refused:
        square(c.bad);
        break;
    case Sign::Undecided:
        square(c.warn);
        break;
    case Sign::Tokens:
        painter.setPen(QPen(c.accent, 2));
        painter.drawLine(QPointF(0, middle), QPointF(px(10), middle));
        break;
    case Sign::Change:
        painter.setPen(QPen(c.text, 1.2, Qt::DashLine));
        painter.drawLine(QPointF(px(5), 2), QPointF(px(5), height() - 2));
        break;
    }
    painter.setPen(c.dim);
    const QFont font = legendFont(this->font());
    painter.setFont(font);
    const QRect room = rect().adjusted(px(kSignWidth), 0, 0, 0);
    painter.drawText(room, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter),
                     QFontMetrics(font).elidedText(m_text, Qt::ElideRight, room.width()));
}

} // namespace weir::ui

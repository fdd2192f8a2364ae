// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/menu_button.h"

#include <QMenu>
#include <QPainter>
#include <QStyleOptionButton>

#include "ui/look/scale.h"
#include "ui/look/theme.h"
#include "ui/controls/panel.h"

namespace weir::ui {
namespace {

constexpr int kLeft = 11;
constexpr int kRight = 27; // the chevron
constexpr int kIconGap = 7;

} // namespace
MenuButton::MenuButton(const QString &text, const char *role, QWidget *parent) : QPushButton(text, parent)
{
    setRole(this, role);
    m_isQuiet = qstrcmp(role, "flat") == 0;
}

QSize MenuButton::sizeHint() const
{
    const int iconRoom = icon().isNull() ? 0 : iconSize().width() + px(kIconGap);
    const QString shown = QString(text()).remove(u'&');
    return {px(kLeft) + iconRoom + fontMetrics().horizontalAdvance(shown) + px(kRight),
            QPushButton::sizeHint().height()};
}

void MenuButton::paintEvent(QPaintEvent *)
{
    // The frame is the style's; a style sheet's padding does not reach the label of a button with a menu.
    QStyleOptionButton option;
    initStyleOption(&option);
    option.text.clear();
    option.icon = {};
    QPainter painter(this);
    style()->drawControl(QStyle::CE_PushButton, &option, &painter, this);

    QRect room = rect().adjusted(px(kLeft), 0, -px(kRight), 0);
    if (!icon().isNull()) {
        const QRect place(room.left(), (height() - iconSize().height()) / 2, iconSize().width(), iconSize().height());
        icon().paint(&painter, place);
        room.adjust(iconSize().width() + px(kIconGap), 0, 0, 0);
    }
    const bool isUnderlined = style()->styleHint(QStyle::SH_UnderlineShortcut, &option, this) != 0;
    painter.setPen(m_isQuiet && !underMouse() ? colors().dim : colors().text);
    painter.drawText(room,
                     static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter)
                         | (isUnderlined ? Qt::TextShowMnemonic : Qt::TextHideMnemonic),
                     text());

    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colors().dim, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.translate(width() - px(15.5), height() / 2.0 + 0.5);
    painter.scale(px(1.0), px(1.0));
    painter.drawPolyline(QPolygonF({{-3.5, -2}, {0, 1.8}, {3.5, -2}}));
}

} // namespace weir::ui

// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/limit_card_delegate.h"

#include <QMouseEvent>
#include <QPainter>

#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/look/icons.h"
#include "ui/limits/limit_list_model.h"
#include "ui/look/theme.h"
#include "ui/words/visible_text.h"
#include "ui/controls/tabular_text.h"
#include "ui/controls/toggle.h"

namespace weir::ui {
namespace {

constexpr int kHeight = 74;
constexpr int kGap = 6; // below each card
constexpr int kTextLeft = 32;
constexpr int kRight = 12;
constexpr int kTagHeight = 15;
constexpr int kTagSize = 10;
constexpr int kBesideName = 8;
constexpr int kBetweenTags = 5;

struct Tag {
    QString text;
    QColor color;
};

QFont sized(const QFont &font, int pixels, bool isBold = false)
{
    QFont other = font;
    other.setPixelSize(px(pixels));
    other.setWeight(isBold ? QFont::DemiBold : QFont::Normal);
    return other;
}

std::vector<Tag> tagsOf(const QModelIndex &index)
{
    using Standing = LimitListModel::Standing;
    const Colors &c = colors();
    std::vector<Tag> tags;
    if (index.data(LimitListModel::IsShadowRole).toBool())
        tags.push_back({LimitCardDelegate::tr("shadow"), c.warn});
    switch (index.data(LimitListModel::StandingRole).value<Standing>()) {
    case Standing::InForce:
        break;
    case Standing::Edited:
        tags.push_back({LimitCardDelegate::tr("edited"), c.accent});
        break;
    case Standing::New:
        tags.push_back({LimitCardDelegate::tr("new"), c.accent});
        break;
    case Standing::Wrong:
        tags.push_back({LimitCardDelegate::tr("check it"), c.bad});
        break;
    }
    return tags;
}

QString countText(qint64 number)
{
    constexpr qint64 kRoom = 1'000'000;
    return number < kRoom ? format::count(number) : format::shortCount(number);
}

void drawGrip(QPainter &painter, const QRectF &card)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors().dim);
    for (int column = 0; column < 2; ++column) {
        for (int row = 0; row < 3; ++row)
            painter.drawEllipse(QPointF(card.left() + px(14) + column * px(5), card.top() + px(17) + row * px(5)),
                                px(1.1), px(1.1));
    }
}

int tagWidth(const QFont &small, const Tag &tag)
{
    return QFontMetrics(small).horizontalAdvance(tag.text) + px(10);
}

/// Of all, with what is between them and the name.
int widthOf(const QFont &font, const std::vector<Tag> &tags)
{
    const QFont small = sized(font, kTagSize);
    int width = tags.empty() ? 0 : px(kBesideName) - px(kBetweenTags);
    for (const Tag &tag : tags)
        width += tagWidth(small, tag) + px(kBetweenTags);
    return width;
}

void drawTags(QPainter &painter, const QFont &font, const std::vector<Tag> &tags, int left, int top)
{
    const QFont small = sized(font, kTagSize);
    painter.setFont(small);
    for (const Tag &tag : tags) {
        const int width = tagWidth(small, tag);
        painter.setPen(QPen(tag.color, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(left + 0.5, top + 0.5, width - 1, px(kTagHeight)), px(4), px(4));
        painter.drawText(QRect(left, top, width, px(kTagHeight) + 1), Qt::AlignCenter, tag.text);
        left += width + px(kBetweenTags);
    }
}

int drawCounts(QPainter &painter, const QFont &font, const QModelIndex &index, const QRect &card, int right)
{
    const QVariant admitted = index.data(LimitListModel::AdmittedRole);
    if (!admitted.isValid())
        return right;
    const Colors &c = colors();
    const QFont small = sized(font, 12);
    const QString first = countText(admitted.toLongLong());
    const QString second = countText(index.data(LimitListModel::RefusedRole).toLongLong());
    const int width = static_cast<int>(std::max(tabularWidth(small, first), tabularWidth(small, second))) + 2;
    const QRect room(right - width, card.top() + px(10), width, px(16));
    painter.setPen(c.ok);
    drawTabular(painter, room, Qt::AlignRight, small, first);
    painter.setPen(index.data(LimitListModel::RefusedRole).toLongLong() > 0 ? c.bad : c.dim);
    drawTabular(painter, room.translated(0, px(17)), Qt::AlignRight, small, second);
    return room.left() - px(10);
}

void drawLine(QPainter &painter, const QFont &font, const QString &text, int left, int top, int right)
{
    painter.setFont(font);
    painter.drawText(QRect(left, top, right - left, px(18)), static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter),
                     QFontMetrics(font).elidedText(text, Qt::ElideRight, right - left));
}

} // namespace

QRect LimitCardDelegate::toggleRect(const QRect &card)
{
    return {card.right() - px(kRight) - toggleSize().width() + 1, card.top() + px(12), toggleSize().width(),
            toggleSize().height()};
}

QSize LimitCardDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {100, px(kHeight) + px(kGap)};
}

void LimitCardDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Colors &c = colors();
    const bool isSelected = option.state & QStyle::State_Selected;
    const bool isAccess = index.data(LimitListModel::IsAccessRole).toBool();
    const bool isOn = isAccess || index.data(LimitListModel::IsOnRole).toBool();
    const QRect card = option.rect.adjusted(0, 0, -1, -px(kGap) - 1);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool hasFocus = isSelected && (option.state & QStyle::State_HasFocus);
    const QColor edge = isSelected ? c.accent : option.state & QStyle::State_MouseOver ? c.dim : c.line;
    painter->setPen(QPen(edge, hasFocus ? 1.8 : 1));
    painter->setBrush(isSelected ? c.raise : c.panel);
    painter->drawRoundedRect(QRectF(card).adjusted(0.9, 0.9, -0.4, -0.4), px(8), px(8));
    int right = card.right() - px(kRight);
    if (isAccess) {
        icon(Icon::Shield).paint(painter, QRect(card.left() + px(9), card.top() + px(12), px(15), px(15)));
    } else {
        drawGrip(*painter, card);
        const QRect toggle = toggleRect(card);
        drawToggle(*painter, toggle.topLeft(), isOn, true, false, Toggle::Tone::Good);
        right = drawCounts(*painter, option.font, index, card, toggle.left() - px(10));
    }

    const int left = card.left() + px(kTextLeft);
    const QFont bold = sized(option.font, 13, true);
    const std::vector<Tag> tags = tagsOf(index);
    const QString name = visibleText(index.data(LimitListModel::NameRole).toString().toStdString());
    const QString shown = name.isEmpty() ? tr("without a name") : name;
    // The name gives way: that a limit is a shadow must not be missed.
    const QString elided =
        QFontMetrics(bold).elidedText(shown, Qt::ElideRight, right - left - widthOf(option.font, tags));
    painter->setPen(isOn ? c.text : c.dim);
    drawLine(*painter, bold, elided, left, card.top() + px(9), right);
    drawTags(*painter, option.font, tags, left + QFontMetrics(bold).horizontalAdvance(elided) + px(kBesideName),
             card.top() + px(10));
    const QFont small = sized(option.font, 12);
    painter->setPen(c.dim);
    drawLine(*painter, small, index.data(LimitListModel::MatchRole).toString(), left, card.top() + px(28), right);
    painter->setPen(isOn && !isAccess ? c.text : c.dim);
    drawLine(*painter, small, index.data(LimitListModel::NumbersRole).toString(), left, card.top() + px(48),
             card.right() - px(kRight));
    painter->restore();
}

bool LimitCardDelegate::editorEvent(QEvent *event, QAbstractItemModel *, const QStyleOptionViewItem &option,
                                    const QModelIndex &index)
{
    const bool isClick = event->type() == QEvent::MouseButtonRelease || event->type() == QEvent::MouseButtonDblClick;
    if (!isClick || index.data(LimitListModel::IsAccessRole).toBool())
        return false;
    const auto *mouse = static_cast<QMouseEvent *>(event);
    const QRect card = option.rect.adjusted(0, 0, -1, -px(kGap) - 1);
    if (mouse->button() != Qt::LeftButton
        || !toggleRect(card).adjusted(-4, -4, 4, 4).contains(mouse->position().toPoint()))
        return false;
    Q_EMIT toggled(index.row(), !index.data(LimitListModel::IsOnRole).toBool());
    return true;
}

} // namespace weir::ui

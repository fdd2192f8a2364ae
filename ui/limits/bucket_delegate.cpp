// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/bucket_delegate.h"

#include <QAbstractItemView>
#include <QMouseEvent>
#include <QPainter>
#include <array>

#include "ui/look/scale.h"
#include "ui/limits/bucket_model.h"
#include "ui/look/theme.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

using Deed = BucketDelegate::Deed;

constexpr int kPadding = 8;
constexpr int kWordGap = 14;
constexpr int kBarHeight = 7;
constexpr std::array kDeeds{Deed::Fill, Deed::Empty, Deed::Block};

QString wordOf(Deed deed)
{
    switch (deed) {
    case Deed::Fill:
        return BucketDelegate::tr("Fill");
    case Deed::Empty:
        return BucketDelegate::tr("Empty");
    case Deed::Block:
        return BucketDelegate::tr("Block");
    case Deed::None:
        break;
    }
    return {};
}

QFont cellFont(const QFont &font)
{
    QFont small = font;
    small.setPixelSize(px(12));
    return small;
}

Deed deedAt(const QPoint &position, const QRect &cell, const QFont &font)
{
    for (const Deed deed : kDeeds) {
        if (BucketDelegate::wordRect(deed, cell, font)
                .adjusted(-px(kWordGap) / 2, 0, px(kWordGap) / 2, 0)
                .contains(position))
            return deed;
    }
    return Deed::None;
}

void drawLevel(QPainter &painter, const QRect &room, double share, bool isOverflow)
{
    const Colors &c = colors();
    const QRectF track(room.left(), room.center().y() - px(kBarHeight) / 2.0 + 0.5, room.width(), px(kBarHeight));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(share < 0 ? QPen(c.dim, 1, Qt::DotLine) : QPen(Qt::NoPen));
    painter.setBrush(share < 0 ? QBrush(Qt::NoBrush) : QBrush(c.line));
    painter.drawRoundedRect(track, px(kBarHeight) / 2.0, px(kBarHeight) / 2.0);
    if (share <= 0)
        return;
    painter.setBrush(isOverflow ? c.warn : c.accent);
    const double width = std::max(track.width() * share, static_cast<double>(px(kBarHeight)));
    painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(width, px(kBarHeight))), px(kBarHeight) / 2.0,
                            px(kBarHeight) / 2.0);
}

} // namespace

BucketDelegate::BucketDelegate(QObject *parent) : QStyledItemDelegate(parent)
{
}

QRect BucketDelegate::wordRect(Deed deed, const QRect &cell, const QFont &font)
{
    const QFontMetrics metrics(cellFont(font));
    int left = cell.left() + px(kPadding);
    for (const Deed each : kDeeds) {
        const int width = metrics.horizontalAdvance(wordOf(each));
        if (each == deed)
            return {left, cell.top(), width, cell.height()};
        left += width + px(kWordGap);
    }
    return {};
}

void BucketDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Colors &c = colors();
    painter->save();
    painter->setPen(c.line);
    painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
    const QFont font = cellFont(option.font);
    const QRect room = option.rect.adjusted(px(kPadding), 0, -px(kPadding), -1);
    const QString text = index.data(Qt::DisplayRole).toString();
    const bool isOverflow = index.data(BucketModel::IsOverflowRole).toBool();
    switch (index.column()) {
    case BucketModel::Key:
        painter->setPen(c.text);
        painter->setFont(font);
        painter->drawText(room, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine),
                          QFontMetrics(font).elidedText(text, Qt::ElideMiddle, room.width()));
        break;
    case BucketModel::Level:
        drawLevel(*painter, room, index.data(BucketModel::ShareRole).toDouble(), isOverflow);
        break;
    case BucketModel::Actions:
        for (const Deed deed : kDeeds) {
            const bool isHovered = index == m_hovered && deed == m_hoveredDeed;
            const bool isPossible = deed != Deed::Block || (m_isBlockable && !isOverflow);
            QFont word = font;
            word.setStrikeOut(!isPossible); // fainter would be unreadable
            painter->setFont(word);
            painter->setPen(isHovered && isPossible ? deed == Deed::Block ? c.bad : c.accent : c.dim);
            painter->drawText(wordRect(deed, option.rect, option.font).adjusted(0, 0, 2, -1),
                              static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter), wordOf(deed));
        }
        break;
    default:
        painter->setPen(index.column() == BucketModel::Admitted                                ? c.ok
                        : index.column() == BucketModel::Refused && text != QLatin1String("0") ? c.bad
                        : index.column() == BucketModel::Tokens                                ? c.text
                                                                                               : c.dim);
        drawTabular(*painter, room, Qt::AlignLeft, font, text);
    }
    painter->restore();
}

bool BucketDelegate::editorEvent(QEvent *event, QAbstractItemModel *, const QStyleOptionViewItem &option,
                                 const QModelIndex &index)
{
    const bool isMove = event->type() == QEvent::MouseMove;
    if (!isMove && event->type() != QEvent::MouseButtonRelease)
        return false;
    const auto *mouse = static_cast<QMouseEvent *>(event);
    const Deed deed = index.column() == BucketModel::Actions
                          ? deedAt(mouse->position().toPoint(), option.rect, option.font)
                          : Deed::None;
    if (isMove) {
        m_hovered = index;
        m_hoveredDeed = deed;
        if (const auto *view = qobject_cast<const QAbstractItemView *>(option.widget))
            view->viewport()->update();
        return false;
    }
    if (deed == Deed::None || mouse->button() != Qt::LeftButton)
        return false;
    Q_EMIT deedWished(index.row(), deed);
    return true;
}

} // namespace weir::ui

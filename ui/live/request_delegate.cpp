// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/request_delegate.h"

#include <QPainter>

#include "ui/look/scale.h"
#include "ui/live/request_model.h"
#include "ui/look/theme.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

constexpr int kPadding = 8;

QColor statusColor(int status, bool isTurnedAway)
{
    const Colors &c = colors();
    if (isTurnedAway)
        return c.warn;
    if (status == 429)
        return c.bad;
    if (status >= 500)
        return c.warn;
    return status >= 200 && status < 300 ? c.ok : c.text;
}

} // namespace

void RequestDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Colors &c = colors();
    painter->save();
    painter->setPen(c.line);
    painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());

    QFont font = option.font;
    font.setPixelSize(px(12));
    const int column = index.column();
    const bool isTurnedAway = index.data(RequestModel::TurnedAwayRole).toBool();
    const QString text = index.data(Qt::DisplayRole).toString();
    const QRect room = option.rect.adjusted(px(kPadding), 0, -px(kPadding), -1);
    painter->setPen(column == RequestModel::Client || column == RequestModel::Request || column == RequestModel::Time
                        ? c.text
                        : c.dim);
    if (column == RequestModel::Status) {
        font.setBold(true);
        painter->setPen(statusColor(index.data(RequestModel::StatusRole).toInt(), isTurnedAway));
    }
    if (column == RequestModel::Request) {
        if (isTurnedAway) { // our words, not the client's
            font.setItalic(true);
            painter->setPen(c.dim);
        }
        painter->setFont(font);
        painter->drawText(room, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine),
                          QFontMetrics(font).elidedText(text, Qt::ElideRight, room.width()));
    } else {
        drawTabular(*painter, room, Qt::AlignLeft, font, text);
    }
    painter->restore();
}

} // namespace weir::ui

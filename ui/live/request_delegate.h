// SPDX-License-Identifier: GPL-3.0-only
// Paints the request table's cells: plain text only, one pass, no style sheet per cell.
#pragma once

#include <QStyledItemDelegate>

namespace weir::ui {

class RequestDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace weir::ui

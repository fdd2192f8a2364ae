// SPDX-License-Identifier: GPL-3.0-only
// Paints a limit of the list as a card: its name, match, numbers, counts and switch.
#pragma once

#include <QStyledItemDelegate>

namespace weir::ui {

class LimitCardDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    bool editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &option,
                     const QModelIndex &index) override;
    /// Return the place of the switch in `card`.
    [[nodiscard]] static QRect toggleRect(const QRect &card);

Q_SIGNALS:
    void toggled(int row, bool isOn); ///< by the mouse
};

} // namespace weir::ui

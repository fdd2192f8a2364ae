// SPDX-License-Identifier: GPL-3.0-only
// Paints the table of buckets: the level as a bar, and the actions as words to click.
#pragma once

#include <QPersistentModelIndex>
#include <QStyledItemDelegate>

namespace weir::ui {

class BucketDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    enum class Deed { None, Fill, Empty, Block };

    explicit BucketDelegate(QObject *parent = nullptr);

    void setBlockable(bool isBlockable) { m_isBlockable = isBlockable; }
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    bool editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &option,
                     const QModelIndex &index) override;
    /// Return the place of a word in a cell of the column of actions.
    [[nodiscard]] static QRect wordRect(Deed deed, const QRect &cell, const QFont &font);

Q_SIGNALS:
    void deedWished(int row, weir::ui::BucketDelegate::Deed deed);

private:
    QPersistentModelIndex m_hovered;
    Deed m_hoveredDeed{Deed::None};
    bool m_isBlockable{true};
};

} // namespace weir::ui

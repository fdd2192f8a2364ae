// SPDX-License-Identifier: GPL-3.0-only
// A table model whose columns have titles, at the left.
#pragma once

#include <QAbstractTableModel>

namespace weir::ui {

class TitledColumns : public QAbstractTableModel {
public:
    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const final
    {
        if (orientation != Qt::Horizontal)
            return {};
        if (role == Qt::TextAlignmentRole)
            return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter));
        return role == Qt::DisplayRole ? QVariant{title(section)} : QVariant{};
    }

private:
    [[nodiscard]] virtual QString title(int column) const = 0;
};

} // namespace weir::ui

// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/fixed_rows.h"

#include <QHeaderView>
#include <QTableView>

#include "ui/look/scale.h"

namespace weir::ui {

void setFixedRows(QTableView *view, int height)
{
    constexpr int kLeastColumn = 50;
    view->setShowGrid(false);
    view->setWordWrap(false);
    view->setTabKeyNavigation(false);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    view->verticalHeader()->hide();
    view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    onScale(view, [view, height] { view->verticalHeader()->setDefaultSectionSize(px(height)); });
    QHeaderView *columns = view->horizontalHeader();
    columns->setHighlightSections(false);
    columns->setSectionsClickable(false);
    setScaledHeight(columns, height);
    columns->setMinimumSectionSize(kLeastColumn);
}

} // namespace weir::ui

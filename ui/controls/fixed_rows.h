// SPDX-License-Identifier: GPL-3.0-only
// How tables of many rows look and behave here.
#pragma once

class QTableView;

namespace weir::ui {

/// Whole rows are selected, nothing is edited, Tab leaves the table. Rows and header have the height `height`, pixels: what
/// changes 20 times a second is never measured. The widths of the columns are left to the caller.
void setFixedRows(QTableView *view, int height);

} // namespace weir::ui

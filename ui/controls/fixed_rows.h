// SPDX-License-Identifier: GPL-3.0-only
// The look and behaviour of tables with many rows.
#pragma once

class QTableView;

namespace weir::ui {

/// Let whole rows be selected, none edited, and Tab leave the table. Rows and header get the height `height` (pixels),
/// so that rows that change 20 times a second are never measured. The caller sets the widths of the columns.
void setFixedRows(QTableView *view, int height);

} // namespace weir::ui

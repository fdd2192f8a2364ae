// SPDX-License-Identifier: GPL-3.0-only
// Columns of text, each as wide as its widest cell.
#pragma once

#include <QList>
#include <QStringList>

namespace weir::app {

/// Return a line for each of `rows`, all with as many cells, two spaces between columns; those of `right` stand at the
/// right edge of their columns. No line ends with a space.
[[nodiscard]] QString textTable(const QList<QStringList> &rows, const QList<qsizetype> &right);

} // namespace weir::app

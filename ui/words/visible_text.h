// SPDX-License-Identifier: GPL-3.0-only
// Bytes of strangers as text that cannot lie: nothing invisible, nothing that reorders what stands around it.
#pragma once

#include <QString>
#include <string_view>

namespace weir::ui {

/// UTF-8 as it reads; control, bidi, other invisible characters and invalid bytes as \xNN or \uNNNN,
/// a backslash as \\. `isCut` appends an ellipsis.
[[nodiscard]] QString visibleText(std::string_view bytes, bool isCut = false);

/// `text` as one cell of a copied row: tabs and line ends gone, and an apostrophe before what a
/// spreadsheet would take for a formula (= + - @).
[[nodiscard]] QString spreadsheetCell(const QString &text);

} // namespace weir::ui

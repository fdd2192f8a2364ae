// SPDX-License-Identifier: GPL-3.0-only
// Makes bytes from clients safe to show: nothing invisible, nothing that reorders the text around it.
#pragma once

#include <QString>
#include <string_view>

namespace weir::config {

/// Return UTF-8 as text; control, bidi, other invisible characters and invalid bytes as \xNN or \uNNNN, a backslash as
/// \\. `isCut` appends an ellipsis.
[[nodiscard]] QString visibleText(std::string_view bytes, bool isCut = false);

} // namespace weir::config

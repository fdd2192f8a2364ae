// SPDX-License-Identifier: GPL-3.0-only
// Tells why the panel cannot start.
#pragma once

#include <QString>

namespace weir::ui {

/// Show a modal dialog and return when it is closed. `sentence` is shown as plain text and can be copied.
void showStartupFailure(const QString &sentence);

} // namespace weir::ui

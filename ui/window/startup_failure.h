// SPDX-License-Identifier: GPL-3.0-only
// Tells why the panel cannot start.
#pragma once

#include <QString>

namespace weir::ui {

/// A modal dialog; returns when it was closed. `sentence` is shown as plain text and can be copied.
void showStartupFailure(const QString &sentence);

} // namespace weir::ui

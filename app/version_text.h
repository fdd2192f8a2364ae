// SPDX-License-Identifier: GPL-3.0-only
// What this program is.
#pragma once

#include <QString>

namespace weir::app {

/// The text of --version: "weir VERSION" on the first line, then what it is made of, "name: value" a line.
[[nodiscard]] QString versionText();

} // namespace weir::app

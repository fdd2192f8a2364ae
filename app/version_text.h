// SPDX-License-Identifier: GPL-3.0-only
// The text of --version.
#pragma once

#include <QString>

namespace weir::app {

/// Return "weir VERSION" and a line "name: value" for each part that it is made of.
[[nodiscard]] QString versionText();

} // namespace weir::app

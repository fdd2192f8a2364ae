// SPDX-License-Identifier: GPL-3.0-only
// Is there a screen? Asked before Qt is, because Qt ends the process when there is none.
#pragma once

#include <optional>
#include <string>

class QProcessEnvironment;

namespace weir::app {

/// Nothing when a window can be opened, else why not: "DISPLAY and WAYLAND_DISPLAY are not set".
[[nodiscard]] std::optional<std::string> whyNoDisplay(const QProcessEnvironment &environment);

} // namespace weir::app

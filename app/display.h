// SPDX-License-Identifier: GPL-3.0-only
// Tells whether there is a screen, before Qt is started, which ends the process when there is none.
#pragma once

#include <optional>
#include <string>

class QProcessEnvironment;

namespace weir::app {

/// Return why no window can be opened, nothing when one can: "DISPLAY and WAYLAND_DISPLAY are not set".
[[nodiscard]] std::optional<std::string> whyNoDisplay(const QProcessEnvironment &environment);

} // namespace weir::app

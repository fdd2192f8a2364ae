// SPDX-License-Identifier: GPL-3.0-only
// A text as TOML.
#pragma once

#include <string>
#include <string_view>

namespace weir::config {

/// Return `text` in quotes; quotes, backslashes and control characters escaped (TOML 1.0, "String").
[[nodiscard]] std::string printTomlText(std::string_view text);

} // namespace weir::config

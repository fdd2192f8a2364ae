// SPDX-License-Identifier: GPL-3.0-only
// Words of strangers as they are shown in a problem: short, on one line, without control of a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

/// `text` (UTF-8) without control characters, at most 80 bytes and then "…".
[[nodiscard]] std::string shown(std::string_view text);

/// The same between double quotes.
[[nodiscard]] std::string shownInQuotes(std::string_view text);

/// "a, b or c"; "a" alone.
[[nodiscard]] std::string oneOf(const std::vector<std::string> &words);

} // namespace weir::config

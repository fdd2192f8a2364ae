// SPDX-License-Identifier: GPL-3.0-only
// Input quoted in a problem: short, on one line, without control characters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

/// Return `text` (UTF-8) without control characters, at most 80 bytes and then "…".
[[nodiscard]] std::string shown(std::string_view text);

/// Likewise between double quotes.
[[nodiscard]] std::string shownInQuotes(std::string_view text);

/// Return "a, b or c", or "a" for a single word.
[[nodiscard]] std::string oneOf(const std::vector<std::string> &words);

} // namespace weir::config

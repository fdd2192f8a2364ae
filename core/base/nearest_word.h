// SPDX-License-Identifier: GPL-3.0-only
// "Did you mean": the known word that a mistyped one is closest to.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weir {

/// Count the single-byte changes (insert, delete, replace) that turn `a` into `b`.
[[nodiscard]] int editDistance(std::string_view a, std::string_view b);

/// Return the one of `words` that is closest to `word`, when it is at most 2 changes away; else empty.
[[nodiscard]] std::string nearestWord(std::string_view word, std::span<const std::string> words);

} // namespace weir

// SPDX-License-Identifier: GPL-3.0-only
// Durations as people write them: "500ms", "10s", "1min", "1h", "1d".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// The unit of every time in Weir; Redis TIME has the same resolution.
using Micros = std::chrono::microseconds;

/// Reads a whole number and a unit (us, ms, s, min, m, h, d), with or without a space between.
/// Nothing when the text is anything else, is negative or does not fit in 64 bits.
[[nodiscard]] std::optional<Micros> parseDuration(std::string_view text);

/// The shortest exact form that parseDuration reads back: "90s", "1min", "1500us".
[[nodiscard]] std::string printDuration(Micros duration);

/// The same with a space before the unit, for people: "1 min".
[[nodiscard]] std::string printDurationSpaced(Micros duration);

} // namespace weir

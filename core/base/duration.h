// SPDX-License-Identifier: GPL-3.0-only
// Durations as people write them: "500ms", "10 s", "1 hour", "1.5 h", "1h 30min", "1 week".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// The unit of every time in Weir; Redis TIME has the same resolution.
using Micros = std::chrono::microseconds;

/// Read numbers, each with a unit, from the largest unit to the smallest: us, ms, s, min, h, d, w, or their names in
/// full ("seconds", "hrs"), in small letters, with or without a space between; m is a minute. A part of a unit is
/// written with a point and must be a whole number of microseconds. Nothing when the text is anything else, is negative
/// or does not fit in 64 bits; months and years are not of one length.
[[nodiscard]] std::optional<Micros> parseDuration(std::string_view text);

/// Explain why `text` is no duration, where a list of the units would not help: "a month is 28 to 31 days: write days";
/// else empty.
[[nodiscard]] std::string durationHint(std::string_view text);

/// Return the shortest exact form that parseDuration reads back: "90s", "1min", "1500us".
[[nodiscard]] std::string printDuration(Micros duration);

/// Likewise with a space before the unit, for people: "1 min".
[[nodiscard]] std::string printDurationSpaced(Micros duration);

} // namespace weir

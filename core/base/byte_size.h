// SPDX-License-Identifier: GPL-3.0-only
// Sizes as people write them: "65536", "64KiB", "1MiB", "1GiB".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// Reads a whole number and a unit (B, KiB, MiB, GiB; none is B), with or without a space between. Powers of 1024 only:
/// kB and MB mean one thing here and another there. Nothing when the text is anything else or does not fit in 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parseByteSize(std::string_view text);

/// The shortest exact form with a unit, which parseByteSize reads back: "64KiB", "1000B".
[[nodiscard]] std::string printByteSize(std::uint64_t bytes);

/// The same with a space before the unit, for people: "64 KiB".
[[nodiscard]] std::string printByteSizeSpaced(std::uint64_t bytes);

} // namespace weir

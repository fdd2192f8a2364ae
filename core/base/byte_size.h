// SPDX-License-Identifier: GPL-3.0-only
// Sizes as people write them: "65536", "64KiB", "1MiB", "1GiB".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// Read a whole number and a unit (B, KiB, MiB, GiB; without one it is bytes), with or without a space between. kB and
/// MB are refused: they mean powers of 1000 to some and of 1024 to others. Nothing when the text is anything else or
/// does not fit in 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parseByteSize(std::string_view text);

/// Return the shortest exact form with a unit, which parseByteSize reads back: "64KiB", "1000B".
[[nodiscard]] std::string printByteSize(std::uint64_t bytes);

/// Likewise with a space before the unit, for people: "64 KiB".
[[nodiscard]] std::string printByteSizeSpaced(std::uint64_t bytes);

} // namespace weir

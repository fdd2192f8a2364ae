// SPDX-License-Identifier: GPL-3.0-only
// Single values as people write them, in a file, in a flag, in a variable or in a field: one parser and one sentence
// for each kind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/duration.h"
#include "core/base/ip_address.h"
#include "core/base/value_fault.h"
#include "core/config/range.h"

namespace weir::config {

/// How a value is written: in a file as a TOML value of its own kind, everywhere else as text.
enum class Form : std::uint8_t {
    Switch,       ///< a flag without a value; true or false in a file
    Whole,        ///< a number in a file, without quotes
    Size,         ///< "64KiB", or a number of bytes
    Duration,     ///< "10s"
    Word,         ///< one of `words`
    SwitchOrWord, ///< one of `words`, of which "true" and "false" are written without quotes in a file
    Text,
    Path, ///< absolute; on a command line from the working folder
    List, ///< texts; on a command line between commas, and the flag several times
};

template<class T>
using ReadValue = std::variant<T, ValueFault>;

// Each reads `text` (UTF-8, shortened in a problem) and checks the range, whose ends are in the hint. Pure.
[[nodiscard]] ReadValue<std::int64_t> readWhole(std::string_view text, Range<std::int64_t> range);
[[nodiscard]] ReadValue<Micros> readDuration(std::string_view text, Range<Micros> range);
/// Returns bytes.
[[nodiscard]] ReadValue<std::uint64_t> readByteSize(std::string_view text, Range<std::uint64_t> range);
/// Returns the index of the word.
[[nodiscard]] ReadValue<std::size_t> readWord(std::string_view text, const std::vector<std::string> &words);
[[nodiscard]] ReadValue<Network> readNetwork(std::string_view text);
/// Takes "true", "yes", "1" and their opposites.
[[nodiscard]] ReadValue<bool> readSwitch(std::string_view text);

// What would be right.
[[nodiscard]] std::string wholeHint(Range<std::int64_t> range);
[[nodiscard]] std::string durationHint(Range<Micros> range);
[[nodiscard]] std::string byteSizeHint(Range<std::uint64_t> range);

} // namespace weir::config

// SPDX-License-Identifier: GPL-3.0-only
// How the log is written: for a person, for a program, or for journald.
#pragma once

#include <array>
#include <cstdint>

namespace weir::config {

enum class LogFormat : std::uint8_t {
    Text,    ///< "2026-11-30T02:37:46.123 info the store is back"
    Json,    ///< an object a line: time, level, category, message
    Journal, ///< "<6>weir.service: the store is back", sd-daemon(3)
};

/// Their names, in the order of the values.
inline constexpr std::array kLogFormats{"text", "json", "journal"};

} // namespace weir::config

// SPDX-License-Identifier: GPL-3.0-only
// Values of a limit as a configuration file writes them; the reader reads each back as it was.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/limit_entry.h"

namespace weir::config {

/// One key of a limit and its value, both as TOML.
struct TomlField {
    std::string table; ///< "match", or empty for the limit itself
    std::string key;
    std::string value;
    friend bool operator==(const TomlField &, const TomlField &) = default;
};

/// Return all fields in the order in which a limit is written, those of the match one by one.
[[nodiscard]] std::vector<TomlField> fieldsOf(const LimitEntry &limit);

/// Return the fields of the one limit of a file without [[limit]].
[[nodiscard]] std::vector<TomlField> globalFieldsOf(const LimitEntry &limit);

/// Return the fields of [allow], [block] and [keys]; `table` is their name.
[[nodiscard]] std::vector<TomlField> sectionFieldsOf(const LimitSet &limitSet);

/// Return the [[limit]] block of a limit that is not in the file yet: its numbers, and what is not the default.
[[nodiscard]] std::string printLimit(const LimitEntry &limit, std::string_view lineEnd);

/// Return the match as "{ path = "/api/*" }"; "{}" when it has nothing.
[[nodiscard]] std::string printMatch(const RequestMatch &match);

} // namespace weir::config

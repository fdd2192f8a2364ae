// SPDX-License-Identifier: GPL-3.0-only
// The parts of a configuration file that decide requests: [[limit]], [allow] and [block]. A running Weir takes
// over a change of them.
#pragma once

#include "core/config/table_reader.h"

namespace weir::config {

/// Read the list of [[limit]]. Checks words and types; values are checked by check(LimitSet).
[[nodiscard]] std::vector<LimitEntry> readLimits(const TomlNode &list, FileIssues &issues);

[[nodiscard]] AccessList readAccessList(TableReader &table);

/// Return a sentence with Weir's word for `key` when it is a setting of other programs; else empty.
[[nodiscard]] std::string ownWordFor(const std::string &key);

/// Return "Put it in a [[limit]]" for a key of a limit, "Put it in match" for one of its match; else empty.
[[nodiscard]] std::string homeOfLimitKey(const std::string &key);

} // namespace weir::config

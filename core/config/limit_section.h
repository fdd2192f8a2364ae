// SPDX-License-Identifier: GPL-3.0-only
// The parts of a configuration file that decide requests: [[limit]], [allow] and [block]. A running Weir takes
// over a change of them.
#pragma once

#include "core/config/table_reader.h"

namespace weir::config {

/// The list of [[limit]]. Words and kinds are checked here, values by check(LimitSet).
[[nodiscard]] std::vector<LimitEntry> readLimits(const TomlNode &list, FileIssues &issues);

[[nodiscard]] AccessList readAccessList(TableReader &table);

/// What Weir calls it, a sentence, when other programs have a setting of that name; else empty.
[[nodiscard]] std::string ownWordFor(const std::string &key);

/// "Put it in a [[limit]]" for a key of a limit, "Put it in match" for one of its match; empty for a key of nowhere.
[[nodiscard]] std::string homeOfLimitKey(const std::string &key);

} // namespace weir::config

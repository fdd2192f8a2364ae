// SPDX-License-Identifier: GPL-3.0-only
// A configuration as JSON: the same tables, keys and values as in a file.
#pragma once

#include <string>
#include <vector>

#include <QJsonValue>

#include "core/config/config.h"
#include "core/config/toml_tree.h"

namespace weir::admin {

[[nodiscard]] QJsonValue jsonOf(const config::TomlNode &node);

/// Return `value` as what a file would hold. What no file can say, null or what is nested deeper than any configuration, is
/// left out and put into `faults` with its path, as those of a file: "limit[2].match".
[[nodiscard]] config::TomlNode treeOf(const QJsonValue &value, const std::string &path,
                                      std::vector<config::ConfigIssue> &faults);

} // namespace weir::admin

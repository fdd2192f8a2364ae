// SPDX-License-Identifier: GPL-3.0-only
// The settings of one table of a configuration file, as the table of settings has them.
#pragma once

#include <string>

#include "core/config/config.h"
#include "core/config/table_reader.h"

namespace weir::config {

/// Reads all settings of the table called `name`, "" for those above all tables, into `config`; faults become issues. Does
/// not report unknown keys.
void readSettings(TableReader &table, const std::string &name, Config &config);

/// Where `key` belongs, a sentence, when it is a setting of some table, by its key or by its option's name; else empty.
[[nodiscard]] std::string homeOfSetting(const std::string &key);

} // namespace weir::config

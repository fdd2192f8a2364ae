// SPDX-License-Identifier: GPL-3.0-only
// All settings in one table: from a row follow flag, variable, key in the file, parsing, range, --help, the commented
// file, the table of the documentation, and whether a change needs a restart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.h"
#include "core/config/field.h"

namespace weir::config {

using Setting = Field<Config>;

/// Return all settings in the order of --help and of the file. Any thread.
[[nodiscard]] const std::vector<Setting> &settings();
/// Return the row of `option`, written without dashes; null when there is none.
[[nodiscard]] const Setting *settingOf(std::string_view option);

/// Return what is wrong with single values of `config`, also one that was not read from texts; `where` is
/// "--idle-timeout".
[[nodiscard]] std::vector<ConfigIssue> checkValues(const Config &config);

/// Return the paths of the settings that differ and that a running Weir does not take over: "server.threads".
[[nodiscard]] std::vector<std::string> changedForRestart(const Config &before, const Config &after);

/// Return the default in words: "15s", "one per core but one"; empty: there is none.
[[nodiscard]] std::string defaultOf(const Setting &setting);
/// Return one paragraph: help, range and default.
[[nodiscard]] std::string describe(const Setting &setting);
/// Return the keys of a table as lines of a configuration file, each with its description, and its default behind "#".
[[nodiscard]] std::string settingsAsToml(std::string_view table);
/// Return all settings as a table in Markdown: option, variable and key, what it is for, range, default, restart.
[[nodiscard]] std::string settingsAsMarkdown();

} // namespace weir::config

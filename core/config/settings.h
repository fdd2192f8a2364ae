// SPDX-License-Identifier: GPL-3.0-only
// All settings in one table: from a row follow flag, variable, key in the file, parsing, range, --help, the commented file,
// the table of the documentation, and whether a change needs a restart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.h"
#include "core/config/field.h"

namespace weir::config {

using Setting = Field<Config>;

/// In the order of --help and of the file. Any thread.
[[nodiscard]] const std::vector<Setting> &settings();
/// The row of an option, without its dashes; null: there is none.
[[nodiscard]] const Setting *settingOf(std::string_view option);

/// What is wrong with single values of `config`, which nobody may have read from a text; `where` is "--idle-timeout".
[[nodiscard]] std::vector<ConfigIssue> checkValues(const Config &config);

/// The paths of the settings that differ and that a running Weir does not take over: "server.threads".
[[nodiscard]] std::vector<std::string> changedForRestart(const Config &before, const Config &after);

/// What holds when nothing is said, for people: "15s", "one per core but one"; empty: nothing.
[[nodiscard]] std::string defaultOf(const Setting &setting);
/// One paragraph: help, range and default.
[[nodiscard]] std::string describe(const Setting &setting);
/// The keys of a table as lines of a configuration file, each with its description, and its default behind "#".
[[nodiscard]] std::string settingsAsToml(std::string_view table);
/// All of them as a table in Markdown: option, variable and key, what it is for, range, default, restart.
[[nodiscard]] std::string settingsAsMarkdown();

} // namespace weir::config

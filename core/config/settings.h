// SPDX-License-Identifier: GPL-3.0-only
// All settings in one table: from a row follow flag, variable, key in the file, parsing, range, --help, the commented file,
// the table of the documentation, and whether a change needs a restart.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.h"
#include "core/config/value_text.h"

namespace weir::config {

using Texts = std::vector<std::string>;

/// Why one of the texts is no such value.
struct SettingFault {
    std::size_t item{0}; ///< of the texts, from 0
    std::string problem;
    std::string hint;
};

struct Setting {
    std::string name;  ///< of the option, without dashes: "idle-timeout"; empty: in a file only
    std::string table; ///< of the file, "server"; empty: above all tables
    std::string key;   ///< in it, "idle_timeout"
    Form form{Form::Text};
    std::string takes;     ///< what the option takes, for --help: "DURATION"; empty for a switch
    std::string help;      ///< one sentence or several, without the final stop; no range and no default
    std::string range{};   ///< for people, "100ms to 1d"; empty: said in `help`, or there is none
    std::string unsaid{};  ///< what holds when nothing is said, where the value does not tell
    std::string example{}; ///< for the commented file, as TOML; empty: what holds when nothing is said
    std::string hint{};    ///< what would be right, of a value of the wrong kind
    std::vector<std::string> words{};
    bool needsRestart{true}; ///< a running Weir does not take a change over

    /// The value as `read` reads it back: one text, any number for a List, none when nothing was said.
    std::function<Texts(const Config &)> print{};
    /// Sets the value; what is wrong with which text otherwise, and then the value is as it was, of a List what is right.
    std::function<std::vector<SettingFault>(Config &, const Texts &)> read{};

    [[nodiscard]] std::string path() const { return table.empty() ? key : table + "." + key; }
    [[nodiscard]] std::string variable() const; ///< "WEIR_IDLE_TIMEOUT"; empty without a name
    [[nodiscard]] bool isList() const { return form == Form::List; }
};

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

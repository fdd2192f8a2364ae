// SPDX-License-Identifier: GPL-3.0-only
// One value that people configure, as a row of a table: the settings, or the fields of a limit.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/config/toml_text.h"
#include "core/config/value_text.h"

namespace weir::config {

using Texts = std::vector<std::string>;

/// Why one of the texts is no such value.
struct FieldFault {
    std::size_t item{0}; ///< index among the texts
    std::string problem;
    std::string hint;
};

/// One value of an Owner, a Config or a limit: its name, how it is written and read, and its help.
template<class Owner>
struct Field {
    std::string name;  ///< of the option, without dashes: "idle-timeout"; empty: in a file only
    std::string table; ///< of the file, "server"; empty: above all tables
    std::string key;   ///< in it, "idle_timeout"
    Form form{Form::Text};
    std::string takes;     ///< what the option takes, for --help: "DURATION"; empty for a switch
    std::string help;      ///< one sentence or several, without the final stop; no range and no default
    std::string range{};   ///< for people, "100ms to 1d"; empty: said in `help`, or there is none
    std::string unsaid{};  ///< the default in words, where the value does not tell it
    std::string example{}; ///< for the commented file, as TOML; empty: the default
    std::string hint{};    ///< what would be right, of a value of the wrong kind
    std::vector<std::string> words{};
    bool needsRestart{true}; ///< a running Weir does not take over a change

    /// Print the value as `read` reads it back: one text, any number for a List, none when it is not set.
    std::function<Texts(const Owner &)> print{};
    /// Set the value. Returns what is wrong with which text; then the value stays as it was, and a List keeps the items
    /// that are right.
    std::function<std::vector<FieldFault>(Owner &, const Texts &)> read{};

    [[nodiscard]] std::string path() const { return table.empty() ? key : table + "." + key; }
    [[nodiscard]] std::string variable() const ///< "WEIR_IDLE_TIMEOUT"; empty without a name
    {
        if (name.empty())
            return {};
        std::string text = "WEIR_" + name;
        for (char &c : text)
            c = c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        return text;
    }
    [[nodiscard]] bool isList() const { return form == Form::List; }
};

/// Return the value of `owner` as TOML; when it is not set, the example if there is one.
template<class Owner>
[[nodiscard]] std::string tomlOf(const Field<Owner> &field, const Owner &owner)
{
    const Texts texts = field.print(owner);
    if (field.isList()) {
        std::string items;
        for (const std::string &text : texts)
            items += (items.empty() ? "" : ", ") + printTomlText(text);
        return "[" + items + "]";
    }
    if (texts.empty())
        return field.example.empty() ? printTomlText({}) : field.example;
    const bool isFlag = field.form == Form::SwitchOrWord && (texts.front() == "true" || texts.front() == "false");
    const bool isBare = isFlag || field.form == Form::Whole || field.form == Form::Switch;
    return isBare ? texts.front() : printTomlText(texts.front());
}

} // namespace weir::config

// SPDX-License-Identifier: GPL-3.0-only
// A value that people set, as one row of a table: of all settings, or of the fields of a limit.
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
    std::size_t item{0}; ///< of the texts, from 0
    std::string problem;
    std::string hint;
};

/// One value of an Owner, a Config or a limit: how it is called, written, read and described.
template<class Owner>
struct Field {
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
    std::function<Texts(const Owner &)> print{};
    /// Sets the value; what is wrong with which text otherwise, and then the value is as it was, of a List what is right.
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

/// The value of `owner` as TOML; the example where there is one and nothing is said.
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

// SPDX-License-Identifier: GPL-3.0-only
// A TOML text as plain values with their lines; only the .cpp knows the types of the parser.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::config {

struct TomlNode {
    enum class Kind : std::uint8_t { Text, Whole, Real, Flag, Date, List, Table };
    Kind kind{Kind::Table};
    std::string key;                ///< in a table; empty elsewhere
    std::string text;               ///< Text; valid UTF-8
    std::int64_t whole{0};          ///< Whole
    bool flag{false};               ///< Flag
    std::vector<TomlNode> children; ///< List: its items; Table: its entries; both in the order of the file
    int line{0};                    ///< from 1: of the key, of the item, of a table's first header
};

/// Why a text is no TOML; the rest of it cannot be read then.
struct TomlFault {
    int line{0};         ///< from 1
    int column{0};       ///< from 1, in characters
    std::string problem; ///< without the final stop
    std::string hint;    ///< may be empty
};

/// Parse any bytes: what is not UTF-8, has NUL bytes or is nested deeper than any configuration is a fault. Time and
/// memory in proportion to the text.
[[nodiscard]] std::variant<TomlNode, TomlFault> parseToml(std::string_view text);

} // namespace weir::config

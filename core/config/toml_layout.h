// SPDX-License-Identifier: GPL-3.0-only
// Where headers, keys and values stand in a TOML text, so that one of them can be changed alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

/// Bytes of the text.
struct TomlSpan {
    std::size_t begin{0};
    std::size_t end{0};
    [[nodiscard]] std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
};

using TomlPath = std::vector<std::string>;

/// "key = value" of a section, or within the braces of one.
struct TomlStatement {
    TomlPath path; ///< from its section; keys as they are meant, without quotes
    TomlSpan whole;
    TomlSpan value;
    TomlSpan line; ///< of the section's statement that it is in, from its first key to the end of its value
    bool isInBraces{false};
};

/// A header and what is below it up to the next one.
struct TomlSection {
    TomlPath path;          ///< empty: what is above all headers
    bool isListItem{false}; ///< [[two brackets]]
    TomlSpan header;        ///< its brackets and what is between; empty above all headers
    std::size_t end{0};     ///< of the section, where the next header begins or the text ends
    std::vector<TomlStatement> statements;
};

/// Split `text`, which a parser has accepted, into sections. The first is the one above all headers.
[[nodiscard]] std::vector<TomlSection> layoutOf(std::string_view text);

/// Return the statements between the braces of `statement`, nested ones as well, with paths from the section. None for
/// other values.
[[nodiscard]] std::vector<TomlStatement> statementsInBraces(std::string_view text, const TomlStatement &statement);

/// Return the comments in `span`, from "#" to the end of their lines.
[[nodiscard]] std::vector<std::string> commentsIn(std::string_view text, TomlSpan span);

/// Return where the line of byte `at` begins, and where the next one does.
[[nodiscard]] std::size_t lineBegin(std::string_view text, std::size_t at);
[[nodiscard]] std::size_t nextLine(std::string_view text, std::size_t at);

} // namespace weir::config

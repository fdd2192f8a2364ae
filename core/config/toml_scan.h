// SPDX-License-Identifier: GPL-3.0-only
// Splits a TOML text into words with their places. Never fails: what is no TOML becomes words as well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/config/toml_tree.h"

namespace weir::config {

struct TomlWord {
    enum class Kind : std::uint8_t {
        Comment, ///< "#" up to the end of the line, without it
        LineEnd, ///< "\n"; a "\r" before it belongs to what is before
        Space,
        Quoted, ///< a string of any of the four kinds, with its quotes
        Bare,   ///< letters, digits and all that has no kind of its own
        Mark,   ///< one of . = , [ ] { }
        End,    ///< of the text
    };
    Kind kind{Kind::End};
    std::size_t begin{0}; ///< bytes from the start of the text
    std::size_t end{0};

    [[nodiscard]] std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
    [[nodiscard]] bool isMark(std::string_view text, char mark) const
    {
        return kind == Kind::Mark && text[begin] == mark;
    }
};

/// Return the word that starts at byte `at`; End when there is none.
[[nodiscard]] TomlWord wordAt(std::string_view text, std::size_t at);

/// Find what must not reach the parser: text that is not UTF-8 or has NUL bytes, deeply nested values, keys of very
/// many parts, tables without a name, keys without a value. Nothing when there is none of that.
[[nodiscard]] std::optional<TomlFault> findUnreadable(std::string_view text);

} // namespace weir::config

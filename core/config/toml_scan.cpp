// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/toml_scan.h"

#include <algorithm>

namespace weir::config {
namespace {

using Kind = TomlWord::Kind;

constexpr std::string_view kMarks = ".=,[]{}";

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

bool isTriple(std::string_view text, std::size_t at, char quote)
{
    return at + 2 < text.size() && text[at] == quote && text[at + 1] == quote && text[at + 2] == quote;
}

// Up to two quotes may stand before the three that close a long string.
std::size_t endOfClosing(std::string_view text, std::size_t at, char quote)
{
    std::size_t end = at + 3;
    while (end < text.size() && end < at + 5 && text[end] == quote)
        ++end;
    return end;
}

// TOML 1.0, "String": one line or, with three quotes, many; only double quotes know escapes.
std::size_t endOfQuoted(std::string_view text, std::size_t at)
{
    const char quote = text[at];
    const bool isLong = isTriple(text, at, quote);
    for (std::size_t i = at + (isLong ? 3 : 1); i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\')
            ++i;
        else if (isLong && isTriple(text, i, quote))
            return endOfClosing(text, i, quote);
        else if (!isLong && (text[i] == quote || text[i] == '\n'))
            return text[i] == quote ? i + 1 : i;
    }
    return text.size();
}

bool isBare(char c)
{
    return !isSpace(c) && c != '\n' && c != '#' && c != '"' && c != '\'' && kMarks.find(c) == std::string_view::npos;
}

// Bytes of the character at `at` in UTF-8 (RFC 3629, 4); 0 when there is none.
std::size_t utf8Length(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) -> unsigned {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
    };
    const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF)
        return follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && follows(2) ? 3 : 0;
    if (first >= 0xF0 && first <= 0xF4)
        return follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && follows(2) && follows(3) ? 4 : 0;
    return 0;
}

TomlFault faultAt(std::string_view text, std::size_t at, std::string problem, std::string hint)
{
    const std::string_view before = text.substr(0, at);
    const std::size_t lineStart = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const auto isFirstByte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const auto characters =
        std::count_if(before.begin() + static_cast<std::ptrdiff_t>(lineStart), before.end(), isFirstByte);
    return {static_cast<int>(lines) + 1, static_cast<int>(characters) + 1, std::move(problem), std::move(hint)};
}

std::optional<TomlFault> findBadByte(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '\0')
            return faultAt(text, at, "a byte is 0", "a text file");
        const std::size_t length = utf8Length(text, at);
        if (length == 0)
            return faultAt(text, at, "the text is not UTF-8", "the encoding UTF-8");
        at += length;
    }
    return std::nullopt;
}

// The deepest configuration there is: a list in a table in a list of a table; keys have at most 4 parts.
constexpr int kMostNested = 16;
constexpr int kMostDots = 16;

std::optional<TomlFault> findTooDeep(std::string_view text)
{
    int depth = 0, dots = 0;
    for (TomlWord word = wordAt(text, 0); word.kind != Kind::End; word = wordAt(text, word.end)) {
        if (word.kind == Kind::LineEnd)
            dots = 0;
        if (word.kind != Kind::Mark)
            continue;
        const char mark = text[word.begin];
        dots = mark == '.' ? dots + 1 : 0;
        if (mark == '[' || mark == '{')
            ++depth;
        else if ((mark == ']' || mark == '}') && depth > 0)
            --depth;
        if (depth > kMostNested || dots > kMostDots)
            return faultAt(text, word.begin, "values are nested too deep",
                           "at most " + std::to_string(kMostNested) + " levels");
    }
    return std::nullopt;
}

} // namespace

TomlWord wordAt(std::string_view text, std::size_t at)
{
    if (at >= text.size())
        return {Kind::End, text.size(), text.size()};
    const auto until = [&](auto isPart) {
        const auto *end = std::find_if_not(text.data() + at + 1, text.data() + text.size(), isPart);
        return static_cast<std::size_t>(end - text.data());
    };
    const char first = text[at];
    if (first == '\n')
        return {Kind::LineEnd, at, at + 1};
    if (isSpace(first))
        return {Kind::Space, at, until(isSpace)};
    if (first == '#') {
        std::size_t end = until([](char c) { return c != '\n'; });
        if (text[end - 1] == '\r')
            --end;
        return {Kind::Comment, at, end};
    }
    if (first == '"' || first == '\'')
        return {Kind::Quoted, at, endOfQuoted(text, at)};
    if (kMarks.find(first) != std::string_view::npos)
        return {Kind::Mark, at, at + 1};
    return {Kind::Bare, at, until(isBare)};
}

std::optional<TomlFault> findUnreadable(std::string_view text)
{
    if (auto fault = findBadByte(text))
        return fault;
    return findTooDeep(text);
}

} // namespace weir::config

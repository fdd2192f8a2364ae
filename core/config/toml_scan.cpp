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

bool canBeginName(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'
           || c == '"' || c == '\'';
}

// Where the name of a table should begin and something else stands; npos: nowhere, or "]", which is told well.
std::size_t namelessAt(std::string_view text, std::size_t header)
{
    std::size_t at = header + 1;
    at += at < text.size() && text[at] == '[' ? 1 : 0;
    at = text.find_first_not_of(" \t", at);
    return at == std::string_view::npos || canBeginName(text[at]) || text[at] == ']' ? std::string_view::npos : at;
}

// The deepest configuration there is: a list in a table in a list of a table; keys have at most 4 parts.
constexpr std::size_t kMostNested = 16;
constexpr int kMostDots = 16;

bool isAscii(char c)
{
    return static_cast<unsigned char>(c) < 0x80;
}

// "1979-05-27"
bool isDate(std::string_view text)
{
    constexpr std::string_view kForm = "0000-00-00";
    return std::equal(text.begin(), text.end(), kForm.begin(), kForm.end(),
                      [](char c, char form) { return form == '-' ? c == '-' : c >= '0' && c <= '9'; });
}

// What toml++ 3.3 would recurse into without end, or takes for granted: assertions in parse_key and parse_value say that
// a header has a name, that a value begins where one is due, and that something follows a date and a space; its test for
// white space ends in code that it calls unreachable for most letters beyond ASCII.
class Structure {
public:
    explicit Structure(std::string_view text) : m_text{text} {}

    std::optional<TomlFault> findFault()
    {
        for (TomlWord word = wordAt(m_text, 0); word.kind != Kind::End; word = wordAt(m_text, word.end)) {
            if (word.kind == Kind::Space)
                continue;
            if (auto fault = findStranger(word))
                return fault;
            if (auto fault = take(word))
                return fault;
            // A byte order mark may stand before the first line.
            m_isLineStart = word.kind == Kind::LineEnd || (word.begin == 0 && word.kind == Kind::Bare);
        }
        return std::nullopt;
    }

private:
    // Outside of quotes and comments TOML 1.0 has ASCII only. In a long string such a letter may be looked at as the white
    // space behind a backslash.
    std::optional<TomlFault> findStranger(const TomlWord &word)
    {
        const std::string_view part = word.in(m_text);
        const bool isMarkOfOrder = word.begin == 0 && part.starts_with("\xEF\xBB\xBF");
        const auto *stranger = std::find_if_not(part.begin() + (isMarkOfOrder ? 3 : 0), part.end(), isAscii);
        if (word.kind == Kind::Bare && stranger != part.end())
            return faultAt(m_text, word.begin + static_cast<std::size_t>(stranger - part.begin()),
                           "a letter beyond ASCII stands outside of quotes", "quotes around text");
        if (word.kind == Kind::Quoted && part.starts_with("\"\"\"") && stranger != part.end()
            && part.find('\\') != std::string_view::npos)
            return faultAt(m_text, word.begin, "a string of three quotes has a backslash and a letter beyond ASCII",
                           "a string of one line");
        if (word.kind == Kind::Bare && isDate(part) && word.end < m_text.size() && m_text[word.end] == ' ')
            return faultAt(m_text, word.begin, "a date is no value here", "quotes around text");
        return std::nullopt;
    }

    std::optional<TomlFault> take(const TomlWord &word)
    {
        if (word.kind == Kind::Mark)
            return takeMark(word.begin);
        if (word.kind == Kind::Comment && m_isValueDue)
            return noValue(word.begin);
        if (word.kind != Kind::Comment)
            m_isValueDue = false;
        if (word.kind == Kind::LineEnd)
            m_dots = 0;
        return std::nullopt;
    }

    std::optional<TomlFault> takeMark(std::size_t at)
    {
        const char mark = m_text[at];
        const bool isClosing = mark == ']' || mark == '}';
        m_dots = mark == '.' ? m_dots + 1 : 0;
        if (m_isValueDue && (isClosing || mark == ','))
            return noValue(at);
        m_isValueDue = mark == '=';
        if (isClosing)
            return close(at);
        if (mark == '[' && m_isLineStart && m_open.empty())
            if (const std::size_t name = namelessAt(m_text, at); name != std::string_view::npos)
                return faultAt(m_text, name, "the table has no name", "a name between the brackets");
        if (mark == '[' || mark == '{')
            m_open += mark;
        if (m_open.size() > kMostNested || m_dots > kMostDots)
            return faultAt(m_text, at, "values are nested too deep",
                           "at most " + std::to_string(kMostNested) + " levels");
        return std::nullopt;
    }

    std::optional<TomlFault> close(std::size_t at)
    {
        if (m_open.empty())
            return std::nullopt; // told well
        const bool isOfBrackets = m_open.back() == '[';
        m_open.pop_back();
        if (isOfBrackets == (m_text[at] == ']'))
            return std::nullopt;
        return faultAt(m_text, at,
                       std::string{"a "} + m_text[at] + " stands where a " + (isOfBrackets ? "]" : "}") + " is due",
                       {});
    }

    [[nodiscard]] TomlFault noValue(std::size_t at) const
    {
        return faultAt(m_text, at, "the key has no value", "a value behind the =");
    }

    std::string_view m_text;
    std::string m_open; // brackets and braces
    int m_dots{0};
    bool m_isLineStart{true};
    bool m_isValueDue{false};
};

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
    return Structure{text}.findFault();
}

} // namespace weir::config

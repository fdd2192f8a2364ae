// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/toml_layout.h"

#include "core/config/toml_scan.h"

namespace weir::config {
namespace {

using Kind = TomlWord::Kind;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class Layout {
public:
    Layout(std::string_view text, std::size_t at) : m_text{text}, m_at{at} {}

    std::vector<TomlSection> sections()
    {
        std::vector<TomlSection> sections(1);
        while (skip().kind != Kind::End) {
            if (word().isMark(m_text, '[')) {
                sections.back().end = word().begin;
                sections.push_back(header());
            } else {
                sections.back().statements.push_back(statement());
            }
        }
        sections.back().end = m_text.size();
        return sections;
    }

    // Behind "{", up to its "}".
    std::vector<TomlStatement> inBraces(std::size_t end)
    {
        std::vector<TomlStatement> statements;
        while (skip().begin < end && !word().isMark(m_text, '}')) {
            statements.push_back(statement());
            if (skip().isMark(m_text, ','))
                next();
        }
        return statements;
    }

private:
    [[nodiscard]] TomlWord word() const { return wordAt(m_text, m_at); }
    void next() { m_at = word().end; }

    // The next word that is no space, no comment and no end of a line.
    TomlWord skip()
    {
        while (word().kind == Kind::Space || word().kind == Kind::Comment || word().kind == Kind::LineEnd)
            next();
        return word();
    }

    TomlPath keys()
    {
        TomlPath path;
        for (; word().kind != Kind::End; next()) {
            const TomlWord key = word();
            if (key.kind == Kind::Bare)
                path.emplace_back(key.in(m_text));
            else if (key.kind == Kind::Quoted)
                path.emplace_back(m_text.substr(key.begin + 1, key.end - key.begin - 2));
            else if (key.kind != Kind::Space && !key.isMark(m_text, '.'))
                break;
        }
        return path;
    }

    TomlSection header()
    {
        TomlSection section;
        section.header.begin = m_at;
        for (; word().isMark(m_text, '['); next())
            section.isListItem = m_at > section.header.begin;
        section.path = keys();
        while (word().isMark(m_text, ']'))
            next();
        section.header.end = m_at;
        return section;
    }

    TomlStatement statement()
    {
        TomlStatement statement;
        statement.whole.begin = m_at;
        statement.path = keys();
        if (word().isMark(m_text, '='))
            next();
        statement.value = value();
        statement.whole.end = statement.value.end;
        statement.line = statement.whole;
        return statement;
    }

    // Up to what ends it at its own depth; spaces around it are not in it.
    TomlSpan value()
    {
        skip();
        TomlSpan span{m_at, m_at};
        int depth = 0;
        for (; word().kind != Kind::End; next()) {
            const TomlWord part = word();
            const bool isOpening = part.isMark(m_text, '[') || part.isMark(m_text, '{');
            const bool isClosing = part.isMark(m_text, ']') || part.isMark(m_text, '}');
            if (depth == 0
                && (part.kind == Kind::LineEnd || part.kind == Kind::Comment || part.isMark(m_text, ',') || isClosing))
                break;
            depth += isOpening ? 1 : isClosing ? -1 : 0;
            if (part.kind != Kind::Space && part.kind != Kind::Comment && part.kind != Kind::LineEnd)
                span.end = part.end;
        }
        return span;
    }

    std::string_view m_text;
    std::size_t m_at;
};

} // namespace

std::vector<TomlSection> layoutOf(std::string_view text)
{
    return Layout{text, text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0}.sections();
}

std::vector<TomlStatement> statementsInBraces(std::string_view text, const TomlStatement &statement)
{
    std::vector<TomlStatement> all;
    if (!statement.value.in(text).starts_with('{'))
        return all;
    for (TomlStatement &inner : Layout{text, statement.value.begin + 1}.inBraces(statement.value.end)) {
        inner.path.insert(inner.path.begin(), statement.path.begin(), statement.path.end());
        inner.line = statement.line;
        inner.isInBraces = true;
        const std::vector<TomlStatement> nested = statementsInBraces(text, inner);
        all.push_back(std::move(inner));
        all.insert(all.end(), nested.begin(), nested.end());
    }
    return all;
}

std::vector<std::string> commentsIn(std::string_view text, TomlSpan span)
{
    std::vector<std::string> comments;
    for (TomlWord word = wordAt(text, span.begin); word.begin < span.end; word = wordAt(text, word.end))
        if (word.kind == Kind::Comment)
            comments.emplace_back(word.in(text));
    return comments;
}

std::size_t lineBegin(std::string_view text, std::size_t at)
{
    const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    return before == std::string_view::npos ? 0 : before + 1;
}

std::size_t nextLine(std::string_view text, std::size_t at)
{
    const std::size_t end = text.find('\n', at);
    return end == std::string_view::npos ? text.size() : end + 1;
}

} // namespace weir::config

// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/request_values.h"

#include <algorithm>
#include <charconv>

#include "core/policy/path_text.h"

namespace weir::policy {
namespace {

using Kind = config::KeyPart::Kind;

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view unquoted(std::string_view text)
{
    const bool isQuoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return isQuoted ? text.substr(1, text.size() - 2) : text;
}

// Up to the next `separator`, which goes too; `hasRest` becomes false behind the last.
std::string_view takeUpTo(char separator, std::string_view &rest, bool &hasRest)
{
    const std::size_t end = rest.find(separator);
    const std::string_view taken = rest.substr(0, end);
    hasRest = end != std::string_view::npos;
    rest = hasRest ? rest.substr(end + 1) : std::string_view{};
    return taken;
}

// One character as it is meant, spaces as "+".
char takeCharacter(std::string_view &text)
{
    const int byte = encodedByte(text, 0);
    const char c = byte < 0 ? text.front() : static_cast<char>(byte);
    text.remove_prefix(byte < 0 ? 1 : 3);
    return c == ' ' ? '+' : c;
}

// Whether canonicalValue(text) is `name`, without any memory.
bool isSpelling(std::string_view text, std::string_view name)
{
    for (const char c : name)
        if (text.empty() || takeCharacter(text) != c)
            return false;
    return text.empty();
}

std::string plainValue(std::string_view text)
{
    std::string value{text};
    std::replace(value.begin(), value.end(), ' ', '+');
    return value;
}

} // namespace

ValueSource::ValueSource(const config::KeyPart &part) : kind{part.kind}, name{part.name}
{
    if (kind == Kind::Header)
        name = lowerOf(name);
    else if (kind == Kind::Query)
        name = plainValue(name);
    else if (kind == Kind::Path && !name.empty())
        std::from_chars(name.data(), name.data() + name.size(), segment);
}

std::string_view canonicalValue(std::string_view text, std::string &buffer)
{
    if (text.find_first_of("% ") == std::string_view::npos)
        return text;
    buffer.clear();
    while (!text.empty())
        buffer += takeCharacter(text);
    return buffer;
}

std::string valueFor(const ValueSource &source, std::string_view value)
{
    return source.kind == Kind::Header ? std::string{value} : plainValue(value);
}

std::string withoutValues(std::string_view target, std::span<const ValueSource> parameters)
{
    const std::size_t question = std::min(target.find('?'), target.size());
    std::string shown{target.substr(0, question)};
    std::string_view rest = target.substr(std::min(question + 1, target.size()));
    bool hasRest = question < target.size();
    for (char before = '?'; hasRest; before = '&') {
        const std::string_view pair = takeUpTo('&', rest, hasRest);
        const std::size_t equals = pair.find('=');
        const bool isHidden = equals != std::string_view::npos
                              && std::any_of(parameters.begin(), parameters.end(), [&](const ValueSource &parameter) {
                                     return isSpelling(pair.substr(0, equals), parameter.name);
                                 });
        shown += before;
        shown += isHidden ? pair.substr(0, equals + 1) : pair;
        shown += isHidden ? "***" : "";
    }
    return shown;
}

ValueWalk::ValueWalk(const ValueSource &source, const RequestView &request, std::string &buffer)
    : m_source{source}, m_fields{request.headers}, m_buffer{buffer}
{
    if (source.kind == Kind::Query) {
        m_rest = request.query;
        m_hasRest = true;
    }
}

bool ValueWalk::advance()
{
    switch (m_source.kind) {
    case Kind::Header:
        return advanceField(m_source.name);
    case Kind::Cookie:
        return advanceCookie();
    case Kind::Query:
        return advanceParameter();
    default:
        break;
    }
    return false;
}

std::string_view ValueWalk::value() const
{
    return m_source.kind == Kind::Header ? m_found : canonicalValue(m_found, m_buffer);
}

bool ValueWalk::hasValueOf(const ValueWalk &other) const
{
    std::string_view mine = m_found, theirs = other.m_found;
    while (!mine.empty() && !theirs.empty())
        if (takeCharacter(mine) != takeCharacter(theirs))
            return false;
    return mine.empty() && theirs.empty();
}

bool ValueWalk::advanceField(std::string_view lowerName)
{
    while (!m_fields.empty()) {
        const HeaderField &field = m_fields.front();
        m_fields = m_fields.subspan(1);
        if (!isNamed(field, lowerName))
            continue;
        m_found = field.value;
        return true;
    }
    return false;
}

bool ValueWalk::advanceCookie()
{
    for (;;) {
        if (!m_hasRest) {
            if (!advanceField("cookie"))
                return false;
            m_rest = m_found;
        }
        const std::string_view pair = takeUpTo(';', m_rest, m_hasRest);
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || trimmed(pair.substr(0, equals)) != m_source.name)
            continue;
        m_found = unquoted(trimmed(pair.substr(equals + 1)));
        return true;
    }
}

bool ValueWalk::advanceParameter()
{
    while (m_hasRest) {
        const std::string_view pair = takeUpTo('&', m_rest, m_hasRest);
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (!isSpelling(pair.substr(0, equals), m_source.name))
            continue;
        m_found = pair.substr(std::min(equals + 1, pair.size()));
        return true;
    }
    return false;
}

} // namespace weir::policy

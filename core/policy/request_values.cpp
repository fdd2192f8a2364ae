// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/request_values.h"

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
}

std::string_view canonicalValue(std::string_view text, std::string &buffer)
{
    if (text.find_first_of("% ") == std::string_view::npos)
        return text;
    buffer.clear();
    for (std::size_t at = 0; at < text.size(); ++at) {
        const int byte = encodedByte(text, at);
        const char c = byte < 0 ? text[at] : static_cast<char>(byte);
        buffer += c == ' ' ? '+' : c;
        at += byte < 0 ? 0 : 2;
    }
    return buffer;
}

std::string valueFor(const ValueSource &source, std::string_view value)
{
    return source.kind == Kind::Header ? std::string{value} : plainValue(value);
}

ValueWalk::ValueWalk(const ValueSource &source, const RequestView &request, std::string &buffer)
    : m_source{source}, m_fields{request.headers}, m_buffer{buffer}
{
    if (source.kind == Kind::Query) {
        m_rest = request.query;
        m_hasRest = true;
    }
}

std::optional<std::string_view> ValueWalk::next()
{
    switch (m_source.kind) {
    case Kind::Header:
        return nextField(m_source.name);
    case Kind::Cookie:
        return nextCookie();
    case Kind::Query:
        return nextParameter();
    case Kind::Ip:
        break;
    }
    return std::nullopt;
}

std::optional<std::string_view> ValueWalk::nextField(std::string_view lowerName)
{
    while (!m_fields.empty()) {
        const HeaderField &field = m_fields.front();
        m_fields = m_fields.subspan(1);
        if (isNamed(field, lowerName))
            return field.value;
    }
    return std::nullopt;
}

std::optional<std::string_view> ValueWalk::nextCookie()
{
    for (;;) {
        if (!m_hasRest) {
            const auto field = nextField("cookie");
            if (!field)
                return std::nullopt;
            m_rest = *field;
            m_hasRest = true;
        }
        const std::string_view pair = takeUpTo(';', m_rest, m_hasRest);
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos && trimmed(pair.substr(0, equals)) == m_source.name)
            return canonicalValue(unquoted(trimmed(pair.substr(equals + 1))), m_buffer);
    }
}

std::optional<std::string_view> ValueWalk::nextParameter()
{
    while (m_hasRest) {
        const std::string_view pair = takeUpTo('&', m_rest, m_hasRest);
        const std::size_t equals = pair.find('=');
        if (canonicalValue(pair.substr(0, equals), m_buffer) != m_source.name)
            continue;
        const bool hasValue = equals != std::string_view::npos;
        return canonicalValue(hasValue ? pair.substr(equals + 1) : std::string_view{}, m_buffer);
    }
    return std::nullopt;
}

} // namespace weir::policy

// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/request_grammar.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

namespace weir::http {
namespace {

using CharTable = std::array<bool, 256>;

constexpr std::string_view kAlphanumeric = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

constexpr CharTable tableOf(std::string_view more)
{
    CharTable table{};
    for (const std::string_view set : {kAlphanumeric, more})
        for (const char c : set)
            table[static_cast<unsigned char>(c)] = true;
    return table;
}

constexpr CharTable kIsTokenChar = tableOf("!#$%&'*+-.^_`|~"); // RFC 9110, 5.6.2: tchar
constexpr CharTable kIsNameChar = tableOf("-._~!$&'()*+,;=");  // RFC 3986, 3.2.2: reg-name, less "%"

bool isOneOf(const CharTable &table, char c)
{
    return table[static_cast<unsigned char>(c)];
}

// RFC 9110, 5.5: field values are visible characters, obs-text, space and tab.
bool isFieldValue(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
    });
}

bool equalsLower(char c, char lower)
{
    return (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) == lower;
}

// Holds the IPv4 addresses too. An http URI has no name that is empty.
bool isName(std::string_view text)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool isEncoded =
            text[at] == '%' && at + 2 < text.size() && isHexDigit(text[at + 1]) && isHexDigit(text[at + 2]);
        if (!isEncoded && !isOneOf(kIsNameChar, text[at]))
            return false;
        at += isEncoded ? 2 : 0;
    }
    return !text.empty();
}

bool isIpv6(std::string_view text)
{
    in6_addr address{};
    const std::string terminated{text};
    return terminated.find('\0') == std::string::npos && ::inet_pton(AF_INET6, terminated.c_str(), &address) == 1;
}

} // namespace

bool isToken(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return isOneOf(kIsTokenChar, c); });
}

bool isTarget(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
}

bool isDigits(std::string_view text)
{
    return text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool isHexDigit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool isHost(std::string_view text)
{
    const bool isBracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
    return isBracketed ? isIpv6(text.substr(1, text.size() - 2)) : isName(text);
}

bool equalsIgnoringCase(std::string_view text, std::string_view lower)
{
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), equalsLower);
}

bool containsIgnoringCase(std::string_view text, std::string_view lower)
{
    return std::search(text.begin(), text.end(), lower.begin(), lower.end(), equalsLower) != text.end();
}

std::string_view trim(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Authority splitAuthority(std::string_view text)
{
    const auto hostEnd = text.starts_with('[') ? text.find(']') : 0;
    const auto colon = text.find(':', std::min(hostEnd, text.size()));
    if (colon == std::string_view::npos)
        return {text, {}};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

std::optional<Rejection> readField(std::string_view line, Field &field)
{
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !isToken(line.substr(0, colon)))
        return Rejection{400, kBadRequest, "A header line is not NAME: VALUE."};
    field = {line.substr(0, colon), trim(line.substr(colon + 1))};
    if (!isFieldValue(field.value))
        return Rejection{400, kBadRequest, "A header value holds control characters."};
    return std::nullopt;
}

std::optional<Rejection> takeLineEnd(std::string_view &line)
{
    if (!line.ends_with("\r\n"))
        return Rejection{400, kBadRequest, "A line ends with a line feed alone; lines end with CR LF."};
    line.remove_suffix(2);
    if (line.find('\r') != std::string_view::npos)
        return Rejection{400, kBadRequest, "A carriage return stands alone within a line."};
    return std::nullopt;
}

} // namespace weir::http

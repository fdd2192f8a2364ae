// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/client_address.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <utility>

#include "core/base/carried_ipv4.h"
#include "core/policy/request_view.h"

namespace weir::http {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool isSpace(char c)
{
    return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

bool isLetterOrDigit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// --- one address, perhaps with a port (RFC 7239, 6) ---

// node-port = port / obfport
bool isPort(std::string_view text)
{
    if (text.starts_with('_'))
        return text.size() > 1 && std::all_of(text.begin() + 1, text.end(), [](char c) {
                   return isLetterOrDigit(c) || c == '.' || c == '_' || c == '-';
               });
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && text.size() <= 5;
}

std::optional<IpAddress> readAddress(std::string_view text)
{
    const auto address = parseIpAddress(text);
    return address ? std::optional{clientOf(*address)} : std::nullopt;
}

std::optional<IpAddress> readBracketed(std::string_view node)
{
    const std::size_t end = node.find(']');
    if (end == kNone)
        return std::nullopt;
    const std::string_view inside = node.substr(1, end - 1);
    const std::string_view after = node.substr(end + 1);
    const bool isPortGood = after.empty() || (after.front() == ':' && isPort(after.substr(1)));
    return isPortGood && inside.find(':') != kNone ? readAddress(inside) : std::nullopt;
}

std::optional<IpAddress> readNode(std::string_view node)
{
    if (node.starts_with('['))
        return readBracketed(node);
    const std::size_t colon = node.find(':');
    if (colon == kNone || node.find(':', colon + 1) != kNone) // IPv4 alone, or IPv6
        return readAddress(node);
    return isPort(node.substr(colon + 1)) ? readAddress(node.substr(0, colon)) : std::nullopt;
}

// --- one element of Forwarded (RFC 7239, 4) ---

bool isVisible(char c)
{
    return c > 0x20 && c < 0x7f;
}

// tchar of RFC 9110, 5.6.2
bool isTokenChar(char c)
{
    return isLetterOrDigit(c) || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != kNone;
}

bool isBareValueChar(char c)
{
    return isVisible(c) && std::string_view{"\",;\\"}.find(c) == kNone;
}

std::string_view takeWhile(std::string_view &rest, bool (*isWanted)(char))
{
    const auto end = std::find_if_not(rest.begin(), rest.end(), isWanted);
    const std::string_view taken = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    rest.remove_prefix(taken.size());
    return taken;
}

// With its quotes and escapes; empty when it does not end or holds control characters.
std::string_view takeQuoted(std::string_view &rest)
{
    for (std::size_t at = 1; at < rest.size(); ++at) {
        if (rest[at] == '"') {
            const std::string_view taken = rest.substr(0, at + 1);
            rest.remove_prefix(taken.size());
            return taken;
        }
        if (rest[at] == '\\' && ++at == rest.size())
            break;
        const auto byte = static_cast<unsigned char>(rest[at]);
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            break;
    }
    return {};
}

std::string_view takeValue(std::string_view &rest)
{
    return rest.starts_with('"') ? takeQuoted(rest) : takeWhile(rest, isBareValueChar);
}

// Room for the longest address in brackets with its port, and then some.
using NodeText = std::array<char, 63>;

// `value` without its quotes and escapes, in `text`; empty when there is no room for it.
std::string_view unquoted(std::string_view value, NodeText &text)
{
    if (!value.starts_with('"'))
        return value.size() <= text.size() ? value : std::string_view{};
    value = value.substr(1, value.size() - 2);
    std::size_t size = 0;
    for (std::size_t at = 0; at < value.size(); ++at) {
        if (value[at] == '\\')
            ++at;
        if (size == text.size())
            return {};
        text[size++] = value[at];
    }
    return {text.data(), size};
}

bool isFor(std::string_view name)
{
    constexpr char kToLower = 0x20;
    return name.size() == 3 && (name[0] | kToLower) == 'f' && (name[1] | kToLower) == 'o'
           && (name[2] | kToLower) == 'r';
}

// The value of the one "for" among the pairs, as it is written; nothing when the element is no list of pairs.
std::optional<std::string_view> findFor(std::string_view element)
{
    std::optional<std::string_view> node;
    for (;;) {
        takeWhile(element, isSpace);
        const std::string_view name = takeWhile(element, isTokenChar);
        if (!name.empty()) {
            if (!element.starts_with('='))
                return std::nullopt;
            element.remove_prefix(1);
            const std::string_view value = takeValue(element);
            if (value.empty() || (isFor(name) && node))
                return std::nullopt;
            if (isFor(name))
                node = value;
        }
        takeWhile(element, isSpace);
        if (element.empty())
            return node;
        if (element.front() != ';')
            return std::nullopt;
        element.remove_prefix(1);
    }
}

std::optional<IpAddress> readElement(std::string_view element)
{
    const auto value = findFor(element);
    NodeText text{};
    return value ? readNode(unquoted(*value, text)) : std::nullopt;
}

// --- from the right ---

std::size_t lastComma(std::string_view text)
{
    return text.rfind(',');
}

// Within a quoted-string, a quote behind an odd number of backslashes is part of it.
bool isEscaped(std::string_view text, std::size_t at)
{
    std::size_t backslashes = 0;
    while (backslashes < at && text[at - backslashes - 1] == '\\')
        ++backslashes;
    return backslashes % 2 == 1;
}

std::size_t lastCommaOutsideQuotes(std::string_view text)
{
    bool isQuoted = false;
    for (std::size_t at = text.size(); at-- > 0;) {
        if (text[at] == ',' && !isQuoted)
            return at;
        if (text[at] == '"' && !(isQuoted && isEscaped(text, at)))
            isQuoted = !isQuoted;
    }
    return kNone;
}

struct Grammar {
    std::size_t (*lastComma)(std::string_view);
    std::optional<IpAddress> (*readHop)(std::string_view);
};

constexpr Grammar kAddresses{lastComma, readNode};
constexpr Grammar kElements{lastCommaOutsideQuotes, readElement};

IpAddress walk(const Grammar &grammar, const IpAddress &peer, std::optional<std::string_view> left,
               std::span<const Network> trusted)
{
    IpAddress present = peer;
    while (left && isInAny(trusted, present)) {
        const std::size_t comma = grammar.lastComma(*left);
        const std::string_view text = comma == kNone ? *left : left->substr(comma + 1);
        const auto hop = grammar.readHop(trimmed(text));
        if (!hop)
            break;
        present = *hop;
        if (comma == kNone)
            left.reset();
        else
            *left = left->substr(0, comma);
    }
    return present;
}

std::optional<IpAddress> theOneAddress(const IpAddress &peer, std::string_view said)
{
    if (said.find(',') != kNone)
        return std::nullopt;
    return readNode(trimmed(said)).value_or(peer);
}

ProxyTrust::Form formOf(std::string_view lowerName)
{
    if (lowerName == "x-forwarded-for")
        return ProxyTrust::Form::Addresses;
    return lowerName == "forwarded" ? ProxyTrust::Form::Elements : ProxyTrust::Form::OneAddress;
}

} // namespace

ProxyTrust::ProxyTrust(std::vector<Network> trusted, std::string_view fieldName)
    : networks{std::move(trusted)}, field{policy::lowerOf(fieldName)}, form{formOf(field)}
{
}

std::optional<IpAddress> clientAddress(const IpAddress &peer, std::optional<std::string_view> said,
                                       const ProxyTrust &trust)
{
    if (!said || !isInAny(trust.networks, peer))
        return peer;
    if (trust.form == ProxyTrust::Form::OneAddress)
        return theOneAddress(peer, *said);
    return walk(trust.form == ProxyTrust::Form::Elements ? kElements : kAddresses, peer, said, trust.networks);
}

} // namespace weir::http

// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/key_text.h"

#include <algorithm>
#include <array>

#include "core/base/nearest_word.h"
#include "core/config/shown_text.h"

namespace weir::config {
namespace {

using Kind = KeyPart::Kind;

struct NamedKind {
    std::string_view word;
    Kind kind;
    std::string_view example;
};
constexpr std::array kNamedKinds{NamedKind{"header", Kind::Header, "header:X-Api-Key"},
                                 NamedKind{"cookie", Kind::Cookie, "cookie:sid"},
                                 NamedKind{"query", Kind::Query, "query:token"}};

constexpr const char *kPartHint = "\"ip\", \"header:NAME\", \"cookie:NAME\" or \"query:NAME\"";

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool hasControl(std::string_view text)
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string partHintFor(std::string_view word)
{
    std::vector<std::string> words{"ip"};
    for (const NamedKind &named : kNamedKinds)
        words.emplace_back(named.word);
    const std::string nearest = nearestWord(word, words);
    return nearest.empty() ? kPartHint : "Did you mean \"" + nearest + (nearest == "ip" ? "\"?" : ":NAME\"?");
}

} // namespace

bool isToken(std::string_view text)
{
    constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return isDigit(c) || isLetter(c) || kOthers.find(c) != std::string_view::npos;
    });
}

std::string lowerCased(std::string_view text)
{
    std::string result{text};
    for (char &c : result)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

std::string upperCased(std::string_view text)
{
    std::string result{text};
    for (char &c : result)
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return result;
}

std::variant<KeyPart, KeyFault> parseKeyPart(std::string_view text)
{
    if (text == "ip")
        return KeyPart{};
    const std::size_t colon = text.find(':');
    const std::string_view word = text.substr(0, colon);
    const auto *named = std::find_if(kNamedKinds.begin(), kNamedKinds.end(),
                                     [&](const NamedKind &candidate) { return candidate.word == word; });
    if (named == kNamedKinds.end())
        return KeyFault{shownInQuotes(text) + " is no part of a key", partHintFor(word)};
    const std::string_view name = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    if (name.empty())
        return KeyFault{shownInQuotes(text) + " has no name", "\"" + std::string{named->example} + "\""};
    // The name of a query parameter is any text, as it is after decoding.
    if (named->kind == Kind::Query ? hasControl(name) : !isToken(name))
        return KeyFault{shownInQuotes(name) + " cannot be the name of a " + std::string{named->word}
                            + (named->kind == Kind::Query ? " parameter" : ""),
                        named->kind == Kind::Query ? "a name without control characters"
                                                   : "letters, digits and !#$%&'*+-.^_`|~"};
    return KeyPart{named->kind, std::string{name}};
}

std::string printKeyPart(const KeyPart &part)
{
    for (const NamedKind &named : kNamedKinds)
        if (named.kind == part.kind)
            return std::string{named.word} + ":" + part.name;
    return "ip";
}

std::variant<KeyValue, KeyFault> parseKeyValue(std::string_view text)
{
    const std::size_t equals = text.find('=');
    auto part = parseKeyPart(text.substr(0, equals));
    if (auto *fault = std::get_if<KeyFault>(&part))
        return std::move(*fault);
    KeyPart &read = std::get<KeyPart>(part);
    if (read.kind == Kind::Ip)
        return KeyFault{"ip has no values here", "networks = [\"10.0.0.0/8\"] for addresses"};
    if (equals == std::string_view::npos)
        return KeyFault{shownInQuotes(text) + " has no value", "\"" + printKeyPart(read) + "=VALUE\""};
    const std::string_view value = text.substr(equals + 1);
    if (hasControl(value))
        return KeyFault{shownInQuotes(text) + " has a control character in its value", "the value as clients send it"};
    return KeyValue{std::move(read), std::string{value}};
}

std::string printKeyValue(const KeyValue &value)
{
    return printKeyPart(value.part) + "=" + value.value;
}

} // namespace weir::config

// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/key_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/nearest_word.h"
#include "core/config/shown_text.h"

namespace weir::config {
namespace {

using Kind = KeyPart::Kind;

/// A kind of part: "header" and a name, "path" with or without one, "ip" alone.
struct PartWord {
    std::string_view word;
    Kind kind;
    bool takesName;
    std::string_view example;
};
constexpr std::array kPartWords{PartWord{"ip", Kind::Ip, false, "ip"},
                                PartWord{"header", Kind::Header, true, "header:X-Api-Key"},
                                PartWord{"cookie", Kind::Cookie, true, "cookie:sid"},
                                PartWord{"query", Kind::Query, true, "query:token"},
                                PartWord{"method", Kind::Method, false, "method"},
                                PartWord{"path", Kind::Path, true, "path:1"}};

constexpr const char *kPartHint = "\"ip\", \"header:NAME\", \"cookie:NAME\", \"query:NAME\", \"method\", \"path\" or "
                                  "\"path:1\" for its first segment";

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
    std::vector<std::string> words;
    for (const PartWord &part : kPartWords)
        words.emplace_back(part.word);
    const std::string nearest = nearestWord(word, words);
    const auto meant =
        std::find_if(kPartWords.begin(), kPartWords.end(), [&](const PartWord &part) { return part.word == nearest; });
    if (meant == kPartWords.end())
        return kPartHint;
    const bool needsName = meant->takesName && meant->kind != Kind::Path;
    return "Did you mean \"" + nearest + (needsName ? ":NAME\"?" : "\"?");
}

/// What is wrong with the name of a part, if anything is.
std::optional<ValueFault> faultOfName(const PartWord &part, std::string_view name)
{
    switch (part.kind) {
    case Kind::Query: // any text, as it is after decoding
        if (hasControl(name))
            return ValueFault{shownInQuotes(name) + " cannot be the name of a query parameter",
                              "a name without control characters"};
        break;
    case Kind::Path: {
        const bool isNumber = name.size() <= 2 && std::all_of(name.begin(), name.end(), isDigit) && name.front() != '0';
        if (!isNumber || (name.size() == 2 && name > "32"))
            return ValueFault{shownInQuotes(name) + " is no segment of a path",
                              "a number from 1 to 32: of /users/7 the first is users, the second 7"};
        break;
    }
    default:
        if (!isToken(name))
            return ValueFault{shownInQuotes(name) + " cannot be the name of a " + std::string{part.word},
                              "letters, digits and !#$%&'*+-.^_`|~"};
        break;
    }
    return std::nullopt;
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

std::variant<KeyPart, ValueFault> parseKeyPart(std::string_view text)
{
    const std::size_t colon = text.find(':');
    const std::string_view word = text.substr(0, colon);
    const auto part = std::find_if(kPartWords.begin(), kPartWords.end(),
                                   [&](const PartWord &candidate) { return candidate.word == word; });
    if (part == kPartWords.end() || (!part->takesName && colon != std::string_view::npos))
        return ValueFault{shownInQuotes(text) + " is no part of a key", partHintFor(word)};
    const std::string_view name = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    const bool isWhole = part->kind == Kind::Path && colon == std::string_view::npos;
    if (!part->takesName || isWhole)
        return KeyPart{part->kind, {}};
    if (name.empty())
        return ValueFault{shownInQuotes(text) + " has no name", "\"" + std::string{part->example} + "\""};
    if (auto fault = faultOfName(*part, name))
        return std::move(*fault);
    return KeyPart{part->kind, std::string{name}};
}

std::string printKeyPart(const KeyPart &part)
{
    for (const PartWord &known : kPartWords)
        if (known.kind == part.kind)
            return std::string{known.word} + (part.name.empty() ? "" : ":" + part.name);
    return {};
}

std::variant<KeyValue, ValueFault> parseKeyValue(std::string_view text)
{
    const std::size_t equals = text.find('=');
    auto part = parseKeyPart(text.substr(0, equals));
    if (auto *fault = std::get_if<ValueFault>(&part))
        return std::move(*fault);
    KeyPart &read = std::get<KeyPart>(part);
    if (read.kind == Kind::Ip)
        return ValueFault{"ip has no values here", "networks = [\"10.0.0.0/8\"] for addresses"};
    if (read.kind == Kind::Path)
        return ValueFault{"path has no values here", "paths = [\"/health\"] for paths"};
    if (read.kind == Kind::Method)
        return ValueFault{"method has no values here", "header, cookie or query, and a name"};
    if (equals == std::string_view::npos)
        return ValueFault{shownInQuotes(text) + " has no value", "\"" + printKeyPart(read) + "=VALUE\""};
    const std::string_view value = text.substr(equals + 1);
    if (hasControl(value))
        return ValueFault{shownInQuotes(text) + " has a control character in its value",
                          "the value as clients send it"};
    return KeyValue{std::move(read), std::string{value}};
}

std::string printKeyValue(const KeyValue &value)
{
    return printKeyPart(value.part) + "=" + value.value;
}

} // namespace weir::config

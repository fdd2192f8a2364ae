// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/rule_check.h"

#include <algorithm>
#include <array>
#include <set>

namespace weir::config {
namespace {

using Kind = KeyPart::Kind;
using Issues = std::vector<ConfigIssue>;

struct KindWord {
    std::string_view word;
    Kind kind;
};
constexpr std::array kKindWords{KindWord{"header", Kind::Header}, KindWord{"cookie", Kind::Cookie},
                                KindWord{"query", Kind::Query}};
constexpr const char *kTokenHint = "letters, digits and !#$%&'*+-.^_`|~";
constexpr const char *kPathHint = "a path such as /login or /api/*";

bool isControl(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool hasControl(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), isControl);
}

std::string quoted(std::string_view text)
{
    return '"' + std::string{text} + '"';
}

std::string lowerCased(std::string text)
{
    for (char &c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

std::string indexed(const std::string &path, std::size_t index)
{
    return path + "[" + std::to_string(index + 1) + "]";
}

void checkCount(const std::string &path, std::size_t number, std::size_t most, const char *what, Issues &issues)
{
    if (number > most)
        issues.push_back(
            {path, std::to_string(number) + " " + what + " are too many", "at most " + std::to_string(most)});
}

void checkName(const std::string &path, const std::string &name, Issues &issues)
{
    constexpr const char *kHint = "letters from a to z, digits and -";
    const auto isGood = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    if (name.empty())
        issues.push_back({path, "the name is empty", kHint});
    else if (!std::all_of(name.begin(), name.end(), isGood))
        issues.push_back({path, quoted(name) + " cannot be a name", kHint});
    else if (name.size() > kLongestName)
        issues.push_back({path, "the name is too long", "at most " + std::to_string(kLongestName) + " characters"});
}

void checkPath(const std::string &path, const std::string &pattern, Issues &issues)
{
    const auto isHidden = [](char c) { return isControl(c) || c == ' '; };
    if (pattern.empty())
        return;
    if (pattern.front() != '/' && pattern.front() != '*')
        issues.push_back({path, quoted(pattern) + " can match no path: paths begin with /", kPathHint});
    else if (pattern.find_first_of("?#") != std::string::npos)
        issues.push_back({path, quoted(pattern) + " can match no path: paths end before ? and #", kPathHint});
    else if (std::any_of(pattern.begin(), pattern.end(), isHidden))
        issues.push_back({path, "spaces and control characters are sent as %20 and the like", kPathHint});
    else if (pattern.size() > kLongestPath)
        issues.push_back({path, "the path is too long", "at most " + std::to_string(kLongestPath) + " bytes"});
}

// Methods are compared with case (RFC 9110, 9.1), and all that are registered are in upper case.
void checkMethods(const std::string &path, const std::vector<std::string> &methods, Issues &issues)
{
    for (auto it = methods.begin(); it != methods.end(); ++it) {
        const std::string at = indexed(path, static_cast<std::size_t>(it - methods.begin()));
        if (!isToken(*it))
            issues.push_back({at, quoted(*it) + " cannot be a method", "a method such as GET"});
        else if (std::any_of(it->begin(), it->end(), [](char c) { return c >= 'a' && c <= 'z'; }))
            issues.push_back({at, quoted(*it) + " is not in upper case", "a method such as GET"});
        else if (std::find(methods.begin(), it, *it) != it)
            issues.push_back({at, quoted(*it) + " is given twice", "each method once"});
    }
}

void checkNetworks(const std::string &path, const std::vector<Network> &networks, Issues &issues)
{
    checkCount(path, networks.size(), kMostNetworks, "networks", issues);
    for (std::size_t i = 0; i < networks.size(); ++i) {
        const std::string text = printNetwork(networks[i]);
        const auto read = parseNetwork(text);
        if (const auto *fault = std::get_if<NetworkFault>(&read))
            issues.push_back({indexed(path, i), quoted(text) + " " + fault->problem, fault->hint});
    }
}

void checkHeaders(const std::string &path, const std::vector<HeaderMatch> &headers, Issues &issues)
{
    std::set<std::string> names;
    for (const HeaderMatch &header : headers) {
        const std::string at = path + "." + header.name;
        const std::string &value = header.value;
        const auto isBlank = [](char c) { return c == ' ' || c == '\t'; };
        if (!isToken(header.name))
            issues.push_back({at, quoted(header.name) + " cannot be the name of a header", kTokenHint});
        else if (!names.insert(lowerCased(header.name)).second)
            issues.push_back(
                {at, quoted(header.name) + " is given twice; names of headers are compared without case", "each once"});
        if (std::any_of(value.begin(), value.end(), [](char c) { return isControl(c) && c != '\t'; }))
            issues.push_back({at, "the value has a control character", "the value as clients send it"});
        else if (!value.empty() && (isBlank(value.front()) || isBlank(value.back())))
            issues.push_back({at, "spaces around a value do not count", "the value without them"});
    }
}

void checkMatch(const std::string &path, const MatchRule &match, Issues &issues)
{
    checkPath(path + ".path", match.path, issues);
    checkMethods(path + ".methods", match.methods, issues);
    checkNetworks(path + ".network", match.networks, issues);
    checkHeaders(path + ".header", match.headers, issues);
}

void checkKey(const std::string &path, const std::vector<KeyPart> &parts, Issues &issues)
{
    checkCount(path, parts.size(), kMostKeyParts, "parts of a key", issues);
    std::set<std::string> seen;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string text = printKeyPart(parts[i]);
        const auto read = parseKeyPart(text);
        if (const auto *fault = std::get_if<KeyFault>(&read))
            issues.push_back({indexed(path, i), fault->problem, fault->hint});
        else if (!seen.insert(parts[i].kind == Kind::Header ? lowerCased(text) : text).second)
            issues.push_back({indexed(path, i), quoted(text) + " is given twice", "each part once"});
    }
}

void checkTokens(const std::string &path, limit::Tokens cost, limit::Tokens capacity, Issues &issues)
{
    if (cost < 0)
        issues.push_back({path, std::to_string(cost) + " is negative", "a whole number from 0 to the capacity"});
    else if (cost > capacity && capacity >= limit::kMinCapacity)
        issues.push_back({path,
                          std::to_string(cost) + " is more than the capacity of " + std::to_string(capacity)
                              + ", so such a request could never be admitted",
                          "a cost from 0 to " + std::to_string(capacity) + ", or a larger capacity"});
}

void checkCost(const std::string &path, const CostRule &rule, limit::Tokens capacity, Issues &issues)
{
    checkTokens(path + ".cost", rule.cost, capacity, issues);
    if (!rule.header.empty() && !isToken(rule.header))
        issues.push_back({path + ".cost_header", quoted(rule.header) + " cannot be the name of a header", kTokenHint});
    checkCount(path + ".cost_by_route", rule.routes.size(), kMostRoutes, "routes", issues);
    for (std::size_t i = 0; i < rule.routes.size(); ++i) {
        const std::string at = indexed(path + ".cost_by_route", i);
        checkMatch(at, rule.routes[i].match, issues);
        checkTokens(at + ".cost", rule.routes[i].cost, capacity, issues);
    }
}

void checkLimit(const std::string &path, const LimitRule &limit, Issues &issues)
{
    limit::LimitSpec spec = limit.spec;
    if (limit::isWindow(spec.algorithm) && spec.refill != spec.capacity) {
        issues.push_back({path + ".refill",
                          "a " + std::string{limit::nameOf(spec.algorithm)} + " has no refill of its own",
                          "capacity and every alone"});
        spec.refill = spec.capacity;
    }
    for (ConfigIssue &issue : check(spec))
        issues.push_back({path + "." + issue.where, std::move(issue.problem), std::move(issue.hint)});
    checkMatch(path + ".match", limit.match, issues);
    checkKey(path + ".key", limit.key, issues);
    checkCost(path, limit.cost, limit.spec.capacity, issues);
}

void checkAccess(const std::string &path, const AccessList &list, Issues &issues)
{
    checkNetworks(path + ".networks", list.networks, issues);
    checkCount(path + ".keys", list.keys.size(), kMostKeyValues, "keys", issues);
    for (std::size_t i = 0; i < list.keys.size(); ++i) {
        const auto read = parseKeyValue(printKeyValue(list.keys[i]));
        if (const auto *fault = std::get_if<KeyFault>(&read))
            issues.push_back({indexed(path + ".keys", i), fault->problem, fault->hint});
    }
}

template<class T>
void checkRange(const std::string &path, T number, const Range<T> &range, Issues &issues)
{
    if (!range.holds(number))
        issues.push_back({path, std::to_string(number) + " is out of range",
                          "a whole number from " + std::to_string(range.least) + " to " + std::to_string(range.most)});
}

} // namespace

bool isToken(std::string_view text)
{
    constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
    const auto isGood = [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
               || kOthers.find(c) != std::string_view::npos;
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), isGood);
}

std::variant<KeyPart, KeyFault> parseKeyPart(std::string_view text)
{
    if (text == "ip")
        return KeyPart{};
    const std::size_t colon = text.find(':');
    const auto *named = std::find_if(kKindWords.begin(), kKindWords.end(),
                                     [&](const KindWord &kind) { return kind.word == text.substr(0, colon); });
    if (named == kKindWords.end())
        return KeyFault{quoted(text) + " is no part of a key", "ip, header:NAME, cookie:NAME or query:NAME"};
    const std::string_view name = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    const std::string kind{named->word};
    if (name.empty())
        return KeyFault{"the name of the " + kind + " is missing", kind + ":NAME"};
    // The name of a query parameter is any text, as it is after decoding.
    if (named->kind == Kind::Query ? hasControl(name) : !isToken(name))
        return KeyFault{quoted(name) + " cannot be the name of a " + kind,
                        named->kind == Kind::Query ? "a name without control characters" : kTokenHint};
    return KeyPart{named->kind, std::string{name}};
}

std::string printKeyPart(const KeyPart &part)
{
    for (const KindWord &kind : kKindWords) {
        if (kind.kind == part.kind)
            return std::string{kind.word} + ":" + part.name;
    }
    return "ip";
}

std::variant<KeyValue, KeyFault> parseKeyValue(std::string_view text)
{
    const std::size_t equals = text.find('=');
    const auto part = parseKeyPart(text.substr(0, equals));
    if (const auto *fault = std::get_if<KeyFault>(&part))
        return *fault;
    const KeyPart &read = std::get<KeyPart>(part);
    if (read.kind == Kind::Ip)
        return KeyFault{"ip has no values here", "a network for addresses"};
    if (equals == std::string_view::npos)
        return KeyFault{quoted(text) + " has no value", printKeyPart(read) + "=VALUE"};
    if (hasControl(text.substr(equals + 1)))
        return KeyFault{"the value has a control character", "the value as clients send it"};
    return KeyValue{read, std::string{text.substr(equals + 1)}};
}

std::string printKeyValue(const KeyValue &value)
{
    return printKeyPart(value.part) + "=" + value.value;
}

std::vector<ConfigIssue> check(const LimitSet &rules)
{
    Issues issues;
    checkCount("limit", rules.limits.size(), kMostLimits, "limits", issues);
    std::set<std::string> names;
    for (std::size_t i = 0; i < rules.limits.size(); ++i) {
        const std::string path = indexed("limit", i);
        const std::string &name = rules.limits[i].name;
        checkName(path + ".name", name, issues);
        if (!names.insert(name).second)
            issues.push_back({path + ".name", quoted(name) + " is the name of another limit too", "a name of its own"});
        checkLimit(path, rules.limits[i], issues);
    }
    checkAccess("allow", rules.allow, issues);
    checkAccess("block", rules.block, issues);
    checkRange("keys.ipv6_prefix", rules.keys.ipv6Prefix, kIpv6Prefixes, issues);
    checkRange("keys.max_live", rules.keys.maxLive, kLiveKeys, issues);
    return issues;
}

} // namespace weir::config

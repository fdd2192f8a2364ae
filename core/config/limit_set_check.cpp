// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/limit_set.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/config/key_text.h"
#include "core/config/shown_text.h"

namespace weir::config {
namespace {

std::string indexed(const std::string &path, std::size_t index)
{
    return path + "[" + std::to_string(index + 1) + "]";
}

bool isVisible(char c)
{
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
}

class LimitSetCheck {
public:
    void limits(const std::vector<LimitEntry> &limits)
    {
        count("limit", limits.size(), kMostLimits, "limits");
        std::map<std::string, std::size_t> names;
        for (std::size_t i = 0; i < limits.size() && i < kMostLimits; ++i) {
            const std::string path = indexed("limit", i);
            name(path + ".name", limits[i].name);
            const auto [first, isNew] = names.emplace(limits[i].name, i);
            if (!isNew)
                fail(path + ".name",
                     shownInQuotes(limits[i].name) + " is the name of " + indexed("limit", first->second) + " too",
                     "a name of its own");
            limit(path, limits[i]);
        }
    }

    void access(const std::string &path, const AccessList &list)
    {
        networks(path + ".networks", list.networks);
        count(path + ".paths", list.paths.size(), kMostRoutes, "paths");
        for (std::size_t i = 0; i < list.paths.size(); ++i)
            pattern(indexed(path + ".paths", i), list.paths[i]);
        count(path + ".keys", list.keys.size(), kMostKeyValues, "keys");
        for (std::size_t i = 0; i < list.keys.size(); ++i) {
            const auto read = parseKeyValue(printKeyValue(list.keys[i]));
            if (const auto *fault = std::get_if<ValueFault>(&read))
                fail(indexed(path + ".keys", i), fault->problem, fault->hint);
        }
    }

    void keys(const KeySettings &limitSet)
    {
        range("keys.ipv6_prefix", limitSet.ipv6Prefix, kIpv6Prefixes.least, kIpv6Prefixes.most);
        range("keys.max_live", limitSet.maxLive, kLiveKeys.least, kLiveKeys.most);
    }

    [[nodiscard]] std::vector<ConfigIssue> issues() && { return std::move(m_issues); }

private:
    void fail(std::string path, std::string problem, std::string hint)
    {
        m_issues.push_back({std::move(path), std::move(problem), std::move(hint)});
    }

    void count(const std::string &path, std::size_t number, std::size_t most, const char *what)
    {
        if (number > most)
            fail(path, std::to_string(number) + " " + what + " are too many", "at most " + std::to_string(most));
    }

    void range(const std::string &path, std::int64_t number, std::int64_t least, std::int64_t most)
    {
        if (number < least || number > most)
            fail(path, std::to_string(number) + " is out of range",
                 "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }

    void name(const std::string &path, const std::string &name)
    {
        const auto isGood = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
        if (name.empty())
            fail(path, "the name is empty", "letters from a to z, digits and -");
        else if (!std::all_of(name.begin(), name.end(), isGood))
            fail(path, shownInQuotes(name) + " cannot be a name", "letters from a to z, digits and -");
        else if (name.size() > kLongestName)
            fail(path, shownInQuotes(name) + " is too long", "at most " + std::to_string(kLongestName) + " characters");
    }

    void limit(const std::string &path, const LimitEntry &limit)
    {
        limit::LimitSpec spec = limit.spec;
        if (limit::isWindow(spec.algorithm) && spec.refill != spec.capacity) {
            fail(path + ".refill", "a " + std::string{limit::nameOf(spec.algorithm)} + " has no refill of its own",
                 "capacity and every alone");
            spec.refill = spec.capacity;
        }
        for (ConfigIssue &issue : check(spec))
            fail(path + "." + issue.where, std::move(issue.problem), std::move(issue.hint));
        match(path + ".match", limit.match);
        key(path + ".key", limit.key);
        cost(path, limit.cost, limit.spec.capacity);
    }

    void match(const std::string &path, const RequestMatch &entry)
    {
        pattern(path + ".path", entry.path);
        methods(path + ".methods", entry.methods);
        networks(path + ".network", entry.networks);
        headers(path + ".header", entry.headers);
    }

    void pattern(const std::string &path, const std::string &pattern)
    {
        constexpr const char *kHint = "a path such as \"/login\" or \"/api/*\"";
        if (pattern.empty())
            return;
        if (pattern.front() != '/' && pattern.front() != '*')
            fail(path, shownInQuotes(pattern) + " can match no path: paths begin with /", kHint);
        else if (pattern.find_first_of("?#") != std::string::npos)
            fail(path, shownInQuotes(pattern) + " can match no path: paths end before ? and #", kHint);
        else if (!std::all_of(pattern.begin(), pattern.end(), isVisible))
            fail(path,
                 shownInQuotes(pattern)
                     + " can match no path: spaces and control characters are sent as %20 and the like",
                 kHint);
        else if (pattern.size() > kLongestPath)
            fail(path, std::to_string(pattern.size()) + " bytes are too long for a path",
                 "at most " + std::to_string(kLongestPath));
    }

    // Methods are compared with case (RFC 9110, 9.1), and all that are registered are in upper case.
    void methods(const std::string &path, const std::vector<std::string> &methods)
    {
        count(path, methods.size(), kMostMethods, "methods");
        for (std::size_t i = 0; i < methods.size(); ++i) {
            const std::string &method = methods[i];
            if (!isToken(method))
                fail(indexed(path, i), shownInQuotes(method) + " cannot be a method", "a method such as \"GET\"");
            else if (upperCased(method) != method)
                fail(indexed(path, i), shownInQuotes(method) + " is not in upper case",
                     "\"" + shown(upperCased(method)) + "\"");
            else if (std::find(methods.begin(), methods.begin() + static_cast<std::ptrdiff_t>(i), method)
                     != methods.begin() + static_cast<std::ptrdiff_t>(i))
                fail(indexed(path, i), shownInQuotes(method) + " is given twice", "each method once");
        }
    }

    void networks(const std::string &path, const std::vector<Network> &networks)
    {
        count(path, networks.size(), kMostNetworks, "networks");
        for (std::size_t i = 0; i < networks.size(); ++i) {
            const std::string text = printNetwork(networks[i]);
            const auto read = parseNetwork(text);
            if (const auto *fault = std::get_if<ValueFault>(&read))
                fail(indexed(path, i), shownInQuotes(text) + " " + fault->problem, fault->hint);
        }
    }

    void headers(const std::string &path, const std::vector<HeaderMatch> &headers)
    {
        count(path, headers.size(), kMostHeaders, "headers");
        std::set<std::string> names;
        for (const HeaderMatch &header : headers) {
            const std::string at = path + "." + shown(header.name);
            if (!isToken(header.name))
                fail(at, shownInQuotes(header.name) + " cannot be the name of a header",
                     "letters, digits and !#$%&'*+-.^_`|~");
            else if (!names.insert(lowerCased(header.name)).second)
                fail(at, shownInQuotes(header.name) + " is given twice; names of headers are compared without case",
                     "each header once");
            headerValue(at, header.value);
            for (const std::string &value : header.others)
                headerValue(at, value);
        }
    }

    void headerValue(const std::string &at, const std::string &value)
    {
        const bool isGood =
            std::all_of(value.begin(), value.end(), [](char c) { return isVisible(c) || c == ' ' || c == '\t'; });
        if (!isGood)
            fail(at, shownInQuotes(value) + " has a control character", "the value as clients send it");
        else if (!value.empty() && (!isVisible(value.front()) || !isVisible(value.back())))
            fail(at, shownInQuotes(value) + " can match no header: spaces around values do not count",
                 "the value without them");
    }

    void key(const std::string &path, const std::vector<KeyPart> &parts)
    {
        count(path, parts.size(), kMostKeyParts, "parts of a key");
        std::set<std::string> seen;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const std::string text = printKeyPart(parts[i]);
            const auto read = parseKeyPart(text);
            if (const auto *fault = std::get_if<ValueFault>(&read))
                fail(indexed(path, i), fault->problem, fault->hint);
            else if (!seen.insert(parts[i].kind == KeyPart::Kind::Header ? lowerCased(text) : text).second)
                fail(indexed(path, i), shownInQuotes(text) + " is given twice", "each part once");
        }
    }

    void cost(const std::string &path, const RequestCost &entry, limit::Tokens capacity)
    {
        tokens(path + ".cost", entry.cost, capacity);
        if (!entry.header.empty() && !isToken(entry.header))
            fail(path + ".cost_header", shownInQuotes(entry.header) + " cannot be the name of a header",
                 "letters, digits and !#$%&'*+-.^_`|~");
        count(path + ".cost_by_route", entry.routes.size(), kMostRoutes, "routes");
        for (std::size_t i = 0; i < entry.routes.size() && i < kMostRoutes; ++i) {
            const std::string at = indexed(path + ".cost_by_route", i);
            match(at, entry.routes[i].match);
            tokens(at + ".cost", entry.routes[i].cost, capacity);
        }
    }

    void tokens(const std::string &path, limit::Tokens cost, limit::Tokens capacity)
    {
        if (cost < 0)
            fail(path, std::to_string(cost) + " is negative", "a whole number from 0 to the capacity");
        else if (cost > capacity && capacity >= limit::kMinCapacity)
            fail(path,
                 std::to_string(cost) + " is more than the capacity of " + std::to_string(capacity)
                     + ", so such a request could never be admitted",
                 "a cost from 0 to " + std::to_string(capacity) + ", or a larger capacity");
    }

    std::vector<ConfigIssue> m_issues;
};

} // namespace

std::vector<ConfigIssue> check(const LimitSet &limitSet)
{
    LimitSetCheck check;
    check.limits(limitSet.limits);
    check.access("allow", limitSet.allow);
    check.access("block", limitSet.block);
    check.keys(limitSet.keys);
    return std::move(check).issues();
}

} // namespace weir::config

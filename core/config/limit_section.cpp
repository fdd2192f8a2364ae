// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/limit_section.h"

#include <algorithm>
#include <array>

#include "core/config/key_text.h"
#include "core/config/limit_fields.h"
#include "core/config/limit_set.h"
#include "core/config/setting_section.h"
#include "core/config/shown_text.h"

namespace weir::config {
namespace {

using Kind = TomlNode::Kind;

constexpr std::array kMatchKeys{"path", "methods", "network", "header"};

constexpr const char *kNetworkHint = "networks in quotes, such as [\"10.0.0.0/8\"]";

/// Each text of a list as `read` reads it, a ReadValue; what it does not understand is an issue.
template<class Read>
auto readItems(TableReader &table, const char *key, const char *hint, Read read)
{
    std::vector<std::variant_alternative_t<0, std::invoke_result_t<Read, const std::string &>>> items;
    for (const auto &[text, path] : table.texts(key, hint).value_or(std::vector<TableReader::Item>{})) {
        auto item = read(text);
        if (auto *fault = std::get_if<ValueFault>(&item))
            table.issues().fail(path, std::move(fault->problem), std::move(fault->hint));
        else
            items.push_back(std::move(std::get<0>(item)));
    }
    return items;
}

void readValues(const TomlNode &list, const std::string &path, FileIssues &issues, HeaderMatch &header)
{
    for (std::size_t i = 0; i < list.children.size(); ++i) {
        const TomlNode &child = list.children[i];
        if (child.kind != Kind::Text)
            issues.fail(child.line, path + "[" + std::to_string(i + 1) + "]", kindOf(child), "a value in quotes");
        else if (i == 0)
            header.value = child.text;
        else
            header.others.push_back(child.text);
    }
}

// Names of headers are no keys of Weir: any of them may be there.
std::vector<HeaderMatch> readHeaders(TableReader &table)
{
    std::vector<HeaderMatch> headers;
    const TomlNode *node = table.node("header");
    if (!node)
        return headers;
    const std::string path = table.pathOf("header");
    if (node->kind != Kind::Table) {
        table.issues().fail(path, kindOf(*node), "names and values, such as { X-Plan = \"free\" }");
        return headers;
    }
    for (const TomlNode &child : node->children) {
        const std::string at = path + "." + shown(child.key);
        table.issues().seen(at, child.line);
        HeaderMatch header{child.key, child.text};
        if (child.kind == Kind::Flag)
            header.kind = child.flag ? HeaderMatch::Kind::Present : HeaderMatch::Kind::Absent;
        else if (child.kind == Kind::List && !child.children.empty())
            readValues(child, at, table.issues(), header);
        else if (child.kind != Kind::Text)
            table.issues().fail(
                at, child.kind == Kind::List ? "the list is empty" : kindOf(child),
                "a value in quotes, a list of them, true for any value, or false for a request without it");
        headers.push_back(std::move(header));
    }
    // The order says nothing; with one order two files that mean the same are equal.
    std::sort(headers.begin(), headers.end(),
              [](const HeaderMatch &a, const HeaderMatch &b) { return a.name < b.name; });
    return headers;
}

RequestMatch readMatchKeys(TableReader &table)
{
    RequestMatch match;
    match.path = table.text("path", "a path in quotes, such as \"/api/*\"").value_or(std::string{});
    if (const auto methods = table.texts("methods", "methods in quotes, such as [\"GET\", \"POST\"]"))
        for (const auto &[text, path] : *methods)
            match.methods.push_back(text);
    match.networks = readItems(table, "network", kNetworkHint, readNetwork);
    match.headers = readHeaders(table);
    return match;
}

RequestMatch readMatch(TableReader &limit)
{
    const TomlNode *node = limit.node("match");
    if (!node)
        return {};
    if (node->kind != Kind::Table) {
        limit.issues().fail(limit.pathOf("match"), kindOf(*node), "what must hold, such as { path = \"/api/*\" }");
        return {};
    }
    TableReader table{*node, limit.pathOf("match"), limit.issues()};
    RequestMatch match = readMatchKeys(table);
    table.reportUnknown();
    return match;
}

std::vector<KeyPart> readKey(TableReader &limit)
{
    constexpr const char *kHint = "parts in quotes, such as [\"ip\"] or [\"header:X-Api-Key\"]";
    std::vector<KeyPart> parts;
    const auto items = limit.texts("key", kHint).value_or(std::vector<TableReader::Item>{});
    for (const auto &[text, path] : items) {
        if (text == "global") {
            if (items.size() > 1)
                limit.issues().fail(path, "\"global\" is one bucket for all, so there are no other parts", "it alone");
            continue;
        }
        auto read = parseKeyPart(text);
        if (auto *part = std::get_if<KeyPart>(&read))
            parts.push_back(std::move(*part));
        else if (auto *fault = std::get_if<ValueFault>(&read))
            limit.issues().fail(path, std::move(fault->problem), std::move(fault->hint));
    }
    return parts;
}

void readPlainFields(TableReader &table, LimitEntry &limit)
{
    for (const PlainField &plain : plainFields())
        readField(table, plain.row, limit);
    const bool isRefillSaid = table.has("refill");
    if (!isRefillSaid && (table.has("capacity") || limit::isWindow(limit.spec.algorithm)))
        limit.spec.refill = limit.spec.capacity;
}

std::vector<RouteCost> readRoutes(TableReader &limit)
{
    constexpr const char *kHint = "routes, such as [{ path = \"/search\", cost = 5 }]";
    std::vector<RouteCost> routes;
    const TomlNode *node = limit.node("cost_by_route");
    if (!node)
        return routes;
    const std::string path = limit.pathOf("cost_by_route");
    if (node->kind != Kind::List) {
        limit.issues().fail(path, kindOf(*node), kHint);
        return routes;
    }
    for (std::size_t i = 0; i < node->children.size(); ++i) {
        const TomlNode &child = node->children[i];
        const std::string at = path + "[" + std::to_string(i + 1) + "]";
        if (child.kind != Kind::Table) {
            limit.issues().fail(child.line, at, kindOf(child), kHint);
            continue;
        }
        TableReader table{child, at, limit.issues()};
        RouteCost route;
        route.match = readMatchKeys(table);
        if (!table.has("cost"))
            limit.issues().fail(at + ".cost", "the route has no cost", "cost = 5 or another number in it");
        route.cost = table.whole("cost", "a whole number from 0 to the capacity").value_or(route.cost);
        table.reportUnknown();
        routes.push_back(std::move(route));
    }
    return routes;
}

LimitEntry readLimit(const TomlNode &node, const std::string &path, FileIssues &issues)
{
    TableReader table{node, path, issues};
    LimitEntry limit;
    if (!table.has("name"))
        issues.fail(path + ".name", "the limit has no name", "name = \"per-client\" or another one in it");
    limit.name = table.text("name", "a name in quotes").value_or(std::string{});
    limit.match = readMatch(table);
    limit.key = readKey(table);
    readPlainFields(table, limit);
    limit.cost.routes = readRoutes(table);
    table.reportUnknown([](const std::string &key) {
        const bool isOfMatch = std::find(kMatchKeys.begin(), kMatchKeys.end(), key) != kMatchKeys.end();
        return isOfMatch ? "Put it in match = { ... }" : ownWordFor(key);
    });
    return limit;
}

} // namespace

std::vector<LimitEntry> readLimits(const TomlNode &list, FileIssues &issues)
{
    constexpr const char *kHint = "[[limit]], with two brackets, above each limit";
    issues.seen("limit", list.line);
    std::vector<LimitEntry> limits;
    if (list.kind != Kind::List) {
        issues.fail("limit", kindOf(list), kHint);
        return limits;
    }
    if (list.children.empty())
        issues.fail("limit", "there is no limit in it",
                    "at least one [[limit]], or none of it for the one limit global");
    if (list.children.size() > kMostLimits)
        issues.fail("limit", std::to_string(list.children.size()) + " limits are too many",
                    "at most " + std::to_string(kMostLimits));
    for (std::size_t i = 0; i < list.children.size() && i < kMostLimits; ++i) {
        const std::string path = "limit[" + std::to_string(i + 1) + "]";
        if (list.children[i].kind == Kind::Table)
            limits.push_back(readLimit(list.children[i], path, issues));
        else
            issues.fail(list.children[i].line, path, kindOf(list.children[i]), kHint);
    }
    return limits;
}

AccessList readAccessList(TableReader &table)
{
    AccessList list;
    list.networks = readItems(table, "networks", kNetworkHint, readNetwork);
    for (const auto &[text, path] :
         table.texts("paths", "paths in quotes, such as [\"/health\"]").value_or(std::vector<TableReader::Item>{}))
        list.paths.push_back(text);
    list.keys =
        readItems(table, "keys", "keys and values in quotes, such as [\"header:X-Api-Key=abc\"]", parseKeyValue);
    table.reportUnknown();
    return list;
}

// The words of other programs: nginx, HAProxy, Envoy, Kong, Traefik, express-rate-limit and their like.
std::string ownWordFor(const std::string &key)
{
    struct Word {
        const char *others; ///< between spaces
        const char *own;
    };
    static constexpr Word kWords[] = {
        {" rate rps average requests_per_second requests_per_minute limit_req_zone ",
         "The rate is refill and every: 10 a second is refill = 10, every = \"1s\""},
        {" burst max_tokens bucket_size depth limit max max_requests requests requests_per_unit quota points hits "
         "tokens amount ",
         "The most at once is capacity"},
        {" window window_ms windowms window_size interval period per unit time_unit timeframe duration ttl time_window "
         "fill_interval ",
         "The interval is every, such as every = \"1min\""},
        {" tokens_per_fill fill_rate refill_rate replenish ", "The tokens of each interval are refill"},
        {" zone by key_by limit_by identifier descriptors descriptor source_criterion keygenerator key_generator ",
         "Whose bucket it is says key, such as key = [\"ip\"] or [\"header:X-Api-Key\"]"},
        {" dry_run dryrun shadow_mode enforce enforced report_only limit_req_dry_run ",
         "A limit that only counts has shadow = true"},
        {" strategy type policy ", "How it counts says algorithm"},
        {" whitelist allowlist skip exempt except exclude ",
         "What is let through without a limit stands in [allow]: networks, paths, keys"},
        {" blacklist blocklist denylist deny ban ", "What is turned away stands in [block]: networks, paths, keys"},
        {" routes route uri url endpoint location paths ",
         "For which requests it is says match, such as match = { path = \"/api/*\" }"},
    };
    for (const Word &word : kWords)
        if (std::string{word.others}.find(" " + key + " ") != std::string::npos)
            return word.own;
    return {};
}

std::string homeOfLimitKey(const std::string &key)
{
    const bool isPlain = std::any_of(plainFields().begin(), plainFields().end(),
                                     [&](const PlainField &plain) { return plain.row.key == key; });
    if (isPlain || key == "name" || key == "match" || key == "key" || key == "cost_by_route")
        return "Put it in a [[limit]]";
    return std::find(kMatchKeys.begin(), kMatchKeys.end(), key) != kMatchKeys.end()
               ? "Put it in the match of a [[limit]]"
               : std::string{};
}

} // namespace weir::config

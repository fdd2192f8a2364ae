// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/toml_values.h"

#include <algorithm>

#include "core/config/key_text.h"
#include "core/config/limit_fields.h"
#include "core/config/toml_text.h"

namespace weir::config {
namespace {

template<class Items, class Print>
std::string printList(const Items &items, Print print)
{
    std::string result;
    for (const auto &item : items)
        result += (result.empty() ? "" : ", ") + print(item);
    return "[" + result + "]";
}

std::string printNetworks(const std::vector<Network> &networks)
{
    return printList(networks, [](const Network &network) { return printTomlText(printNetwork(network)); });
}

// A bare key where that is possible (TOML 1.0, "Keys").
std::string printKeyName(const std::string &name)
{
    const auto isBare = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), isBare) ? name : printTomlText(name);
}

std::string printBraces(const std::vector<TomlField> &fields)
{
    std::string result;
    for (const TomlField &field : fields)
        result += (result.empty() ? " " : ", ") + field.key + " = " + field.value;
    return result.empty() ? "{}" : "{" + result + " }";
}

std::string printHeaderValue(const HeaderMatch &header)
{
    if (header.kind != HeaderMatch::Kind::Value)
        return header.kind == HeaderMatch::Kind::Present ? "true" : "false";
    if (header.others.empty())
        return printTomlText(header.value);
    std::vector<std::string> values{header.value};
    values.insert(values.end(), header.others.begin(), header.others.end());
    return printList(values, printTomlText);
}

std::string printHeaders(const std::vector<HeaderMatch> &headers)
{
    std::vector<TomlField> fields;
    for (const HeaderMatch &header : headers)
        fields.push_back({{}, printKeyName(header.name), printHeaderValue(header)});
    return printBraces(fields);
}

std::vector<TomlField> matchFields(const RequestMatch &match)
{
    return {{"match", "path", printTomlText(match.path)},
            {"match", "methods", printList(match.methods, printTomlText)},
            {"match", "network", printNetworks(match.networks)},
            {"match", "header", printHeaders(match.headers)}};
}

// Without what is said of every request.
std::vector<TomlField> saidMatchFields(const RequestMatch &match)
{
    std::vector<TomlField> fields = matchFields(match);
    const std::vector<TomlField> unsaid = matchFields({});
    fields.erase(std::remove_if(fields.begin(), fields.end(),
                                [&](const TomlField &field) {
                                    return std::find(unsaid.begin(), unsaid.end(), field) != unsaid.end();
                                }),
                 fields.end());
    return fields;
}

std::string printRoute(const RouteCost &route)
{
    std::vector<TomlField> fields = saidMatchFields(route.match);
    fields.push_back({{}, "cost", std::to_string(route.cost)});
    return printBraces(fields);
}

std::vector<TomlField> accessFields(const char *table, const AccessList &list)
{
    return {{table, "networks", printNetworks(list.networks)},
            {table, "paths", printList(list.paths, printTomlText)},
            {table, "keys",
             printList(list.keys, [](const KeyValue &value) { return printTomlText(printKeyValue(value)); })}};
}

// Of the one limit of a file without [[limit]].
bool isGlobal(LimitField field)
{
    return (field >= LimitField::Capacity && field <= LimitField::Start) || field == LimitField::OnStoreFailure;
}

// Without the example, which is for people.
std::string valueOf(const PlainField &plain, const LimitEntry &limit)
{
    return plain.row.print(limit).empty() ? printTomlText({}) : tomlOf(plain.row, limit);
}

} // namespace

std::vector<TomlField> globalFieldsOf(const LimitEntry &limit)
{
    std::vector<TomlField> fields;
    for (const PlainField &plain : plainFields())
        if (isGlobal(plain.field))
            fields.push_back({{}, plain.row.key, valueOf(plain, limit)});
    return fields;
}

std::vector<TomlField> fieldsOf(const LimitEntry &limit)
{
    std::vector<TomlField> fields{{{}, "name", printTomlText(limit.name)}};
    for (const PlainField &plain : plainFields()) {
        fields.push_back({{}, plain.row.key, valueOf(plain, limit)});
        if (plain.field == LimitField::IsOn) {
            const std::vector<TomlField> match = matchFields(limit.match);
            fields.insert(fields.end(), match.begin(), match.end());
            fields.push_back({{}, "key", printList(limit.key, [](const KeyPart &part) {
                                  return printTomlText(printKeyPart(part));
                              })});
        } else if (plain.field == LimitField::Cost) {
            fields.push_back({{}, "cost_by_route", printList(limit.cost.routes, printRoute)});
        }
    }
    return fields;
}

std::vector<TomlField> sectionFieldsOf(const LimitSet &limitSet)
{
    std::vector<TomlField> fields = accessFields("allow", limitSet.allow);
    const std::vector<TomlField> block = accessFields("block", limitSet.block);
    fields.insert(fields.end(), block.begin(), block.end());
    fields.push_back({"keys", "ipv6_prefix", std::to_string(limitSet.keys.ipv6Prefix)});
    fields.push_back({"keys", "fold", limitSet.keys.folds ? "true" : "false"});
    fields.push_back({"keys", "max_live", std::to_string(limitSet.keys.maxLive)});
    return fields;
}

std::string printMatch(const RequestMatch &match)
{
    return printBraces(saidMatchFields(match));
}

std::string printLimit(const LimitEntry &limit, std::string_view lineEnd)
{
    std::string text = "[[limit]]" + std::string{lineEnd};
    const auto line = [&](const std::string &key, const std::string &value) {
        text += key + " = " + value + std::string{lineEnd};
    };
    const std::vector<TomlField> unsaid = fieldsOf({});
    const bool isWindow = limit::isWindow(limit.spec.algorithm);
    bool isMatchDue = !(limit.match == RequestMatch{});
    for (const TomlField &field : fieldsOf(limit)) {
        const bool isDefault = std::find(unsaid.begin(), unsaid.end(), field) != unsaid.end();
        const bool isNumber = field.key == "capacity" || (field.key == "refill" && !isWindow) || field.key == "every";
        if (field.table == "match" && isMatchDue) {
            line("match", printMatch(limit.match));
            isMatchDue = false;
        } else if (field.table.empty() && (isNumber || field.key == "name" || !isDefault)
                   && !(isWindow && field.key == "refill")) {
            line(field.key, field.value);
        }
    }
    return text;
}

} // namespace weir::config

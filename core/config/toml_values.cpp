// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/toml_values.h"

#include <algorithm>
#include <array>

#include "core/config/key_text.h"

namespace weir::config {
namespace {

constexpr std::array<const char *, 3> kPolicyNames{"reject", "allow", "local"}; // index: StoreFailurePolicy

// TOML 1.0, "String": quotes, backslashes and control characters are escaped.
std::string printText(std::string_view text)
{
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string result{'"'};
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            result += "\\u00";
            result += kHex[byte / 16];
            result += kHex[byte % 16];
        } else {
            result += c;
        }
    }
    return result + '"';
}

std::string printBool(bool flag)
{
    return flag ? "true" : "false";
}

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
    return printList(networks, [](const Network &network) { return printText(printNetwork(network)); });
}

// A bare key where that is possible (TOML 1.0, "Keys").
std::string printKeyName(const std::string &name)
{
    const auto isBare = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), isBare) ? name : printText(name);
}

std::string printBraces(const std::vector<TomlField> &fields)
{
    std::string result;
    for (const TomlField &field : fields)
        result += (result.empty() ? " " : ", ") + field.key + " = " + field.value;
    return result.empty() ? "{}" : "{" + result + " }";
}

std::string printHeaders(const std::vector<HeaderMatch> &headers)
{
    std::vector<TomlField> fields;
    for (const HeaderMatch &header : headers)
        fields.push_back({{}, printKeyName(header.name), printText(header.value)});
    return printBraces(fields);
}

std::vector<TomlField> matchFields(const RequestMatch &match)
{
    return {{"match", "path", printText(match.path)},
            {"match", "methods", printList(match.methods, printText)},
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
    return {
        {table, "networks", printNetworks(list.networks)},
        {table, "keys", printList(list.keys, [](const KeyValue &value) { return printText(printKeyValue(value)); })}};
}

} // namespace

std::vector<TomlField> globalFieldsOf(const LimitEntry &limit)
{
    return {{{}, "capacity", std::to_string(limit.spec.capacity)},
            {{}, "refill", std::to_string(limit.spec.refill)},
            {{}, "every", printText(printDuration(limit.spec.interval))},
            {{}, "start", printText(limit.spec.start == limit::StartLevel::Full ? "full" : "empty")},
            {{}, "on_store_failure", printText(kPolicyNames[static_cast<std::size_t>(limit.onStoreFailure)])}};
}

std::vector<TomlField> fieldsOf(const LimitEntry &limit)
{
    std::vector<TomlField> fields{{{}, "name", printText(limit.name)}, {{}, "enabled", printBool(limit.isOn)}};
    const std::vector<TomlField> match = matchFields(limit.match), numbers = globalFieldsOf(limit);
    fields.insert(fields.end(), match.begin(), match.end());
    fields.push_back(
        {{}, "key", printList(limit.key, [](const KeyPart &part) { return printText(printKeyPart(part)); })});
    fields.push_back({{}, "algorithm", printText(limit::nameOf(limit.spec.algorithm))});
    fields.insert(fields.end(), numbers.begin(), numbers.end() - 1);
    fields.push_back({{}, "cost", std::to_string(limit.cost.cost)});
    fields.push_back({{}, "cost_by_route", printList(limit.cost.routes, printRoute)});
    fields.push_back({{}, "cost_header", printText(limit.cost.header)});
    fields.push_back(numbers.back());
    fields.push_back({{}, "shadow", printBool(limit.isShadow)});
    return fields;
}

std::vector<TomlField> sectionFieldsOf(const LimitSet &limitSet)
{
    std::vector<TomlField> fields = accessFields("allow", limitSet.allow);
    const std::vector<TomlField> block = accessFields("block", limitSet.block);
    fields.insert(fields.end(), block.begin(), block.end());
    fields.push_back({"keys", "ipv6_prefix", std::to_string(limitSet.keys.ipv6Prefix)});
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

// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/toml_tree.h"

#include <algorithm>

// Only the parser, within this file: faults as values, no writer, no library to link.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#include <toml++/toml.h>

#include "core/config/toml_scan.h"

namespace weir::config {
namespace {

using Kind = TomlNode::Kind;

int lineOf(const toml::source_region &region)
{
    return static_cast<int>(region.begin.line);
}

TomlNode convert(const toml::node &node);

void fillTable(TomlNode &result, const toml::table &table)
{
    struct Entry {
        const toml::key *key;
        const toml::node *value;
    };
    std::vector<Entry> entries;
    for (const auto &[key, value] : table)
        entries.push_back({&key, &value});
    // The parser keeps them by name; a person reads them from the top.
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry &a, const Entry &b) { return a.key->source().begin < b.key->source().begin; });
    for (const auto &[key, value] : entries) {
        TomlNode child = convert(*value);
        child.key = std::string{key->str()};
        // A value may start on a later line than what is at fault, and a list of tables stands at its first header.
        if (lineOf(key->source()) > 0)
            child.line = lineOf(key->source());
        result.children.push_back(std::move(child));
    }
}

// Not deeper than findUnreadable() lets through.
TomlNode convert(const toml::node &node)
{
    TomlNode result;
    result.line = lineOf(node.source());
    if (const auto *text = node.as_string()) {
        result.kind = Kind::Text;
        result.text = text->get();
    } else if (const auto *whole = node.as_integer()) {
        result.kind = Kind::Whole;
        result.whole = whole->get();
    } else if (node.is_floating_point()) {
        result.kind = Kind::Real;
    } else if (const auto *flag = node.as_boolean()) {
        result.kind = Kind::Flag;
        result.flag = flag->get();
    } else if (const auto *list = node.as_array()) {
        result.kind = Kind::List;
        for (const toml::node &item : *list)
            result.children.push_back(convert(item));
    } else if (const auto *table = node.as_table()) {
        result.kind = Kind::Table;
        fillTable(result, *table);
    } else {
        result.kind = Kind::Date;
    }
    return result;
}

// The fault that people make: a word or a duration without quotes.
std::string hintFor(std::string_view problem)
{
    for (const std::string_view kind : {"integer:", "floating-point:", "boolean:", "value type", "date:", "time:"})
        if (problem.find(kind) != std::string_view::npos)
            return "quotes around text and durations, such as \"1min\"";
    return {};
}

} // namespace

std::variant<TomlNode, TomlFault> parseToml(std::string_view text)
{
    if (auto fault = findUnreadable(text))
        return *std::move(fault);
    const toml::parse_result parsed = toml::parse(text);
    if (parsed)
        return convert(parsed.table());
    const toml::parse_error &error = parsed.error();
    std::string problem{error.description()};
    if (!problem.empty() && problem.front() == 'E') // "Error while ..."
        problem.front() = 'e';
    const std::string hint = hintFor(problem);
    return TomlFault{lineOf(error.source()), static_cast<int>(error.source().begin.column), problem, hint};
}

} // namespace weir::config

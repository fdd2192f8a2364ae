// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/table_reader.h"

#include <algorithm>
#include <limits>

#include "core/base/nearest_word.h"
#include "core/config/shown_text.h"

namespace weir::config {
namespace {

using Kind = TomlNode::Kind;

// A scalar as text, where a value of `form` is written like that in a file; else nothing.
std::optional<std::string> textOf(const TomlNode &node, Form form)
{
    switch (form) {
    case Form::Switch:
        return node.kind == Kind::Flag ? std::optional{std::string{node.flag ? "true" : "false"}} : std::nullopt;
    case Form::SwitchOrWord:
        if (node.kind == Kind::Flag)
            return std::string{node.flag ? "true" : "false"};
        break;
    case Form::Whole:
        return node.kind == Kind::Whole ? std::optional{std::to_string(node.whole)} : std::nullopt;
    case Form::Size:
        if (node.kind == Kind::Whole)
            return std::to_string(node.whole);
        break;
    default:
        break;
    }
    return node.kind == Kind::Text ? std::optional{node.text} : std::nullopt;
}

// What would be right instead of a value of another kind.
std::string hintFor(const TomlNode &node, Form form, const std::string &hint)
{
    const bool isInQuotes = node.kind == Kind::Text;
    switch (form) {
    case Form::Switch:
        return isInQuotes ? "true or false, without quotes" : "true or false";
    case Form::Whole:
        return hint + (isInQuotes ? ", without quotes" : "");
    case Form::Size:
        return "a whole number and one of B KiB MiB GiB in quotes, such as \"64KiB\"";
    case Form::Duration:
        return node.kind == Kind::Whole && node.whole >= 0
                   ? "a unit and quotes, such as \"" + std::to_string(node.whole) + "s\""
                   : "a number and one of us ms s min h d in quotes, such as \"10s\" or \"1min\"";
    default:
        return hint;
    }
}

} // namespace

std::string canonicalKey(std::string_view key)
{
    std::string result{key};
    std::replace(result.begin(), result.end(), '-', '_');
    return result;
}

std::string kindOf(const TomlNode &node)
{
    switch (node.kind) {
    case Kind::Text:
        return shownInQuotes(node.text) + " is a string";
    case Kind::Whole:
        return std::to_string(node.whole) + " is a number";
    case Kind::Real:
        return "it is a number with a fraction";
    case Kind::Flag:
        return std::string{node.flag ? "true" : "false"} + " is a switch";
    case Kind::Date:
        return "it is a date or a time";
    case Kind::List:
        return "it is a list";
    case Kind::Table:
        return "it is a table";
    }
    return {};
}

TableReader::TableReader(const TomlNode &table, std::string path, FileIssues &issues)
    : m_table{table}, m_path{std::move(path)}, m_issues{issues}
{
    if (!m_path.empty())
        m_issues.seen(m_path, m_table.line);
    if (m_table.kind != Kind::Table) {
        m_issues.fail(m_table.line, m_path, kindOf(m_table), "a table, such as [" + m_path + "] and its keys below it");
        return;
    }
    for (const TomlNode &child : m_table.children) {
        const std::string at = pathOf(canonicalKey(child.key));
        if (m_issues.isSaid(at) && find(canonicalKey(child.key)) != &child)
            m_issues.fail(child.line, at, "it is given twice, with _ and with -", "one of them");
        m_issues.seen(at, child.line);
    }
}

std::string TableReader::pathOf(std::string_view key) const
{
    return m_path.empty() ? std::string{key} : m_path + "." + std::string{key};
}

const TomlNode *TableReader::find(std::string_view key) const
{
    if (m_table.kind != Kind::Table)
        return nullptr;
    for (const TomlNode &child : m_table.children)
        if (canonicalKey(child.key) == key)
            return &child;
    return nullptr;
}

bool TableReader::has(std::string_view key) const
{
    return find(key) != nullptr;
}

const TomlNode *TableReader::node(const std::string &key)
{
    m_known.push_back(key);
    return find(key);
}

const TomlNode *TableReader::misspelt(const std::string &name, const std::vector<std::string> &names) const
{
    for (const TomlNode &child : m_table.children) {
        const bool isTable =
            child.kind == Kind::Table
            || (child.kind == Kind::List && !child.children.empty() && child.children.front().kind == Kind::Table);
        if (isTable && std::find(names.begin(), names.end(), child.key) == names.end()
            && nearestWord(canonicalKey(child.key), names) == name)
            return &child;
    }
    return nullptr;
}

void TableReader::fail(const std::string &key, std::string problem, std::string hint)
{
    m_issues.fail(pathOf(key), std::move(problem), std::move(hint));
}

std::vector<TableReader::Item> TableReader::itemsOf(const TomlNode &list, const std::string &path,
                                                    const std::string &hint)
{
    std::vector<Item> items;
    for (std::size_t i = 0; i < list.children.size(); ++i) {
        const TomlNode &child = list.children[i];
        std::string at = path + "[" + std::to_string(i + 1) + "]";
        m_issues.seen(at, child.line);
        if (child.kind == Kind::Text)
            items.push_back({child.text, std::move(at)});
        else
            m_issues.fail(at, kindOf(child), hint);
    }
    return items;
}

std::optional<std::vector<TableReader::Item>> TableReader::items(const std::string &key, Form form,
                                                                 const std::string &hint)
{
    const TomlNode *found = node(key);
    if (!found)
        return std::nullopt;
    if (form == Form::List && found->kind == Kind::List)
        return itemsOf(*found, pathOf(key), hint);
    if (auto text = textOf(*found, form))
        return std::vector<Item>{{*std::move(text), pathOf(key)}};
    fail(key, kindOf(*found), hintFor(*found, form, hint));
    return std::nullopt;
}

std::optional<std::string> TableReader::text(const std::string &key, const std::string &hint)
{
    auto found = items(key, Form::Text, hint);
    return found ? std::optional{std::move(found->front().text)} : std::nullopt;
}

std::optional<std::vector<TableReader::Item>> TableReader::texts(const std::string &key, const std::string &hint)
{
    return items(key, Form::List, hint);
}

std::optional<std::int64_t> TableReader::whole(const std::string &key, const std::string &hint)
{
    constexpr Range<std::int64_t> kAny{std::numeric_limits<std::int64_t>::min(),
                                       std::numeric_limits<std::int64_t>::max()};
    const auto found = items(key, Form::Whole, hint);
    return found ? std::optional{std::get<std::int64_t>(readWhole(found->front().text, kAny))} : std::nullopt;
}

void TableReader::reportUnknown(const std::function<std::string(const std::string &)> &elsewhere)
{
    if (m_table.kind != Kind::Table)
        return;
    for (const TomlNode &child : m_table.children) {
        const std::string key = canonicalKey(child.key);
        if (std::find(m_known.begin(), m_known.end(), key) != m_known.end())
            continue;
        const std::string path = pathOf(shown(child.key));
        const std::string nearest = nearestWord(key, m_known);
        const std::string home = elsewhere ? elsewhere(key) : std::string{};
        std::string hint = !home.empty() ? home : nearest.empty() ? oneOf(m_known) : "Did you mean " + nearest + "?";
        m_issues.fail(child.line, path, "there is no such key", std::move(hint));
    }
}

} // namespace weir::config

// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/table_reader.h"

#include <algorithm>

#include "core/base/byte_size.h"
#include "core/base/nearest_word.h"
#include "core/config/shown_text.h"

namespace weir::config {
namespace {

using Kind = TomlNode::Kind;

std::string wholeRange(std::int64_t least, std::int64_t most)
{
    return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

constexpr const char *kDurationHint =
    "a whole number and one of us ms s min h d in quotes, such as \"10s\" or \"1min\"";
constexpr const char *kSizeHint = "a whole number and one of B KiB MiB GiB in quotes, such as \"64KiB\"";

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

void TableReader::fail(const std::string &key, std::string problem, std::string hint)
{
    m_issues.fail(pathOf(key), std::move(problem), std::move(hint));
}

void TableReader::failKind(const std::string &key, const TomlNode &node, const std::string &hint)
{
    fail(key, kindOf(node), hint);
}

std::optional<std::int64_t> TableReader::whole(const std::string &key, const std::string &hint)
{
    const TomlNode *found = node(key);
    if (!found)
        return std::nullopt;
    if (found->kind == Kind::Whole)
        return found->whole;
    failKind(key, *found, hint + (found->kind == Kind::Text ? ", without quotes" : ""));
    return std::nullopt;
}

std::optional<std::int64_t> TableReader::whole(const std::string &key, std::int64_t least, std::int64_t most)
{
    const auto number = whole(key, wholeRange(least, most));
    if (!number || (*number >= least && *number <= most))
        return number;
    fail(key, std::to_string(*number) + " is out of range", wholeRange(least, most));
    return std::nullopt;
}

std::optional<bool> TableReader::flag(const std::string &key)
{
    const TomlNode *found = node(key);
    if (!found)
        return std::nullopt;
    if (found->kind == Kind::Flag)
        return found->flag;
    failKind(key, *found, found->kind == Kind::Text ? "true or false, without quotes" : "true or false");
    return std::nullopt;
}

std::optional<std::string> TableReader::text(const std::string &key, const std::string &hint)
{
    const TomlNode *found = node(key);
    if (!found)
        return std::nullopt;
    if (found->kind == Kind::Text)
        return found->text;
    failKind(key, *found, hint);
    return std::nullopt;
}

std::optional<std::size_t> TableReader::word(const std::string &key, const std::vector<std::string> &words)
{
    const auto said = text(key, oneOf(words) + ", in quotes");
    if (!said)
        return std::nullopt;
    const auto found = std::find(words.begin(), words.end(), *said);
    if (found != words.end())
        return static_cast<std::size_t>(found - words.begin());
    const std::string nearest = nearestWord(*said, words);
    fail(key, shownInQuotes(*said) + " is not known",
         nearest.empty() ? oneOf(words) : "Did you mean \"" + nearest + "\"?");
    return std::nullopt;
}

std::optional<Micros> TableReader::duration(const std::string &key)
{
    const TomlNode *found = node(key);
    if (!found)
        return std::nullopt;
    if (found->kind != Kind::Text) {
        const bool isBare = found->kind == Kind::Whole && found->whole >= 0;
        failKind(key, *found,
                 isBare ? "a unit and quotes, such as \"" + std::to_string(found->whole) + "s\"" : kDurationHint);
        return std::nullopt;
    }
    const auto read = parseDuration(found->text);
    if (!read)
        fail(key, shownInQuotes(found->text) + " is not a duration", kDurationHint);
    return read;
}

std::optional<Micros> TableReader::duration(const std::string &key, Range<Micros> range)
{
    const auto read = duration(key);
    if (!read || range.holds(*read))
        return read;
    fail(key, printDurationSpaced(*read) + " is out of range",
         "a duration from " + printDuration(range.least) + " to " + printDuration(range.most));
    return std::nullopt;
}

std::optional<std::uint64_t> TableReader::byteSize(const std::string &key, Range<std::uint64_t> range)
{
    const TomlNode *found = node(key);
    if (!found)
        return std::nullopt;
    std::optional<std::uint64_t> bytes;
    if (found->kind == Kind::Whole && found->whole >= 0)
        bytes = static_cast<std::uint64_t>(found->whole);
    else if (found->kind == Kind::Text)
        bytes = parseByteSize(found->text);
    if (bytes && range.holds(*bytes))
        return bytes;
    if (bytes)
        fail(key, printByteSizeSpaced(*bytes) + " is out of range",
             "a size from " + printByteSize(range.least) + " to " + printByteSize(range.most));
    else if (found->kind == Kind::Text)
        fail(key, shownInQuotes(found->text) + " is not a size", kSizeHint);
    else if (found->kind == Kind::Whole)
        fail(key, std::to_string(found->whole) + " is negative", kSizeHint);
    else
        failKind(key, *found, kSizeHint);
    return std::nullopt;
}

std::optional<std::vector<TableReader::Item>> TableReader::texts(const std::string &key, const std::string &hint)
{
    const TomlNode *found = node(key);
    if (!found)
        return std::nullopt;
    if (found->kind == Kind::Text)
        return std::vector<Item>{{found->text, pathOf(key)}};
    if (found->kind != Kind::List) {
        failKind(key, *found, hint);
        return std::nullopt;
    }
    std::vector<Item> items;
    for (std::size_t i = 0; i < found->children.size(); ++i) {
        const TomlNode &child = found->children[i];
        std::string path = pathOf(key) + "[" + std::to_string(i + 1) + "]";
        m_issues.seen(path, child.line);
        if (child.kind == Kind::Text)
            items.push_back({child.text, std::move(path)});
        else
            m_issues.fail(path, kindOf(child), hint);
    }
    return items;
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

// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/toml_reader.h"

#include <algorithm>

#include "core/base/byte_size.h"
#include "core/config/limit_section.h"
#include "core/config/limit_set.h"
#include "core/config/setting_section.h"

namespace weir::config {
namespace {

ConfigFile unreadable(FileIssue issue)
{
    ConfigFile file;
    file.issues.push_back(std::move(issue));
    return file;
}

const std::vector<std::string> kTables{"server", "redis", "keys", "allow", "block", "limit"};

void readSection(TableReader &root, const std::string &name, FileIssues &issues, const auto &read)
{
    const TomlNode *node = root.node(name);
    if (!node)
        node = root.misspelt(name, kTables);
    if (!node)
        return;
    TableReader table{*node, name, issues};
    if (node->kind == TomlNode::Kind::Table)
        read(table);
}

// The numbers above all tables are those of `global`; beside a [[limit]] it would not be clear what they are for.
void refuseTwoWays(TableReader &root, FileIssues &issues)
{
    for (const char *key : {"capacity", "refill", "every", "start", "on_store_failure"})
        if (root.has(key))
            issues.fail(key, "it is for a file without [[limit]]", "Put it in a [[limit]]");
}

// The paths that could not be read; what is checked after that says nothing about them.
using Misread = std::set<std::string>;

// Whether what `path` is checked against could not be read.
bool isCheckedAgainstUnknown(const std::string &path, const Misread &misread)
{
    const std::string limit = path.substr(0, path.find(']') + 1);
    const bool isOfCapacity = path.ends_with(".refill") || path.ends_with(".cost");
    return isOfCapacity && (misread.count(limit + ".capacity") > 0 || misread.count(limit + ".algorithm") > 0);
}

// Whether the numbers in `path` may not be those of the file: another item of the list could not be read.
bool isMiscounted(const std::string &path, const Misread &misread)
{
    const std::size_t bracket = path.rfind('[');
    if (bracket == std::string::npos)
        return false;
    const std::string list = path.substr(0, bracket + 1);
    return std::any_of(misread.lower_bound(list), misread.end(), [&](const std::string &other) {
        return other.starts_with(list) && other.find(']', list.size()) + 1 == other.size();
    });
}

void checkLimits(const LimitSet &limitSet, FileIssues &issues)
{
    const Misread misread = issues.failed();
    for (ConfigIssue &issue : check(limitSet))
        if (misread.count(issue.where) == 0 && !isCheckedAgainstUnknown(issue.where, misread)
            && !isMiscounted(issue.where, misread))
            issues.fail(issue.where, std::move(issue.problem), std::move(issue.hint));
    if (issues.failed().empty())
        for (ConfigIssue &issue : warningsOf(limitSet))
            issues.warn(issue.where, std::move(issue.problem), std::move(issue.hint));
}

void checkGlobalLimit(const LimitWish &wish, FileIssues &issues)
{
    for (ConfigIssue &issue : check(wish.appliedTo(limit::LimitSpec{})))
        if (!issues.hasFailed(issue.where) && !issues.hasFailed("capacity"))
            issues.fail(issue.where, std::move(issue.problem), std::move(issue.hint));
}

std::string homeOf(const std::string &key)
{
    for (const auto &say : {homeOfSetting, homeOfLimitKey, ownWordFor})
        if (std::string sentence = say(key); !sentence.empty())
            return sentence;
    return {};
}

Config readRoot(const TomlNode &node, FileIssues &issues)
{
    Config config;
    TableReader root{node, {}, issues};
    for (const char *name : {"server", "redis", "keys"})
        readSection(root, name, issues, [&](TableReader &table) {
            readSettings(table, name, config);
            table.reportUnknown(homeOfSetting);
        });
    readSection(root, "allow", issues, [&](TableReader &table) { config.limitSet.allow = readAccessList(table); });
    readSection(root, "block", issues, [&](TableReader &table) { config.limitSet.block = readAccessList(table); });
    readSettings(root, {}, config);
    const TomlNode *limits = root.node("limit");
    if (!limits)
        limits = root.misspelt("limit", kTables); // what is wrong in it is told all the same
    if (limits) {
        config.limitSet.limits = readLimits(*limits, issues);
        refuseTwoWays(root, issues);
    } else {
        checkGlobalLimit(config.limit, issues);
    }
    checkLimits(config.limitSet, issues);
    root.reportUnknown(homeOf);
    return config;
}

} // namespace

bool ConfigFile::isUsable() const
{
    return std::all_of(issues.begin(), issues.end(), [](const FileIssue &issue) { return issue.isWarning; });
}

ConfigFile readConfigText(std::string_view text)
{
    if (text.size() > kMostFileBytes)
        return unreadable(
            {0, 0, false, {{}, "the file has more than " + printByteSizeSpaced(kMostFileBytes), "a configuration"}});
    auto parsed = parseToml(text);
    if (auto *fault = std::get_if<TomlFault>(&parsed))
        return unreadable({fault->line, fault->column, false, {{}, std::move(fault->problem), std::move(fault->hint)}});
    return readConfigTree(std::get<TomlNode>(parsed));
}

ConfigFile readConfigTree(const TomlNode &tree)
{
    FileIssues issues;
    ConfigFile file;
    file.config = readRoot(tree, issues);
    file.issues = issues.sorted();
    file.lines = issues.lines();
    file.failed = issues.failed();
    return file;
}

} // namespace weir::config

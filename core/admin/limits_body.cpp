// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/limits_body.h"

#include <algorithm>

#include <QJsonArray>

#include "core/admin/json_tree.h"
#include "core/admin/limits_json.h"
#include "core/base/nearest_word.h"
#include "core/config/limit_set.h"
#include "core/config/shown_text.h"
#include "core/config/toml_reader.h"

namespace weir::admin {
namespace {

using namespace Qt::StringLiterals;

const std::vector<std::string> kSections{"limit", "allow", "block", "keys"};

// The only limit of a document of its own.
std::string inLimit(const std::string &where)
{
    const std::string whole = "limit[1]";
    if (where == whole)
        return {};
    return where.starts_with(whole + ".") ? where.substr(whole.size() + 1) : where;
}

config::LimitSet read(const QJsonObject &document, Faults &faults)
{
    const config::TomlNode tree = treeOf(document, {}, faults);
    config::ConfigFile file = config::readConfigTree(tree);
    for (config::FileIssue &issue : file.issues)
        if (!issue.isWarning)
            faults.push_back(std::move(issue.issue));
    return std::move(file.config.limitSet);
}

bool isWindow(const QJsonObject &limit)
{
    const auto algorithm = limit::algorithmOf(limit.value(u"algorithm"_s).toString().toStdString());
    return algorithm && limit::isWindow(*algorithm);
}

// The refill of a window is its capacity, so it says nothing when the capacity or the algorithm becomes another one.
QJsonObject merged(const QJsonObject &present, const QJsonObject &body)
{
    QJsonObject limit = present;
    bool isRefillSaid = false;
    for (auto field = body.begin(); field != body.end(); ++field) {
        const QString key = QString{field.key()}.replace(u'-', u'_');
        isRefillSaid = isRefillSaid || key == u"refill"_s;
        if (field.value().isNull())
            limit.remove(key);
        else
            limit.insert(key, field.value());
    }
    if (!isRefillSaid && (isWindow(present) || isWindow(limit)))
        limit.remove(u"refill"_s);
    return limit;
}

void checkAll(ReadLimits &result)
{
    if (result.faults.empty())
        result.faults = config::check(result.set);
}

// Who sends back what was shown changes nothing.
void restoreHidden(config::AccessList &list, const config::AccessList &present, const config::LimitSet &set)
{
    for (config::KeyValue &key : list.keys)
        for (const config::KeyValue &own : present.keys)
            if (key.part == own.part && key.value == hiddenValue(own, set))
                key.value = own.value;
}

} // namespace

ReadLimits withLimit(const config::LimitSet &present, const std::string &name, const QJsonObject &body)
{
    ReadLimits result{present};
    auto place = std::find_if(result.set.limits.begin(), result.set.limits.end(),
                              [&](const config::LimitEntry &limit) { return limit.name == name; });
    result.isNew = place == result.set.limits.end();
    if (const QJsonValue given = body.value(u"name"_s); !given.isUndefined() && given != textOf(name))
        result.faults.push_back(
            {"name", "it is not the name in the path", "none, or PUT /v1/limits to give limits other names"});
    QJsonObject limit = merged(result.isNew ? QJsonObject{} : jsonOf(*place), body);
    limit.insert(u"name"_s, textOf(name));
    const config::LimitSet one = read({{u"limit"_s, QJsonArray{limit}}}, result.faults);
    for (config::ConfigIssue &fault : result.faults)
        fault.where = inLimit(fault.where);
    if (!result.faults.empty())
        return result;
    if (result.isNew)
        result.set.limits.push_back(one.limits.front());
    else
        *place = one.limits.front();
    checkAll(result);
    return result;
}

ReadLimits withAll(const config::LimitSet &present, const QJsonObject &body)
{
    ReadLimits result;
    for (const QString &key : body.keys())
        if (const std::string name = key.toStdString();
            std::find(kSections.begin(), kSections.end(), name) == kSections.end()) {
            const std::string nearest = nearestWord(name, kSections);
            result.faults.push_back(
                {config::shown(name), "there is no such key", nearest.empty() ? config::oneOf(kSections) : nearest});
        }
    if (!body.contains(u"limit"_s))
        result.faults.push_back({"limit", "there is no limit in it", "a list of all limits"});
    QJsonObject known;
    for (const std::string &section : kSections)
        if (const QString key = textOf(section); body.contains(key))
            known.insert(key, body.value(key));
    result.set = read(known, result.faults);
    if (body.contains(u"allow"_s))
        restoreHidden(result.set.allow, present.allow, present);
    else
        result.set.allow = present.allow;
    if (body.contains(u"block"_s))
        restoreHidden(result.set.block, present.block, present);
    else
        result.set.block = present.block;
    if (!body.contains(u"keys"_s))
        result.set.keys = present.keys;
    checkAll(result);
    return result;
}

ReadLimits without(const config::LimitSet &present, const std::string &name)
{
    ReadLimits result{present};
    const auto gone =
        std::erase_if(result.set.limits, [&](const config::LimitEntry &limit) { return limit.name == name; });
    if (gone == 0)
        result.faults.push_back({"name", "there is no limit of that name", {}});
    checkAll(result);
    if (result.set.limits.empty() && result.faults.empty())
        result.faults.push_back({"name", "it is the only limit", {}});
    return result;
}

} // namespace weir::admin

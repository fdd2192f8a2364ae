// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/limits_json.h"

#include <algorithm>

#include <QJsonArray>

#include "core/admin/json_tree.h"
#include "core/config/toml_values.h"
#include "core/policy/request_values.h"
#include "core/policy/subject_key.h"
#include "core/policy/value_hash.h"

namespace weir::admin {
namespace {

using namespace Qt::StringLiterals;

// What a file would say of `fields` is what is parsed, so JSON and files cannot part.
QJsonObject objectOf(const std::vector<config::TomlField> &fields)
{
    std::string text;
    for (const config::TomlField &field : fields)
        text.append(field.table).append(field.table.empty() ? "" : ".").append(field.key + " = " + field.value + "\n");
    const auto parsed = config::parseToml(text);
    const auto *node = std::get_if<config::TomlNode>(&parsed);
    return node ? jsonOf(*node).toObject() : QJsonObject{};
}

bool saysNothing(const config::TomlField &field)
{
    return field.table == "match" && (field.value == "\"\"" || field.value == "[]" || field.value == "{}");
}

// Hidden by default, or by one of the limits.
bool isHidden(const config::KeyPart &part, const config::LimitSet &set)
{
    const policy::ValueSource source{part};
    return policy::isHidden(part, config::HashKey::Credentials)
           || std::any_of(set.limits.begin(), set.limits.end(), [&](const config::LimitEntry &limit) {
                  return limit.hashKey == config::HashKey::Always
                         && std::any_of(limit.key.begin(), limit.key.end(), [&](const config::KeyPart &other) {
                                return policy::ValueSource{other} == source;
                            });
              });
}

void hideValues(config::AccessList &list, const config::LimitSet &set)
{
    for (config::KeyValue &key : list.keys)
        key.value = hiddenValue(key, set);
}

} // namespace

QJsonObject jsonOf(const config::LimitEntry &limit)
{
    std::vector<config::TomlField> fields = config::fieldsOf(limit);
    std::erase_if(fields, saysNothing);
    QJsonObject object = objectOf(fields);
    if (!object.contains(u"match"_s))
        object.insert(u"match"_s, QJsonObject{});
    return object;
}

QJsonObject jsonOf(const config::LimitSet &set)
{
    config::LimitSet shown = set;
    hideValues(shown.allow, set);
    hideValues(shown.block, set);
    QJsonObject object = objectOf(config::sectionFieldsOf(shown));
    QJsonArray limits;
    for (const config::LimitEntry &limit : set.limits)
        limits.append(jsonOf(limit));
    object.insert(u"limit"_s, limits);
    return object;
}

std::string hiddenValue(const config::KeyValue &key, const config::LimitSet &set)
{
    if (policy::isValueHash(key.value) || !isHidden(key.part, set))
        return key.value;
    const std::string value = policy::valueFor(policy::ValueSource{key.part}, key.value);
    return policy::valueHash(set.keys.folds ? policy::lowerOf(value) : value);
}

} // namespace weir::admin

// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/json_tree.h"

#include <cmath>
#include <limits>

#include <QJsonArray>
#include <QJsonObject>

#include "core/admin/admin_answers.h"
#include "core/config/shown_text.h"

namespace weir::admin {
namespace {

using Kind = config::TomlNode::Kind;

constexpr int kDeepest = 16; // "limit", its place, "match", "header", a name, its place: six

// Whole numbers beyond what fits are still whole, and out of every range.
void setNumber(double number, qint64 whole, config::TomlNode &node)
{
    constexpr double kEnd = 9.0e18;
    node.kind = std::trunc(number) == number ? Kind::Whole : Kind::Real;
    node.whole = whole;
    if (number > kEnd)
        node.whole = std::numeric_limits<std::int64_t>::max();
    if (number < -kEnd)
        node.whole = std::numeric_limits<std::int64_t>::min();
}

class TreeMaker {
public:
    explicit TreeMaker(std::vector<config::ConfigIssue> &faults) : m_faults{faults} {}

    config::TomlNode make(const QJsonValue &value, const std::string &path, int depth)
    {
        config::TomlNode node;
        switch (value.type()) {
        case QJsonValue::Bool:
            node.kind = Kind::Flag;
            node.flag = value.toBool();
            break;
        case QJsonValue::Double:
            setNumber(value.toDouble(), value.toInteger(), node);
            break;
        case QJsonValue::Array:
            node.kind = Kind::List;
            addItems(value.toArray(), path, depth, node);
            break;
        case QJsonValue::Object:
            addEntries(value.toObject(), path, depth, node);
            break;
        default:
            node.kind = Kind::Text;
            node.text = value.toString().toStdString();
        }
        return node;
    }

private:
    void addItems(const QJsonArray &items, const std::string &path, int depth, config::TomlNode &node)
    {
        for (qsizetype i = 0; i < items.size(); ++i) {
            const std::string at = path + "[" + std::to_string(i + 1) + "]";
            if (isSayable(items[i], at, depth))
                node.children.push_back(make(items[i], at, depth + 1));
        }
    }

    void addEntries(const QJsonObject &entries, const std::string &path, int depth, config::TomlNode &node)
    {
        for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
            const std::string key = entry.key().toStdString();
            const std::string at = path.empty() ? config::shown(key) : path + "." + config::shown(key);
            if (!isSayable(entry.value(), at, depth))
                continue;
            node.children.push_back(make(entry.value(), at, depth + 1));
            node.children.back().key = key;
        }
    }

    bool isSayable(const QJsonValue &value, const std::string &path, int depth)
    {
        if (value.isNull())
            m_faults.push_back({path, "null is no value here", "a value, or nothing at all"});
        else if (depth >= kDeepest)
            m_faults.push_back({path, "it is nested deeper than any limit", "what GET answers with, as an example"});
        else
            return true;
        return false;
    }

    std::vector<config::ConfigIssue> &m_faults;
};

} // namespace

QJsonValue jsonOf(const config::TomlNode &node)
{
    switch (node.kind) {
    case Kind::Whole:
        return qint64{node.whole};
    case Kind::Flag:
        return node.flag;
    case Kind::List: {
        QJsonArray items;
        for (const config::TomlNode &child : node.children)
            items.append(jsonOf(child));
        return items;
    }
    case Kind::Table: {
        QJsonObject entries;
        for (const config::TomlNode &child : node.children)
            entries.insert(textOf(child.key), jsonOf(child));
        return entries;
    }
    default:
        return textOf(node.text);
    }
}

config::TomlNode treeOf(const QJsonValue &value, const std::string &path, std::vector<config::ConfigIssue> &faults)
{
    return TreeMaker{faults}.make(value, path, 0);
}

} // namespace weir::admin

// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/access_text.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <limits>

#include "core/config/key_text.h"
#include "core/config/limit_set.h"
#include "ui/limits/limit_text.h"
#include "ui/words/word_list.h"

namespace weir::ui {
namespace {

QString translated(const char *text)
{
    return QCoreApplication::translate("access_text", text);
}

QString networksText(const config::AccessList &list)
{
    QStringList lines;
    for (const Network &network : list.networks)
        lines << QString::fromStdString(printNetwork(network));
    return lines.join(u'\n');
}

QString keysText(const config::AccessList &list)
{
    QStringList lines;
    for (const config::KeyValue &key : list.keys)
        lines << QString::fromStdString(config::printKeyValue(key));
    return lines.join(u'\n');
}

void readNetworks(const AccessText &texts, AccessField field, config::AccessList &list,
                  std::vector<AccessIssue> &issues)
{
    const auto words = splitWords(texts[field]);
    if (!words)
        issues.push_back({field, translated("A quote is not closed.")});
    for (const QString &word : words.value_or(QStringList())) {
        const auto read = parseNetwork(word.toStdString());
        if (const auto *fault = std::get_if<ValueFault>(&read))
            issues.push_back({field, issueSentence('"' + word.toStdString() + "\" " + fault->problem, fault->hint)});
        else
            list.networks.push_back(std::get<Network>(read));
    }
}

QString pathsText(const config::AccessList &list)
{
    QStringList lines;
    for (const std::string &path : list.paths)
        lines << QString::fromStdString(path);
    return lines.join(u'\n');
}

void readPaths(const QString &text, config::AccessList &list)
{
    for (const QString &line : text.split(u'\n'))
        if (const QString path = line.trimmed(); !path.isEmpty())
            list.paths.push_back(path.toStdString());
}

// What is behind the "=" belongs to the value to the last space: it is compared as it is sent.
void readKeys(const AccessText &texts, AccessField field, config::AccessList &list, std::vector<AccessIssue> &issues)
{
    for (const QString &line : texts[field].split(u'\n')) {
        if (line.trimmed().isEmpty())
            continue;
        const auto read = config::parseKeyValue(line.toStdString());
        if (const auto *fault = std::get_if<ValueFault>(&read))
            issues.push_back({field, issueSentence(fault->problem, fault->hint)});
        else
            list.keys.push_back(std::get<config::KeyValue>(read));
    }
}

std::int64_t readNumber(const AccessText &texts, AccessField field, std::int64_t otherwise,
                        std::vector<AccessIssue> &issues)
{
    bool isNumber = false;
    const qint64 number = texts[field].trimmed().toLongLong(&isNumber);
    if (isNumber)
        return number;
    issues.push_back({field, translated("Write a whole number.")});
    return otherwise;
}

} // namespace

AccessText accessTextOf(const config::LimitSet &set)
{
    AccessText texts;
    texts[AccessField::BlockNetworks] = networksText(set.block);
    texts[AccessField::BlockPaths] = pathsText(set.block);
    texts[AccessField::BlockKeys] = keysText(set.block);
    texts[AccessField::AllowNetworks] = networksText(set.allow);
    texts[AccessField::AllowPaths] = pathsText(set.allow);
    texts[AccessField::AllowKeys] = keysText(set.allow);
    texts[AccessField::Ipv6Prefix] = QString::number(set.keys.ipv6Prefix);
    texts[AccessField::Folds] = set.keys.folds ? kYes : kNo;
    texts[AccessField::MaxLive] = QString::number(set.keys.maxLive);
    return texts;
}

ReadAccess readAccess(const AccessText &texts)
{
    ReadAccess read;
    readNetworks(texts, AccessField::BlockNetworks, read.block, read.issues);
    readPaths(texts[AccessField::BlockPaths], read.block);
    readKeys(texts, AccessField::BlockKeys, read.block, read.issues);
    readNetworks(texts, AccessField::AllowNetworks, read.allow, read.issues);
    readPaths(texts[AccessField::AllowPaths], read.allow);
    readKeys(texts, AccessField::AllowKeys, read.allow, read.issues);
    const std::int64_t bits = readNumber(texts, AccessField::Ipv6Prefix, read.keys.ipv6Prefix, read.issues);
    constexpr std::int64_t kMost = std::numeric_limits<int>::max();
    read.keys.ipv6Prefix = static_cast<int>(std::clamp<std::int64_t>(bits, -1, kMost));
    read.keys.folds = texts[AccessField::Folds] == kYes;
    read.keys.maxLive = readNumber(texts, AccessField::MaxLive, read.keys.maxLive, read.issues);
    return read;
}

AccessField accessFieldOf(std::string_view where)
{
    if (where.starts_with("keys.ipv6"))
        return AccessField::Ipv6Prefix;
    if (where.starts_with("keys."))
        return AccessField::MaxLive;
    const bool isKeys = where.find(".keys") != std::string_view::npos;
    const bool isPaths = where.find(".paths") != std::string_view::npos;
    if (where.starts_with("block"))
        return isKeys ? AccessField::BlockKeys : isPaths ? AccessField::BlockPaths : AccessField::BlockNetworks;
    return isKeys ? AccessField::AllowKeys : isPaths ? AccessField::AllowPaths : AccessField::AllowNetworks;
}

} // namespace weir::ui

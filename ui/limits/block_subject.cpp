// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/block_subject.h"

#include <QByteArray>
#include <QCoreApplication>
#include <algorithm>

#include "core/config/key_text.h"
#include "core/config/limit_set.h"
#include "ui/words/visible_text.h"

namespace weir::ui {
namespace {

QString translated(const char *text)
{
    return QCoreApplication::translate("block_subject", text);
}

std::string decoded(const std::string &subject)
{
    if (subject == "(empty)")
        return {};
    return QByteArray::fromPercentEncoding(QByteArray::fromStdString(subject)).toStdString();
}

template<class Entry>
void addOnce(std::vector<Entry> &list, const Entry &entry)
{
    if (std::find(list.begin(), list.end(), entry) == list.end())
        list.push_back(entry);
}

} // namespace

BlockEntry blockEntryOf(const std::vector<config::KeyPart> &key, const std::string &subject)
{
    if (key.empty() || subject.empty())
        return translated("All requests share this bucket");
    if (key.size() > 1)
        return translated("The key has several parts: write the one to turn away under Everybody");
    if (subject == "(others)" || subject == "(none)" || subject == "(several)")
        return translated("This bucket is shared by many");
    const config::KeyPart::Kind kind = key.front().kind;
    if (kind == config::KeyPart::Kind::Method || kind == config::KeyPart::Kind::Path)
        return translated("Paths and methods are not who is turned away: a path can be, under Everybody");
    if (kind == config::KeyPart::Kind::Ip && subject.front() == '#')
        return translated("The address is kept as a hash: see the request table for it");
    if (kind == config::KeyPart::Kind::Ip) {
        const auto network = parseNetwork(subject);
        if (const auto *read = std::get_if<Network>(&network))
            return *read;
        return translated("This is no address");
    }
    const config::KeyValue value{key.front(), decoded(subject)};
    const auto read = config::parseKeyValue(config::printKeyValue(value));
    if (const auto *fault = std::get_if<ValueFault>(&read))
        return QString::fromStdString(fault->problem);
    return value;
}

config::LimitSet withBlocked(config::LimitSet set, const BlockEntry &entry)
{
    if (const auto *network = std::get_if<Network>(&entry))
        addOnce(set.block.networks, *network);
    else if (const auto *value = std::get_if<config::KeyValue>(&entry))
        addOnce(set.block.keys, *value);
    return set;
}

QString blockEntryText(const BlockEntry &entry)
{
    if (const auto *network = std::get_if<Network>(&entry)) {
        const bool isOne = network->prefixBits == 128;
        return QString::fromStdString(isOne ? printIpAddress(network->base) : printNetwork(*network));
    }
    if (const auto *value = std::get_if<config::KeyValue>(&entry))
        return QString::fromStdString(value->part.name) + u' ' + visibleText(value->value);
    return {};
}

} // namespace weir::ui

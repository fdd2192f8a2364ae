// SPDX-License-Identifier: GPL-3.0-only
#include "app/deed_words.h"

#include <algorithm>

#include "core/config/key_text.h"

namespace weir::app {
namespace {

using Sentences = std::vector<std::string>;

const config::LimitEntry *limitOf(const config::LimitSet &set, const std::string &name)
{
    const auto found = std::find_if(set.limits.begin(), set.limits.end(),
                                    [&](const config::LimitEntry &limit) { return limit.name == name; });
    return found == set.limits.end() ? nullptr : &*found;
}

void tellLimits(Sentences &said, const config::LimitSet &before, const config::LimitSet &after)
{
    for (const config::LimitEntry &limit : after.limits) {
        const config::LimitEntry *old = limitOf(before, limit.name);
        config::LimitEntry same = old ? *old : limit;
        same.spec = limit.spec;
        same.isOn = limit.isOn;
        same.onStoreFailure = limit.onStoreFailure;
        if (!old)
            said.push_back("has added the limit " + limit.name);
        else if (old->isOn != limit.isOn)
            said.push_back("has switched the limit " + limit.name + (limit.isOn ? " on" : " off"));
        if (old && old->onStoreFailure != limit.onStoreFailure)
            said.push_back("has told the limit " + limit.name + " to "
                           + (limit.onStoreFailure == config::StoreFailurePolicy::Local    ? "decide by itself"
                              : limit.onStoreFailure == config::StoreFailurePolicy::Reject ? "reject"
                                                                                           : "allow")
                           + " while Redis is away");
        if (!(same == limit))
            said.push_back("has changed what the limit " + limit.name + " is for, or what it does");
    }
    for (const config::LimitEntry &limit : before.limits)
        if (!limitOf(after, limit.name))
            said.push_back("has removed the limit " + limit.name);
}

struct Entry {
    std::string whole;
    std::string told; ///< without what may be a credential
};

std::vector<Entry> entriesOf(const config::AccessList &list)
{
    std::vector<Entry> entries;
    for (const std::string &path : list.paths)
        entries.push_back({path, path});
    for (const Network &network : list.networks) {
        const std::string text = network.prefixBits == 128 ? printIpAddress(network.base) : printNetwork(network);
        entries.push_back({text, text});
    }
    for (const config::KeyValue &value : list.keys)
        entries.push_back({config::printKeyValue(value), "a value of " + config::printKeyPart(value.part)});
    return entries;
}

void tellList(Sentences &said, const config::AccessList &before, const config::AccessList &after,
              const std::string &begins, const std::string &ends, const std::string &last)
{
    const std::vector<Entry> old = entriesOf(before), now = entriesOf(after);
    const auto has = [](const std::vector<Entry> &list, const Entry &wanted) {
        return std::any_of(list.begin(), list.end(), [&](const Entry &entry) { return entry.whole == wanted.whole; });
    };
    for (const Entry &entry : now)
        if (!has(old, entry))
            said.push_back(begins + entry.told + last);
    for (const Entry &entry : old)
        if (!has(now, entry))
            said.push_back(ends + entry.told + last);
}

} // namespace

std::vector<std::string> deedsOf(const config::LimitSet &before, const config::LimitSet &after)
{
    Sentences said;
    tellLimits(said, before, after);
    tellList(said, before.block, after.block, "turns ", "no longer turns ", " away");
    tellList(said, before.allow, after.allow, "lets ", "no longer lets ", " through without a limit");
    if (!(before.keys == after.keys))
        said.emplace_back("has changed how keys are made");
    if (said.size() > kMostSentences) {
        const std::size_t more = said.size() - kMostSentences + 1;
        said.resize(kMostSentences - 1);
        said.push_back("has changed " + std::to_string(more) + " more things of its limits");
    }
    return said;
}

} // namespace weir::app

// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/known/known_buckets.h"

#include <algorithm>

#include "core/limit/older.h"

namespace weir::engine {

limit::Known KnownBuckets::knownFor(const std::string &name, const limit::LimitSpec &spec) const
{
    const Entry *entry = find(name);
    return entry ? entry->knownBy(spec) : limit::Known{};
}

KnownBuckets::Entry &KnownBuckets::entry(const std::string &name, Micros now)
{
    if (m_entries.size() >= m_sweepAt)
        forgetFull(now);
    return m_entries[name];
}

const KnownBuckets::Entry *KnownBuckets::find(const std::string &name) const
{
    const auto it = m_entries.find(name);
    return it == m_entries.end() ? nullptr : &it->second;
}

void KnownBuckets::Entry::learn(const limit::LimitSpec &asked, const limit::Known &sent,
                                const limit::BucketOutput &output, Micros now)
{
    const limit::Known before = knownBy(asked);
    const limit::Known after = limit::knownFrom(before, sent, output);
    // A level that is set counts as nothing taken, so of two answers of one age that came to several links the later one holds.
    const bool isSameAge = after.born == before.born && after.losses == before.losses && after.taken == before.taken
                           && after.refilled == before.refilled;
    if (limit::isOlder(after, before, restored) || (isSameAge && sent != before && now < at))
        return;
    known = after;
    spec = asked;
    at = now;
    restored = limit::restoredAfter(before, restored, after, output.restored);
    fullAt = now + output.untilFull;
    inDoubt = 0; // the level that it tells includes what was taken
}

// Amortised: each sweep is paid for by the entries that came since the last one.
void KnownBuckets::forgetFull(Micros now)
{
    std::erase_if(m_entries, [now](const auto &item) {
        const Entry &entry = item.second;
        return entry.fullAt <= now && entry.inFlight == 0;
    });
    m_sweepAt = std::max<std::size_t>(1024, 2 * m_entries.size());
}

} // namespace weir::engine

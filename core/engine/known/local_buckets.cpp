// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/known/local_buckets.h"

#include <algorithm>
#include <utility>

#include "core/limit/share.h"

namespace weir::engine {

void LocalBuckets::begin(std::int64_t outage, std::int64_t instances, std::optional<Micros> knownSince, Micros now)
{
    clear();
    m_outage = outage;
    m_instances = instances;
    m_knownSince = knownSince;
    m_begunAt = now;
}

void LocalBuckets::clear()
{
    m_buckets.clear();
    m_unsettled = 0;
    m_spent = 0;
}

// A bucket that nobody here has heard of for as long as it takes to become full is full, or has never been; one that may
// have been emptied before this process was there begins empty. To a process that has heard of none at all each is a new one.
limit::Bucket LocalBuckets::beginningOf(Local &local, const KnownBuckets::Entry *entry) const
{
    const limit::LimitSpec &spec = local.call.spec;
    const bool isAsNew = !m_knownSince || m_begunAt - *m_knownSince >= limit::timeToLive(spec);
    limit::Bucket bucket;
    bucket.spec = spec;
    bucket.epoch = local.call.epoch;
    bucket.born = 1;
    bucket.cell = limit::cellWith(spec, isAsNew ? spec.startTokens() : 0, m_begunAt);
    if (entry && entry->known.isKnown()) {
        const limit::Known known = limit::knownUnder(spec, entry->known, entry->spec, entry->at);
        const std::span numbers{known.cell};
        local.base = known.cell;
        local.hasBase = true;
        local.baseLosses = known.losses;
        bucket.debt = known.debt;
        bucket.cell = limit::cellOf(spec, numbers.first(limit::fieldsOf(spec.algorithm).size()))
                          .value_or(limit::cellWith(spec, 0, m_begunAt));
    }
    return bucket;
}

LocalBuckets::Local &LocalBuckets::localOf(const Call &call, const KnownBuckets &known)
{
    const auto [it, isNew] = m_buckets.try_emplace(call.name);
    Local &local = it->second;
    if (isNew) {
        const KnownBuckets::Entry *entry = known.find(call.name);
        local.outage = m_outage;
        local.instances = m_instances;
        local.call = call;
        local.baseTaken = entry ? entry->known.taken : 0;
        local.inDoubt = entry ? entry->inFlight + entry->inDoubt : 0;
        local.askedAt = entry ? entry->askedAt : Micros{0};
        local.bucket = beginningOf(local, entry);
    } else if (limit::replaces(call, local.call)) {
        // Changed in the outage: what is left of it goes on by the new numbers, which may have the same epoch.
        local.call = call;
        local.isBaseGone = true;
        local.bucket.epoch = std::min(local.bucket.epoch, call.epoch - 1);
    }
    return local;
}

limit::TakeOutput LocalBuckets::take(const std::vector<Call> &calls, std::span<const limit::AskRun> runs,
                                     const KnownBuckets &known, Micros now, bool appliesDue)
{
    std::vector<Local *> locals;
    std::vector<std::optional<limit::Bucket>> buckets;
    std::vector<limit::BucketCall> asked;
    for (const Call &call : calls)
        locals.push_back(&localOf(call, known)); // nodes do not move
    for (Local *local : locals) {
        m_unsettled -= local->hasWork() ? 1 : 0;
        m_spent -= spentOf(*local);
        buckets.emplace_back(std::move(local->bucket));
        asked.push_back({local->call.spec, local->call.epoch, limit::TokenMode::Keep, {}});
    }
    limit::TakeOutput output = limit::takeShare(buckets, {now, asked, runs, appliesDue}, m_instances);
    for (std::size_t i = 0; i < locals.size(); ++i) {
        Local &local = *locals[i];
        local.bucket = std::move(buckets[i]).value(); // a share changes buckets, it takes none away
        m_unsettled += local.hasWork() ? 1 : 0;
        m_spent += spentOf(local);
    }
    return output;
}

std::optional<limit::Tokens> LocalBuckets::roomOf(const std::string &name) const
{
    const auto it = m_buckets.find(name);
    if (it == m_buckets.end())
        return std::nullopt;
    const limit::Bucket &bucket = it->second.bucket;
    return std::max<limit::Tokens>(0, limit::roomOf(bucket.spec, bucket.cell) - bucket.debt) / it->second.instances;
}

std::vector<LocalBuckets::Work> LocalBuckets::work(std::size_t most, bool isAlone)
{
    std::vector<Work> found;
    for (auto &[name, local] : m_buckets) {
        if (found.size() >= most)
            break;
        if (local.hasWork())
            found.push_back(nextPartOf(name, local, isAlone));
    }
    return found;
}

std::vector<LocalBuckets::Work> LocalBuckets::asideWork(std::size_t most, bool isAlone)
{
    std::vector<Work> found;
    for (auto &[name, local] : m_aside) {
        if (found.size() >= most)
            break;
        found.push_back(nextPartOf(name, local, isAlone));
    }
    return found;
}

LocalBuckets::Work LocalBuckets::nextPartOf(const std::string &name, Local &local, bool isAlone)
{
    limit::Settlement settlement;
    settlement.outage = local.outage;
    settlement.part = ++local.parts;
    settlement.isWhole = isAlone && local.instances == 1;
    settlement.hasBase = local.hasBase && !local.isBaseGone;
    settlement.base = local.base;
    settlement.baseTaken = local.baseTaken;
    const limit::Tokens left = limit::roomOf(local.bucket.spec, local.bucket.cell) - local.bucket.debt;
    settlement.had = std::clamp<limit::Tokens>(left + local.bucket.taken, 0, limit::kMaxTotal);
    settlement.inDoubt = local.inDoubt;
    settlement.spent = spentOf(local);
    settlement.admitted = local.bucket.admitted;
    settlement.refused = local.bucket.refused;
    const std::vector<std::int64_t> numbers = limit::numbersOf(local.bucket.cell);
    std::copy(numbers.begin(), numbers.end(), settlement.cell.begin());
    return {name, local.call, settlement};
}

void LocalBuckets::putAside(const std::string &name)
{
    const auto it = m_buckets.find(name);
    if (it == m_buckets.end())
        return;
    m_unsettled -= it->second.hasWork() ? 1 : 0;
    m_spent -= spentOf(it->second);
    m_spentAside += spentOf(it->second);
    m_aside.insert(m_buckets.extract(it));
}

// A bucket that began after this process had first asked for it, alone, and from which nothing was taken but what is in
// doubt and was spent here: what is missing of it went to nobody, which the store cannot know without a base.
limit::Tokens LocalBuckets::excessOf(const Local &local, const Work &work, const limit::SettleOutput &output)
{
    const limit::Settlement &settlement = work.settlement;
    const limit::Known &known = output.bucket.known;
    const bool isOurs = settlement.isWhole && !local.hasBase && local.askedAt > Micros{0}
                        && known.born >= local.askedAt.count() && known.taken - settlement.spent <= settlement.inDoubt;
    return isOurs && work.call.spec.start == limit::StartLevel::Full ? 0 : output.excess;
}

limit::Tokens LocalBuckets::confirm(const Work &work, const limit::SettleOutput &output)
{
    if (const auto aside = m_aside.find(work.name); aside != m_aside.end()) {
        const limit::Tokens excess = excessOf(aside->second, work, output) - aside->second.excess;
        m_spentAside -= spentOf(aside->second);
        m_aside.erase(aside);
        return std::max<limit::Tokens>(0, excess);
    }
    const auto it = m_buckets.find(work.name);
    if (it == m_buckets.end())
        return output.excess;
    Local &local = it->second;
    local.isBaseGone = local.isBaseGone || output.bucket.known.losses != local.baseLosses;
    const limit::Tokens excess = excessOf(local, work, output);
    m_unsettled -= local.hasWork() ? 1 : 0;
    local.confirmed = std::max(local.confirmed, work.settlement.admitted + work.settlement.refused);
    m_unsettled += local.hasWork() ? 1 : 0;
    return std::max<limit::Tokens>(0, excess - std::exchange(local.excess, std::max(local.excess, excess)));
}

} // namespace weir::engine

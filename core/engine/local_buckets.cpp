// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/local_buckets.h"

#include <algorithm>

#include "core/limit/share.h"

namespace weir::engine {
namespace {

// A share of less than a token: none before the store is back.
limit::LimitSpec noSpec()
{
    return {1, 1, limit::kMaxInterval, limit::StartLevel::Empty, limit::Algorithm::TokenBucketSmooth};
}

} // namespace

void LocalBuckets::begin(std::int64_t outage, std::int64_t instances, Micros knownSince, Micros now)
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
// have been emptied before this process was there begins empty.
limit::CellBucket LocalBuckets::shareOf(const Local &local, const KnownBuckets::Entry *entry, bool appliesDue) const
{
    const limit::LimitSpec &spec = local.call.spec;
    limit::CellBucket bucket;
    bucket.epoch = local.call.epoch;
    bucket.born = 1;
    if (entry && entry->known.isKnown() && m_instances == 1) {
        const limit::CellKnown known = limit::knownUnder(spec, entry->known, entry->spec, entry->at);
        const std::span numbers{known.cell};
        bucket.spec = spec;
        bucket.cell = limit::cellOf(spec, numbers.first(limit::fieldsOf(spec.algorithm).size()))
                          .value_or(limit::cellWith(spec, 0, m_begunAt));
        // What is in doubt was taken after it was heard of: what time gave back meanwhile does not make up for it.
        if (appliesDue)
            limit::advance(spec, bucket.cell, m_begunAt);
    } else {
        limit::Tokens room = m_begunAt - m_knownSince >= limit::timeToLive(spec) ? spec.startTokens() : 0;
        if (entry && entry->known.isKnown())
            room = limit::roomOf(spec, limit::knownUnder(spec, entry->known, entry->spec, entry->at), m_begunAt);
        const limit::Share share = limit::shareOf(spec, room, m_instances);
        const bool isNothing = share.spec.capacity < 1;
        bucket.spec = isNothing ? noSpec() : share.spec;
        if (limit::isWindow(bucket.spec.algorithm))
            bucket.spec.refill = bucket.spec.capacity;
        bucket.cell = limit::cellWith(bucket.spec, isNothing ? 0 : share.tokens, m_begunAt);
    }
    limit::charge(bucket.spec, bucket.cell, local.inDoubt);
    return bucket;
}

LocalBuckets::Local &LocalBuckets::localOf(const Call &call, const KnownBuckets &known, Micros now, bool appliesDue)
{
    const auto [it, isNew] = m_buckets.try_emplace(call.name);
    Local &local = it->second;
    if (isNew) {
        const KnownBuckets::Entry *entry = known.find(call.name);
        local.call = call;
        local.baseTaken = entry ? entry->known.taken : 0;
        local.inDoubt = entry ? entry->inFlight + entry->inDoubt : 0;
        local.bucket = shareOf(local, entry, appliesDue);
    } else if (call.epoch > local.call.epoch) { // changed in the outage: what is left of it goes on by the new numbers
        const limit::LimitSpec after = limit::shareOf(call.spec, 0, m_instances).spec;
        if (after.capacity > 0) {
            limit::advance(local.bucket->spec, local.bucket->cell, now);
            limit::adopt(local.bucket->spec, after, local.bucket->cell, limit::TokenMode::Keep, now);
            local.bucket->spec = after;
        }
        local.call = call;
    }
    return local;
}

limit::GroupOutput LocalBuckets::take(const std::vector<Call> &calls, std::span<const limit::AskRun> runs,
                                      const KnownBuckets &known, Micros now, bool appliesDue)
{
    std::vector<Local *> locals;
    std::vector<std::optional<limit::CellBucket>> buckets;
    std::vector<limit::BucketCall> asked;
    for (const Call &call : calls)
        locals.push_back(&localOf(call, known, now, appliesDue)); // nodes do not move
    for (Local *local : locals) {
        m_unsettled -= local->hasWork() ? 1 : 0;
        m_spent -= local->bucket->taken;
        buckets.push_back(std::move(local->bucket));
        asked.push_back({buckets.back()->spec, buckets.back()->epoch, limit::TokenMode::Keep, {}});
    }
    limit::GroupOutput output = limit::takeAll(buckets, {now, asked, runs, appliesDue});
    for (std::size_t i = 0; i < locals.size(); ++i) {
        Local &local = *locals[i];
        local.bucket = std::move(buckets[i]);
        m_unsettled += local.hasWork() ? 1 : 0;
        m_spent += local.bucket->taken;
    }
    return output;
}

std::vector<LocalBuckets::Work> LocalBuckets::work(std::size_t most)
{
    std::vector<Work> found;
    for (auto &[name, local] : m_buckets) {
        if (found.size() >= most)
            break;
        if (!local.hasWork())
            continue;
        limit::CellSettlement settlement;
        settlement.outage = m_outage;
        settlement.part = ++local.parts;
        settlement.isWhole = m_instances == 1;
        settlement.baseTaken = local.baseTaken;
        settlement.inDoubt = local.inDoubt;
        settlement.spent = local.bucket->taken;
        settlement.admitted = local.bucket->admitted;
        settlement.refused = local.bucket->refused;
        if (settlement.isWhole) {
            const std::vector<std::int64_t> numbers = limit::numbersOf(local.bucket->cell);
            std::copy(numbers.begin(), numbers.end(), settlement.cell.begin());
        }
        found.push_back({name, local.call, settlement});
    }
    return found;
}

void LocalBuckets::confirm(const Work &work)
{
    const auto it = m_buckets.find(work.name);
    if (it == m_buckets.end())
        return;
    m_unsettled -= it->second.hasWork() ? 1 : 0;
    it->second.confirmed = std::max(it->second.confirmed, work.settlement.admitted + work.settlement.refused);
    m_unsettled += it->second.hasWork() ? 1 : 0;
}

} // namespace weir::engine

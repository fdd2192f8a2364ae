// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/local_bucket.h"

#include <algorithm>

#include "core/limit/bucket_steps.h"
#include "core/limit/share.h"

namespace weir::limit {
namespace {

Bucket bucketOf(const Share &share, std::int64_t interval)
{
    Bucket bucket;
    bucket.spec = share.spec;
    bucket.epoch = 1;
    bucket.tokens = share.tokens;
    bucket.interval = interval;
    bucket.born = 1;
    return bucket;
}

} // namespace

LocalBucket::LocalBucket(const LastSeen &seen, std::int64_t outage) : m_seen{seen}, m_outage{outage}
{
    const Tokens tokens = seen.known.tokens;
    const Tokens reserved = std::min(seen.inDoubt, tokens);
    const std::int64_t interval = isWhole() ? seen.known.interval : 0;
    m_sure = bucketOf(shareOf(seen.spec, tokens - reserved, seen.instances), interval);
    m_most = bucketOf(shareOf(seen.spec, tokens, seen.instances), interval);
}

// The intervals of a share begin with the one in which it was made.
Micros LocalBucket::localTime(Micros now) const
{
    if (isWhole())
        return now;
    return std::max(Micros{0}, now - m_seen.known.interval * m_seen.spec.interval);
}

TakeOutput LocalBucket::take(Micros now, std::span<const CostRun> runs, bool appliesDue)
{
    TakeInput input{.spec = m_sure->spec, .now = localTime(now), .runs = runs, .appliesDue = appliesDue};
    TakeOutput output;
    if (m_sure->spec.capacity > 0) {
        output = limit::take(m_sure, input);
        std::vector<CostRun> granted;
        for (std::size_t i = 0; i < runs.size(); ++i)
            granted.push_back({runs[i].cost, output.granted[i]});
        input.runs = granted;
        limit::take(m_most, input);
    } else { // less than a token: refused until the store is back
        std::int64_t requests = 0;
        for (const CostRun &run : runs)
            requests += run.count;
        output.granted.assign(runs.size(), 0);
        output.inForce = m_seen.spec;
        output.nextRefill = m_seen.spec.interval - now % m_seen.spec.interval;
        steps::addToTotal(m_sure->refused, requests);
    }
    output.born = 0; // no state of the store's
    output.now = now;
    output.epoch = m_seen.epoch;
    output.admitted = m_seen.known.admitted + m_sure->admitted;
    output.refused = m_seen.known.refused + m_sure->refused;
    return output;
}

Settlement LocalBucket::settlement()
{
    Settlement settlement;
    settlement.outage = m_outage;
    settlement.part = ++m_parts;
    settlement.isWhole = isWhole();
    settlement.baseTokens = m_seen.known.tokens;
    settlement.baseInterval = m_seen.known.interval;
    settlement.baseTaken = m_seen.known.taken;
    settlement.inDoubt = m_seen.inDoubt;
    settlement.sure = m_sure->tokens;
    settlement.most = m_most->tokens;
    settlement.interval = m_sure->interval;
    settlement.spent = m_sure->taken;
    settlement.admitted = m_sure->admitted;
    settlement.refused = m_sure->refused;
    return settlement;
}

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/local_bucket.h"

#include "core/limit/share.h"

namespace weir::limit {
namespace {

Bucket bucketOf(const LastSeen &seen)
{
    Bucket bucket;
    bucket.spec = seen.spec;
    bucket.epoch = 1;
    bucket.tokens = seen.known.tokens;
    bucket.interval = seen.known.interval;
    bucket.debt = seen.known.debt;
    bucket.born = 1;
    return bucket;
}

} // namespace

LocalBucket::LocalBucket(const LastSeen &seen, std::int64_t outage)
    : m_seen{seen}, m_bucket{bucketOf(seen)}, m_outage{outage}
{
}

TakeOutput LocalBucket::take(Micros now, std::span<const CostRun> runs, bool appliesDue)
{
    std::vector<CostRun> priced{runs.begin(), runs.end()};
    for (CostRun &run : priced)
        run.cost = priceInShare(run.cost, m_seen.instances);
    const TakeInput input{.spec = m_seen.spec, .now = now, .runs = priced, .appliesDue = appliesDue};
    TakeOutput output = limit::take(m_bucket, input);
    output.instances = m_seen.instances;
    output.rest = output.tokens % m_seen.instances;
    output.tokens /= m_seen.instances;
    output.refilled /= m_seen.instances;
    output.born = 0; // no state of the store's
    output.epoch = m_seen.epoch;
    output.admitted = m_seen.known.admitted + m_bucket->admitted;
    output.refused = m_seen.known.refused + m_bucket->refused;
    return output;
}

Settlement LocalBucket::settlement(bool isAlone)
{
    Settlement settlement;
    settlement.outage = m_outage;
    settlement.part = ++m_parts;
    settlement.isWhole = isAlone && isWhole();
    settlement.baseTokens = m_seen.known.tokens;
    settlement.baseDebt = m_seen.known.debt;
    settlement.baseInterval = m_seen.known.interval;
    settlement.baseTaken = m_seen.known.taken;
    settlement.inDoubt = m_seen.inDoubt;
    settlement.tokens = m_bucket->tokens;
    settlement.interval = m_bucket->interval;
    settlement.spent = spent();
    settlement.admitted = m_bucket->admitted;
    settlement.refused = m_bucket->refused;
    return settlement;
}

} // namespace weir::limit

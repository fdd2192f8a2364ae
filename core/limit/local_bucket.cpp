// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/local_bucket.h"

#include <algorithm>

#include "core/limit/share.h"

namespace weir::limit {
namespace {

Bucket bucketOf(const LastSeen &seen, Tokens tokens)
{
    Bucket bucket;
    bucket.spec = seen.spec;
    bucket.epoch = 1;
    bucket.tokens = tokens;
    bucket.interval = seen.known.interval;
    bucket.debt = seen.known.debt;
    bucket.born = 1;
    return bucket;
}

} // namespace

LocalBucket::LocalBucket(const LastSeen &seen, std::int64_t outage) : m_seen{seen}, m_outage{outage}
{
    const Tokens tokens = seen.known.tokens;
    m_sure = bucketOf(seen, tokens - std::min(priceInShare(seen.inDoubt, seen.instances), tokens));
    m_most = bucketOf(seen, tokens);
}

TakeOutput LocalBucket::take(Micros now, std::span<const CostRun> runs, bool appliesDue)
{
    std::vector<CostRun> priced{runs.begin(), runs.end()};
    for (CostRun &run : priced)
        run.cost = priceInShare(run.cost, m_seen.instances);
    const TakeInput input{.spec = m_seen.spec, .now = now, .runs = priced, .appliesDue = appliesDue};
    TakeOutput output = limit::take(m_sure, input);
    for (std::size_t i = 0; i < runs.size(); ++i)
        priced[i].count = output.granted[i];
    limit::take(m_most, input);
    output.instances = m_seen.instances;
    output.rest = output.tokens % m_seen.instances;
    output.tokens /= m_seen.instances;
    output.refilled /= m_seen.instances;
    output.born = 0; // no state of the store's
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
    settlement.spent = spent();
    settlement.admitted = m_sure->admitted;
    settlement.refused = m_sure->refused;
    return settlement;
}

} // namespace weir::limit

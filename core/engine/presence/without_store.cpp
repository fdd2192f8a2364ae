// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/presence/without_store.h"

#include "core/engine/presence/failure_policy.h"

namespace weir::engine {
namespace {

config::StoreFailurePolicy policyOf(const Batch &batch, const limit::Ask &ask)
{
    return batch.policies->book->set.limits[batch.buckets[ask.bucket].limit].onStoreFailure;
}

} // namespace

bool isForLocal(const Batch &batch, const limit::Ask &ask)
{
    return policyOf(batch, ask) == config::StoreFailurePolicy::Local;
}

Decision::By decider(const Batch &batch, const limit::AskRun &run, Error::Code why)
{
    Decision::By strictest = Decision::By::Allow;
    for (const limit::Ask &ask : run.asks) {
        const Decision::By by = decideWithoutStore(policyOf(batch, ask), why);
        if (by == Decision::By::Reject && !ask.isShadow)
            return by;
        if (by == Decision::By::Local)
            strictest = by;
    }
    return strictest;
}

Batch runAlone(const Batch &batch, std::size_t place, std::size_t firstTicket)
{
    const limit::AskRun &run = batch.runs[place];
    Batch alone{.group = batch.group,
                .buckets = {},
                .runs = {{{}, run.count}},
                .tickets = {},
                .policies = batch.policies,
                .sent = {}};
    for (const limit::Ask &ask : run.asks) {
        if (!isForLocal(batch, ask))
            continue;
        alone.runs.front().asks.push_back({alone.buckets.size(), ask.cost, ask.isShadow});
        alone.buckets.push_back(batch.buckets[ask.bucket]);
        alone.buckets.back().asked = ask.cost * run.count;
    }
    const auto first = batch.tickets.begin() + static_cast<std::ptrdiff_t>(firstTicket);
    alone.tickets.assign(first, first + run.count);
    return alone;
}

} // namespace weir::engine

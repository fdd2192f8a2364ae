// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/share.h"

namespace weir::limit {
namespace {

std::vector<AskRun> pricedRuns(std::span<const AskRun> runs, std::int64_t instances)
{
    std::vector<AskRun> priced{runs.begin(), runs.end()};
    for (AskRun &run : priced)
        for (Ask &ask : run.asks)
            ask.cost = priceInShare(ask.cost, instances);
    return priced;
}

// Of each ask of a run that never has room: its bucket may have.
void waitForTheStore(const TakeInput &input, const AskRun &run, RunOutput &told)
{
    for (std::size_t i = 0; i < run.asks.size(); ++i) {
        const LimitSpec &spec = input.buckets[run.asks[i].bucket].spec;
        if (!told.asks[i].wait && run.asks[i].cost <= spec.capacity)
            told.asks[i].wait = spec.interval - input.now % spec.interval;
    }
}

} // namespace

TakeOutput takeShare(std::span<std::optional<Bucket>> buckets, const TakeInput &input, std::int64_t instances)
{
    if (instances == 1)
        return take(buckets, input);
    const std::vector<AskRun> priced = pricedRuns(input.runs, instances);
    TakeOutput output =
        take(buckets, {.now = input.now, .buckets = input.buckets, .runs = priced, .appliesDue = input.appliesDue});
    for (std::size_t i = 0; i < output.runs.size(); ++i)
        waitForTheStore(input, input.runs[i], output.runs[i]);
    for (std::size_t i = 0; i < buckets.size(); ++i)
        output.buckets[i] = told(*buckets[i], input.now, instances);
    return output;
}

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/ahead/batch_lease.h"

#include <algorithm>
#include <utility>

#include "core/engine/batch/batch_parts.h"

namespace weir::engine {
namespace {

bool canBeHeld(const limit::AskRun &run)
{
    return std::all_of(run.asks.begin(), run.asks.end(),
                       [](const limit::Ask &ask) { return !ask.isShadow && ask.cost > 0; });
}

std::vector<Lease::Charge> chargesOf(const Batch &batch, const limit::AskRun &run)
{
    std::vector<Lease::Charge> charges;
    for (const limit::Ask &ask : run.asks)
        charges.push_back({batch.buckets[ask.bucket].name, ask.cost});
    return charges;
}

/// Adds what the store would have said to the last run of `batch` if what is held were still there.
void addOutput(limit::TakeOutput &output, const Batch &batch, const Lease::Used &used, Lease::Instant now)
{
    const auto passed = std::max(std::chrono::duration_cast<Micros>(now - used.answer->heardAt), Micros{0});
    const limit::AskRun &run = batch.runs.back();
    limit::RunOutput told{used.count, {}};
    output.buckets.resize(batch.buckets.size());
    for (std::size_t k = 0; k < run.asks.size(); ++k) {
        limit::BucketOutput &bucket = output.buckets[run.asks[k].bucket];
        bucket = aged(used.answer->buckets[k], passed);
        bucket.room += used.left * run.asks[k].cost;
        told.asks.push_back({used.count, false, Micros{0}});
    }
    output.now = used.answer->now + passed;
    output.runs.push_back(std::move(told));
}

} // namespace

std::optional<BatchLease::Served> BatchLease::takeOut(Batch &batch, Instant now, std::uint64_t changes)
{
    if (m_lease.held() == 0)
        return std::nullopt;
    BatchPart asked{batch}, served{batch};
    limit::TakeOutput output;
    std::size_t first = 0;
    for (std::size_t i = 0; i < batch.runs.size(); ++i) {
        const limit::AskRun &run = batch.runs[i];
        const Lease::Used used = m_lease.use(signatureOf(batch, run), run.count, now, changes);
        if (used.count > 0) {
            served.add(i, first, used.count);
            addOutput(output, served.batch, used, now);
        }
        if (used.count < run.count)
            asked.add(i, first + static_cast<std::size_t>(used.count), run.count - used.count);
        first += static_cast<std::size_t>(run.count);
    }
    if (served.batch.runs.empty())
        return std::nullopt;
    batch = std::move(asked.batch);
    return Served{std::move(served.batch), std::move(output)};
}

BatchLease::Ahead BatchLease::ask(Batch &batch, Instant now, std::uint64_t changes)
{
    Ahead ahead{{}, {}, now, 0};
    for (const limit::AskRun &run : batch.runs) {
        if (!canBeHeld(run) || batch.runs.size() + ahead.runs.size() >= store::kMaxRuns)
            continue;
        Lease::Asked asked = m_lease.ask(
            signatureOf(batch, run), [&] { return chargesOf(batch, run); }, now, changes);
        if (asked.count == 0)
            continue;
        ahead.runs.push_back({run.asks, asked.count});
        ahead.asked.push_back(std::move(asked));
    }
    for (const limit::AskRun &run : ahead.runs)
        for (const limit::Ask &ask : run.asks)
            batch.buckets[ask.bucket].asked += ask.cost * run.count;
    ahead.round = m_lease.round(); // a change may have begun another one
    return ahead;
}

void BatchLease::takeOff(Batch &batch, const Ahead &ahead)
{
    for (const limit::AskRun &run : ahead.runs)
        for (const limit::Ask &ask : run.asks)
            batch.buckets[ask.bucket].asked -= ask.cost * run.count;
}

std::vector<limit::Tokens> BatchLease::hear(const Batch &batch, const Ahead &ahead, limit::TakeOutput &output,
                                            Instant now, std::uint64_t changes)
{
    for (const limit::AskRun &run : batch.runs) {
        Lease::Answer answer{{}, output.now, now};
        for (const limit::Ask &ask : run.asks)
            answer.buckets.push_back(output.buckets[ask.bucket]);
        m_lease.learn(signatureOf(batch, run), std::move(answer), ahead.round, changes);
    }
    std::vector<limit::Tokens> tokens(batch.buckets.size());
    for (std::size_t i = 0; i < ahead.runs.size(); ++i) {
        const limit::RunOutput &told = output.runs[batch.runs.size() + i];
        std::vector<std::string> refusedBy;
        for (std::size_t k = 0; k < told.asks.size(); ++k) {
            const limit::Ask &ask = ahead.runs[i].asks[k];
            tokens[ask.bucket] += told.granted * ask.cost;
            if (told.asks[k].isRefusing)
                refusedBy.push_back(batch.buckets[ask.bucket].name);
        }
        m_lease.hear(ahead.asked[i], told.granted, refusedBy, ahead.at, changes);
    }
    output.runs.resize(batch.runs.size());
    return tokens;
}

void BatchLease::lose(const Ahead &ahead, std::uint64_t changes)
{
    for (const Lease::Asked &asked : ahead.asked)
        m_lease.hear(asked, 0, {}, ahead.at, changes);
}

// Of a store that is spread one by one: there they may lie on different servers.
std::optional<BatchLease::Returns> BatchLease::takeReturns(const PoliciesPtr &policies, bool isSpread)
{
    Returns returns;
    returns.batch.policies = policies;
    returns.unused = m_lease.takeUnused(isSpread ? 1 : store::kMaxRuns, store::kMaxBuckets);
    std::map<std::string, std::size_t> places;
    for (const Lease::Unused &one : returns.unused) {
        limit::AskRun run{{}, one.count, true};
        for (const Lease::Charge &charge : one.charges) {
            const auto [it, isNew] = places.try_emplace(charge.bucket, returns.batch.buckets.size());
            const auto bucket = isNew ? bucketOf(charge.bucket, *policies) : std::nullopt;
            if (isNew && !bucket)
                return std::nullopt; // its limit is gone, and with it all that was held
            if (isNew)
                returns.batch.buckets.push_back(*bucket);
            run.asks.push_back({it->second, charge.cost, false});
        }
        returns.batch.runs.push_back(std::move(run));
    }
    if (returns.unused.empty())
        return std::nullopt;
    returns.batch.group = groupOf(returns.batch.buckets.front(), *policies, isSpread);
    return returns;
}

} // namespace weir::engine

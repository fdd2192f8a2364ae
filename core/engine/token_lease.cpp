// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/token_lease.h"

#include <algorithm>
#include <string>

#include "core/store/bucket_store.h"

namespace weir::engine {
namespace {

std::string kindOf(limit::Tokens cost)
{
    return std::to_string(cost);
}

Lease::Answer answerOf(const limit::TakeOutput &output, Lease::Instant heardAt)
{
    limit::BucketOutput bucket;
    bucket.inForce = output.inForce;
    bucket.epoch = output.epoch;
    bucket.room = output.tokens;
    bucket.untilChange = output.nextRefill;
    return {{bucket}, output.now, heardAt};
}

// Some intervals may have begun since; what they have added is left to the next call.
Micros untilNextInterval(Micros wait, Micros passed, Micros every)
{
    return wait > passed ? wait - passed : every - (passed - wait) % every;
}

/// What the store would have said if what is held were still there.
limit::TakeOutput outputOf(const Lease::Answer &answer, limit::Tokens held, Lease::Instant now)
{
    const limit::BucketOutput &bucket = answer.buckets.front();
    const auto passed = std::max(std::chrono::duration_cast<Micros>(now - answer.heardAt), Micros{0});
    limit::TakeOutput output;
    output.inForce = bucket.inForce;
    output.epoch = bucket.epoch;
    output.tokens = bucket.room + held;
    output.now = answer.now + passed;
    output.nextRefill = untilNextInterval(bucket.untilChange, passed, bucket.inForce.interval);
    return output;
}

void moveTickets(Batch &from, Batch &to, std::size_t first, std::int64_t count)
{
    const auto begin = from.tickets.begin() + static_cast<std::ptrdiff_t>(first);
    to.tickets.insert(to.tickets.end(), begin, begin + count);
}

} // namespace

limit::Tokens TokenLease::Ahead::tokens() const
{
    limit::Tokens sum = 0;
    for (const auto &[request, cost] : asked)
        sum += request.count * cost;
    return sum;
}

std::optional<TokenLease::Served> TokenLease::takeOut(Batch &batch, Instant now, std::uint64_t changes)
{
    if (m_lease.held() == 0)
        return std::nullopt;
    Served served;
    Batch asked;
    served.batch.policies = asked.policies = batch.policies;
    std::size_t first = 0;
    for (const limit::CostRun &run : batch.runs) {
        const Lease::Used used = m_lease.use(kindOf(run.cost), run.count, now, changes);
        if (used.count > 0) {
            served.output = outputOf(*used.answer, used.left * run.cost, now);
            served.batch.runs.push_back({run.cost, used.count});
            moveTickets(batch, served.batch, first, used.count);
        }
        if (used.count < run.count) {
            asked.runs.push_back({run.cost, run.count - used.count});
            moveTickets(batch, asked, first + static_cast<std::size_t>(used.count), run.count - used.count);
        }
        first += static_cast<std::size_t>(run.count);
    }
    if (served.batch.runs.empty())
        return std::nullopt;
    for (const limit::CostRun &run : served.batch.runs)
        served.output.granted.push_back(run.count);
    batch = std::move(asked);
    return served;
}

TokenLease::Ahead TokenLease::ask(const Batch &batch, Instant now, std::uint64_t changes)
{
    Ahead ahead{{}, now, 0};
    for (const limit::CostRun &run : batch.runs) {
        if (run.cost == 0 || batch.runs.size() + ahead.asked.size() >= store::kMaxRuns)
            continue;
        const auto charges = [&] { return std::vector<Lease::Charge>{{{}, run.cost}}; };
        if (Lease::Asked asked = m_lease.ask(kindOf(run.cost), charges, now, changes); asked.count > 0)
            ahead.asked.emplace_back(std::move(asked), run.cost);
    }
    ahead.round = m_lease.round(); // a change may have begun another one
    return ahead;
}

limit::Tokens TokenLease::hear(const Batch &batch, const Ahead &ahead, limit::TakeOutput &output, Instant now,
                               std::uint64_t changes)
{
    for (const limit::CostRun &run : batch.runs)
        m_lease.learn(kindOf(run.cost), answerOf(output, now), ahead.round, changes);
    limit::Tokens tokens = 0;
    for (std::size_t i = 0; i < ahead.asked.size(); ++i) {
        const auto &[asked, cost] = ahead.asked[i];
        const std::int64_t granted = output.granted[batch.runs.size() + i];
        const std::vector<std::string> refusedBy(granted < asked.count ? 1 : 0);
        m_lease.hear(asked, granted, refusedBy, ahead.at, changes);
        tokens += granted * cost;
    }
    output.granted.resize(batch.runs.size());
    return tokens;
}

void TokenLease::lose(const Ahead &ahead, std::uint64_t changes)
{
    for (const auto &[asked, cost] : ahead.asked)
        m_lease.hear(asked, 0, {}, ahead.at, changes);
}

std::vector<limit::CostRun> runsOf(const std::vector<Lease::Unused> &unused)
{
    std::vector<limit::CostRun> runs;
    runs.reserve(unused.size());
    for (const Lease::Unused &one : unused)
        runs.push_back({one.charges.front().cost, one.count});
    return runs;
}

} // namespace weir::engine

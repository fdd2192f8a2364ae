// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/limiter.h"

#include <chrono>
#include <utility>

#include "core/engine/failure_policy.h"

namespace weir::engine {
namespace {

// Each stale answer brings a newer limit, so a second one in a row means that somebody is changing
// limits faster than we can ask.
constexpr int kMaxAttempts = 4;

} // namespace

telemetry::LevelReport reportOf(const limit::TakeOutput &output, limit::Tokens taken)
{
    telemetry::LevelReport report;
    report.nowUs = output.now.count();
    report.observedNs = std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds{1};
    report.tokens = output.tokens;
    report.nextRefillUs = output.nextRefill.count();
    report.admitted = output.admitted;
    report.refused = output.refused;
    if (output.refilled > 0) {
        report.refillAtUs = output.now.count();
        report.refillTokens = output.refilled;
        report.refillLevel = output.tokens + taken;
    }
    return report;
}

Limiter::Limiter(store::BucketStore &store, PoliciesPtr policies, telemetry::WorkerTelemetry &telemetry,
                 telemetry::LevelBoard &levels, Decided decided, QObject *parent)
    : QObject{parent},
      m_store{store},
      m_policies{std::move(policies)},
      m_telemetry{telemetry},
      m_levels{levels},
      m_decided{std::move(decided)},
      m_batcher{[this](Batch batch) { submit(std::move(batch), 1); }, this}
{
}

void Limiter::decide(Ticket ticket, limit::Tokens cost)
{
    m_batcher.add(ticket, cost);
}

void Limiter::adopt(const PoliciesPtr &policies)
{
    if (policies->limit.epoch >= m_policies->limit.epoch) {
        m_policies = policies;
        return;
    }
    auto merged = std::make_shared<Policies>(*m_policies);
    merged->onStoreFailure = policies->onStoreFailure;
    m_policies = std::move(merged);
}

void Limiter::submit(Batch batch, int attempt)
{
    const limit::Limit &limit = m_policies->limit;
    store::TakeRequest request{limit.name, limit.spec, limit.epoch, limit::TokenMode::Keep, batch.runs};
    m_telemetry.storeCalls.add();
    m_store.take(std::move(request), [this, batch = std::move(batch), attempt](
                                         const Result<limit::TakeOutput> &result) { onTaken(batch, result, attempt); });
}

void Limiter::onTaken(const Batch &batch, const Result<limit::TakeOutput> &result, int attempt)
{
    if (!result)
        return fail(batch, result.error());
    const limit::TakeOutput &output = result.value();
    if (!output.isStale)
        return deliver(batch, output);
    // Nothing was taken; the answer says what is in force now.
    if (output.epoch >= m_policies->limit.epoch) {
        auto next = std::make_shared<Policies>(*m_policies);
        next->limit.spec = output.inForce;
        next->limit.epoch = output.epoch;
        m_policies = std::move(next);
        Q_EMIT newerLimitFound(m_policies->limit);
    }
    if (attempt < kMaxAttempts)
        return submit(batch, attempt + 1);
    fail(batch, {Error::Code::Overloaded, "the limit changes faster than requests can be decided", true});
}

void Limiter::deliver(const Batch &batch, const limit::TakeOutput &output)
{
    limit::Tokens taken = 0;
    for (std::size_t i = 0; i < batch.runs.size(); ++i)
        taken += output.granted[i] * batch.runs[i].cost;
    m_levels.post(reportOf(output, taken));

    const PoliciesPtr policies = m_policies; // a receiver may lead to adopt()
    limit::Limit limit{policies->limit.name, output.inForce, output.epoch};
    Decision decision{.by = Decision::By::Store, .verdict = {}, .limit = &limit, .error = nullptr};
    std::size_t next = 0;
    limit::forEachVerdict(output, batch.runs, [&](std::size_t, const limit::Verdict &verdict) {
        (verdict.kind == limit::Verdict::Kind::Admitted ? m_telemetry.admitted : m_telemetry.refused).add();
        decision.verdict = verdict;
        m_decided(batch.tickets[next++], decision);
    });
}

void Limiter::fail(const Batch &batch, const Error &error)
{
    const PoliciesPtr policies = m_policies;
    const Decision decision{.by = decideWithoutStore(policies->onStoreFailure, error.code),
                            .verdict = {},
                            .limit = &policies->limit,
                            .error = &error};
    m_telemetry.undecided.add(static_cast<std::int64_t>(batch.tickets.size()));
    for (const Ticket ticket : batch.tickets)
        m_decided(ticket, decision);
}

} // namespace weir::engine

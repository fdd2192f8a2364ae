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

// How often to look whether the breaker wants a probe.
constexpr std::chrono::milliseconds kProbeLook{50};

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
      m_batcher{[this](Batch batch) { submit(std::move(batch), 1); }, this},
      m_probeTimer{this}
{
    connect(&m_probeTimer, &QTimer::timeout, this, &Limiter::probe);
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
    if (!m_breaker.isClosed())
        return failLater(std::move(batch));
    const limit::Limit &limit = m_policies->limit;
    store::TakeRequest request{limit.name, limit.spec, limit.epoch, limit::TokenMode::Keep, batch.runs};
    m_telemetry.storeCalls.add();
    m_store.take(std::move(request), [this, batch = std::move(batch), attempt](
                                         const Result<limit::TakeOutput> &result) { onTaken(batch, result, attempt); });
}

void Limiter::onTaken(const Batch &batch, const Result<limit::TakeOutput> &result, int attempt)
{
    if (!result) {
        noteFailure(result.error());
        return fail(batch, result.error());
    }
    m_breaker.noteSuccess();
    const limit::TakeOutput &output = result.value();
    if (!output.isStale)
        return deliver(batch, output);
    learnNewer(output);
    if (attempt < kMaxAttempts)
        return submit(batch, attempt + 1);
    fail(batch, {Error::Code::Overloaded, "the limit changes faster than requests can be decided", true});
}

// Nothing was taken; the answer says what is in force now.
void Limiter::learnNewer(const limit::TakeOutput &output)
{
    if (output.epoch < m_policies->limit.epoch)
        return;
    auto next = std::make_shared<Policies>(*m_policies);
    next->limit.spec = output.inForce;
    next->limit.epoch = output.epoch;
    m_policies = std::move(next);
    Q_EMIT newerLimitFound(m_policies->limit);
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
        m_telemetry.countDecided(decision.by);
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
    m_telemetry.countDecided(decision.by, static_cast<std::int64_t>(batch.tickets.size()));
    for (const Ticket ticket : batch.tickets)
        m_decided(ticket, decision);
}

// The store is not asked, so this needs no time; but nobody is answered from inside decide().
void Limiter::failLater(Batch batch)
{
    QMetaObject::invokeMethod(
        this, [this, batch = std::move(batch)] { fail(batch, m_lastError); }, Qt::QueuedConnection);
}

void Limiter::noteFailure(const Error &error)
{
    if (m_breaker.isClosed() && !isAway(error.code))
        return; // it is there; a person has to look, and every request is told so
    m_lastError = error;
    m_breaker.noteFailure(error.code == Error::Code::Timeout, std::chrono::steady_clock::now());
    if (!m_breaker.isClosed() && !m_probeTimer.isActive())
        m_probeTimer.start(kProbeLook);
}

// A call that takes nothing, so no client waits to learn whether the store is back.
void Limiter::probe()
{
    if (m_breaker.isClosed())
        return m_probeTimer.stop();
    if (!m_breaker.takeProbe(std::chrono::steady_clock::now()))
        return;
    const limit::Limit &limit = m_policies->limit;
    m_store.take({limit.name, limit.spec, limit.epoch, limit::TokenMode::Keep, {}},
                 [this](const Result<limit::TakeOutput> &result) { onProbed(result); });
}

void Limiter::onProbed(const Result<limit::TakeOutput> &result)
{
    if (!result)
        return noteFailure(result.error());
    m_breaker.noteSuccess();
    m_probeTimer.stop();
    m_levels.post(reportOf(result.value(), 0));
    if (result.value().isStale)
        learnNewer(result.value());
}

} // namespace weir::engine

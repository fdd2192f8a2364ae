// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/decide/limiter.h"

#include <algorithm>
#include <utility>

#include "core/base/clock.h"
#include "core/engine/batch/batch_parts.h"
#include "core/engine/batch/verdicts.h"
#include "core/engine/known/level_report.h"
#include "core/engine/ahead/refusal_hold.h"
#include "core/engine/presence/without_store.h"

namespace weir::engine {
namespace {

// Each stale answer brings a newer limit, so a second one in a row means that somebody is changing limits faster than we can ask.
constexpr int kMaxAttempts = 4;
const Error kNotSettled{Error::Code::Unavailable, "the store is back, and is being told what was decided meanwhile",
                        true};

// What a stale answer says is in force, into the limits of those names.
void takeOver(Policies &policies, const Batch &batch, const limit::TakeOutput &output)
{
    for (std::size_t i = 0; i < batch.buckets.size(); ++i) {
        const limit::BucketOutput &told = output.buckets[i];
        const std::string &name = batch.policies->limits[batch.buckets[i].limit].name;
        const auto limit = std::find_if(policies.limits.begin(), policies.limits.end(),
                                        [&](const limit::Limit &one) { return one.name == name; });
        if (!told.isStale || limit == policies.limits.end()
            || limit::replaces(*limit, limit::Limit{{}, told.inForce, told.epoch}))
            continue;
        const limit::StartLevel start = limit->spec.start;
        limit->spec = told.inForce;
        limit->spec.start = start;
        limit->epoch = told.epoch;
    }
}

} // namespace

Limiter::Limiter(store::BucketStore &store, PoliciesPtr policies, BucketTable &table,
                 telemetry::WorkerTelemetry &telemetry, telemetry::LevelBoard &levels, Decided decided, QObject *parent)
    : QObject{parent},
      m_store{store},
      m_policies{std::move(policies)},
      m_table{table},
      m_telemetry{telemetry},
      m_levels{levels},
      m_decided{std::move(decided)},
      m_presence{table.joinBreaker(), [this] { probe(); }, this},
      m_reportTimer{this},
      m_returns{m_ahead.lease(),
                telemetry.leaseHeld,
                {[this] { return m_table.changes(); }, [this] { return isStoreDeciding(); }, [this] { sendBack(); }}}
{
    m_ahead.lease().setMost(m_policies->lease);
    m_reportTimer.setSingleShot(true);
    m_reportTimer.setTimerType(Qt::PreciseTimer);
    m_reportTimer.setInterval(std::chrono::duration_cast<std::chrono::milliseconds>(kRefusalHolds));
    connect(&m_reportTimer, &QTimer::timeout, this, &Limiter::report);
    connect(&table, &BucketTable::begun, &m_presence, &StorePresence::trip);
    if (table.mode() != BucketTable::Mode::Store) // it has begun already
        m_presence.trip();
    connect(&m_presence, &StorePresence::shownChanged, &table, &BucketTable::breakerChanged, Qt::DirectConnection);
    connect(&table, &BucketTable::released, this, &Limiter::resumeHeld);
}

void Limiter::decide(Ticket ticket, std::span<const policy::Charge> charges)
{
    m_requests.add(ticket, charges);
    m_turn.need();
}

void Limiter::flush()
{
    if (m_requests.isEmpty())
        return;
    const ChargedRequests requests = std::exchange(m_requests, {});
    for (Batch &batch : m_table.sort(requests, m_policies, m_store.isSpread(), steadyNow()))
        submit(std::move(batch), 1);
}

void Limiter::adopt(const PoliciesPtr &policies)
{
    auto merged = std::make_shared<Policies>(*policies);
    for (limit::Limit &limit : merged->limits)
        for (const limit::Limit &present : m_policies->limits)
            if (present.name == limit.name && limit::replaces(present, limit))
                limit = present;
    if (!merged->decidesAs(*m_policies))
        m_ahead.lease().setMost(0);
    m_isAdopting = true;
    flush(); // their charges are by the places of the old limits
    m_isAdopting = false;
    report(); // likewise: of a limit that is gone
    m_known.forget();
    m_policies = std::move(merged);
    m_ahead.lease().setMost(m_policies->lease);
    m_returns.show();
}

bool Limiter::isStoreDeciding() const
{
    return m_presence.isThere() && m_table.mode() == BucketTable::Mode::Store;
}

void Limiter::submit(Batch batch, int attempt)
{
    if (m_table.hasBlocked())
        rejectBlocked(batch);
    if (attempt == 1) {
        serve(batch);
        refuseKnown(batch);
    }
    if (batch.runs.empty())
        return;
    Sent sent{steadyNow(), m_table.changes(), {}};
    if (m_ahead.lease().isOn() && isStoreDeciding() && batch.policies == m_policies)
        sent.ahead = m_ahead.ask(batch, sent.at, sent.changes);
    if (!m_presence.isThere() || !m_table.send(batch)) {
        BatchLease::takeOff(batch, sent.ahead);
        m_ahead.lose(sent.ahead, sent.changes);
        return resumeLater(std::move(batch));
    }
    store::TakeRequest request = requestOf(batch, batch.policies->refillsOnDemand);
    request.runs.insert(request.runs.end(), sent.ahead.runs.begin(), sent.ahead.runs.end());
    m_telemetry.storeCalls.add();
    m_telemetry.batchSizes.record(batch.tickets.size());
    m_store.take(std::move(request), [this, batch = std::move(batch), sent = std::move(sent),
                                      attempt](Result<limit::TakeOutput> result) mutable {
        onTaken(std::move(batch), std::move(result), sent, attempt);
    });
}

void Limiter::rejectBlocked(Batch &batch)
{
    BatchPart rest{batch};
    std::size_t first = 0;
    for (std::size_t i = 0; i < batch.runs.size(); first += static_cast<std::size_t>(batch.runs[i++].count)) {
        std::optional<Error> why;
        for (const limit::Ask &ask : batch.runs[i].asks)
            if (!why && !ask.isShadow)
                why = m_table.blockedBy(batch.buckets[ask.bucket].name);
        if (!why) {
            rest.add(i, first, batch.runs[i].count);
            continue;
        }
        BatchPart blocked{batch};
        blocked.add(i, first, batch.runs[i].count);
        answer([this, blocked = std::move(blocked.batch), why = *why] { fail(blocked, Decision::By::Reject, why); });
    }
    if (rest.batch.tickets.size() < batch.tickets.size())
        batch = std::move(rest.batch);
}

void Limiter::onTaken(Batch batch, Result<limit::TakeOutput> result, const Sent &sent, int attempt)
{
    if (!result) {
        m_table.lose(batch, result.error().mayBeDone);
        lose(batch, sent, result.error().mayBeDone);
        m_presence.noteFailure(result.error());
        return decideWithout(std::move(batch), result.error());
    }
    noteSuccess();
    limit::TakeOutput output = std::move(result).value();
    if (!m_table.hear(batch, output, steadyNow())) {
        lose(batch, sent, true);
        return resume(std::move(batch));
    }
    const std::vector<limit::Tokens> ahead = hearAhead(batch, output, sent);
    BatchLease::takeOff(batch, sent.ahead);
    learn(batch, output, sent);
    if (!output.isStale)
        return deliver(batch, std::move(output), Decision::By::Store, ahead);
    learnNewer(batch, output);
    if (attempt >= kMaxAttempts)
        return fail(batch, Decision::By::Reject,
                    {Error::Code::Overloaded, "the limits change faster than requests can be decided", true});
    auto policies = std::make_shared<Policies>(*batch.policies);
    takeOver(*policies, batch, output); // also of a limit that we have no more
    for (limit::Limit &limit : policies->limits)
        for (const limit::Limit &present : m_policies->limits)
            if (present.name == limit.name && !limit::replaces(limit, present))
                limit = present;
    batch.policies = std::move(policies);
    submit(std::move(batch), attempt + 1);
}

void Limiter::lose(Batch &batch, const Sent &sent, bool mayBeDone)
{
    if (mayBeDone)
        for (const Batch::Bucket &bucket : batch.buckets)
            m_telemetry.inDoubt.add(bucket.asked);
    BatchLease::takeOff(batch, sent.ahead);
    m_ahead.lose(sent.ahead, m_table.changes());
}

// Without refill on demand nobody here knows when tokens come back.
void Limiter::learn(const Batch &batch, const limit::TakeOutput &output, const Sent &sent)
{
    if (!output.isStale && batch.policies == m_policies && m_policies->refillsOnDemand
        && sent.changes == m_table.changes())
        m_known.learn(batch, output, sent.at, steadyNow(), sent.changes);
}

// Nothing was taken; the answer says what is in force now.
void Limiter::learnNewer(const Batch &batch, const limit::TakeOutput &output)
{
    m_table.noteChange(); // nobody who has seen a new limit is refused by the old one on another worker
    m_known.forget();
    m_returns.drop();
    auto next = std::make_shared<Policies>(*m_policies);
    takeOver(*next, batch, output);
    m_policies = std::move(next);
    for (const Batch::Bucket &bucket : batch.buckets)
        for (const limit::Limit &limit : m_policies->limits)
            if (const limit::Limit &asked = batch.policies->limits[bucket.limit];
                limit.name == asked.name && limit::replaces(limit, asked))
                Q_EMIT newerLimitFound(limit);
}

void Limiter::deliver(const Batch &batch, limit::TakeOutput output, Decision::By by,
                      const std::vector<limit::Tokens> &ahead)
{
    // Before the level tells: whoever reads the level first never finds a token gone that nobody was given.
    count(batch, output, by);
    postLevel(batch, output, ahead);
    for (std::size_t i = 0; i < ahead.size(); ++i)
        output.buckets[i].room += ahead[i];
    forEachDecision(batch, output, by, m_decided);
}

// How many are refused.
std::int64_t Limiter::count(const Batch &batch, const limit::TakeOutput &output, Decision::By by)
{
    std::int64_t admitted = 0;
    for (const limit::RunOutput &run : output.runs)
        admitted += run.granted;
    const auto requests = static_cast<std::int64_t>(batch.tickets.size());
    m_telemetry.admitted.add(admitted);
    m_telemetry.refused.add(requests - admitted);
    m_telemetry.countDecided(by, requests);
    return requests - admitted;
}

// Of the bucket that the Live page shows.
void Limiter::postLevel(const Batch &batch, const limit::TakeOutput &output, const std::vector<limit::Tokens> &ahead)
{
    for (std::size_t i = 0; i < batch.buckets.size(); ++i) {
        const Batch::Bucket &bucket = batch.buckets[i];
        if (bucket.subject != m_policies->shownSubject
            || batch.policies->limits[bucket.limit].name != m_policies->limit.name)
            continue;
        limit::Tokens taken = ahead.empty() ? 0 : ahead[i];
        for (std::size_t k = 0; k < batch.runs.size(); ++k)
            for (std::size_t n = 0; n < batch.runs[k].asks.size(); ++n)
                if (const limit::Ask &ask = batch.runs[k].asks[n]; ask.bucket == i)
                    taken += output.runs[k].asks[n].taken * ask.cost;
        m_levels.post(
            levelOf(output.buckets[i], output.now, i < batch.sent.size() ? batch.sent[i] : limit::Known{}, taken));
    }
}

// The store has just said so, and nothing can have come in since. Counted at once, so that nothing that is owed gets lost; the
// table counts them for their limits once the store has been told.
void Limiter::refuseKnown(Batch &batch)
{
    if (batch.policies != m_policies || !isStoreDeciding())
        return;
    auto refused = m_known.takeOut(batch, steadyNow(), m_table.changes());
    if (!refused)
        return;
    m_telemetry.refusedKnown.add(count(refused->batch, refused->output, Decision::By::Store));
    m_owed.add(refused->batch, refused->output);
    reportSoon();
    answer([this, refused = std::move(*refused)] {
        forEachDecision(refused.batch, refused.output, Decision::By::Store, m_decided);
    });
}

// Now, or after adopt(): the next requests of those who are answered would come to half of the new limits.
template<class Tell>
void Limiter::answer(Tell tell)
{
    if (m_isAdopting)
        QMetaObject::invokeMethod(this, std::move(tell), Qt::QueuedConnection);
    else
        tell();
}

void Limiter::noteSuccess()
{
    m_presence.noteSuccess();
    reportSoon();
}

void Limiter::reportSoon()
{
    if (!m_owed.isEmpty() && !m_reportTimer.isActive())
        m_reportTimer.start();
}

bool Limiter::report()
{
    if (!m_owed.isEmpty() && isStoreDeciding()) {
        m_reportTimer.stop();
        for (Batch &report : m_owed.take(m_policies, m_store.isSpread()))
            sendReport(std::move(report));
    }
    return m_reports > 0;
}

void Limiter::sendReport(Batch report)
{
    tellStore(report, [this, report](bool isToBeSentAgain) {
        if (isToBeSentAgain)
            m_owed.addAgain(report);
    });
}

void Limiter::tellStore(Batch report, const Told &told)
{
    if (!m_table.send(report))
        return told(true);
    store::TakeRequest request = requestOf(report, report.policies->refillsOnDemand);
    ++m_reports;
    m_telemetry.storeCalls.add();
    m_store.take(std::move(request), [this, report = std::move(report), told](const Result<limit::TakeOutput> &result) {
        onTold(report, told, result);
    });
}

// What is in doubt is not sent again: as with tokens, what may be done is not done twice.
void Limiter::onTold(const Batch &report, const Told &told, const Result<limit::TakeOutput> &result)
{
    --m_reports;
    told(result ? result.value().isStale : !result.error().mayBeDone);
    if (!result) {
        m_table.lose(report, result.error().mayBeDone);
        return m_presence.noteFailure(result.error()); // told with the next success
    }
    if (!m_table.hear(report, result.value(), steadyNow()))
        m_table.countServed(report, result.value(), steadyNow()); // refusals are what they are
    if (result.value().isStale)
        learnNewer(report, result.value());
    else
        postLevel(report, result.value());
    noteSuccess();
}

// The store is not asked, so this needs no time; but nobody is answered from inside decide().
void Limiter::resumeLater(Batch batch)
{
    QMetaObject::invokeMethod(
        this, [this, batch = std::move(batch)]() mutable { resume(std::move(batch)); }, Qt::QueuedConnection);
}

void Limiter::resume(Batch batch)
{
    const BucketTable::Mode mode = m_table.mode();
    if (m_presence.isThere() && mode == BucketTable::Mode::Store)
        return submit(std::move(batch), 1);
    if (m_presence.isThere() && mode == BucketTable::Mode::Settling)
        return m_held.push_back(std::move(batch)); // released() comes later than this look
    decideWithout(std::move(batch), m_presence.isThere() ? kNotSettled : m_presence.lastError());
}

void Limiter::resumeHeld()
{
    m_known.forget(); // of before the outage
    m_returns.drop();
    reportSoon();
    for (Batch &batch : std::exchange(m_held, {}))
        resume(std::move(batch));
}

// Each run has policies of its own.
void Limiter::decideWithout(Batch batch, const Error &error)
{
    std::size_t firstTicket = 0;
    for (std::size_t i = 0; i < batch.runs.size(); ++i) {
        Batch alone = runAlone(batch, i, firstTicket);
        firstTicket += static_cast<std::size_t>(batch.runs[i].count);
        countUndecided(batch, batch.runs[i], true);
        const Decision::By by = decider(batch, batch.runs[i], error.code);
        if (by == Decision::By::Local)
            decideLocally(std::move(alone), error);
        else
            fail(alone, by, error);
    }
}

void Limiter::decideLocally(Batch batch, const Error &error)
{
    const auto now = steadyNow();
    m_telemetry.lastFailure.note(error.detail); // who hears that an outage has begun asks why
    m_table.begin(now);
    if (m_table.hasBlocked())
        rejectBlocked(batch);
    if (batch.runs.empty())
        return;
    if (const auto output = m_table.takeLocally(batch, batch.policies->refillsOnDemand, now))
        return deliver(batch, *output, Decision::By::Local);
    if (m_table.mode() == BucketTable::Mode::Settling)
        return m_held.push_back(std::move(batch));
    resumeLater(std::move(batch)); // it has just been settled
}

void Limiter::fail(const Batch &batch, Decision::By by, const Error &error)
{
    const PoliciesPtr policies = batch.policies;
    const Error why = error; // a receiver may lead to another last error
    for (const limit::AskRun &run : batch.runs)
        countUndecided(batch, run, false);
    m_telemetry.lastFailure.note(why.detail);
    const Decision decision{.by = by, .verdict = {}, .limit = &policies->limit, .all = {}, .error = &why};
    m_telemetry.undecided.add(static_cast<std::int64_t>(batch.tickets.size()));
    m_telemetry.countDecided(by, static_cast<std::int64_t>(batch.tickets.size()));
    for (const Ticket ticket : batch.tickets)
        m_decided(ticket, decision);
}

// `withoutLocal`: not for the limits that go on by themselves.
void Limiter::countUndecided(const Batch &batch, const limit::AskRun &run, bool withoutLocal)
{
    for (const limit::Ask &ask : run.asks)
        if (!withoutLocal || !isForLocal(batch, ask))
            m_table.countUndecided(batch.policies->limits[batch.buckets[ask.bucket].limit], run.count);
}

// It takes nothing, so no client waits to learn whether the store is back.
void Limiter::probe()
{
    m_store.ping(
        [this](const Result<Done> &result) { result ? noteSuccess() : m_presence.noteFailure(result.error()); });
}

} // namespace weir::engine

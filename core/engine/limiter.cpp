// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/limiter.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "core/base/clock.h"
#include "core/engine/failure_policy.h"
#include "core/engine/group_limiter.h"
#include "core/engine/level_report.h"
#include "core/engine/refusal_hold.h"

namespace weir::engine {
namespace {

// Each stale answer brings a newer limit, so a second one in a row means that somebody is changing
// limits faster than we can ask.
constexpr int kMaxAttempts = 4;

// The store answers this worker, but what the process decided without it is not entered yet.
const Error kNotSettled{Error::Code::Unavailable, "the store is back, and is being told what was decided meanwhile",
                        true};

limit::Tokens costOf(const Batch &batch)
{
    limit::Tokens sum = 0;
    for (const limit::CostRun &run : batch.runs)
        sum += run.cost * run.count;
    return sum;
}

} // namespace

Limiter::Limiter(store::BucketStore &store, PoliciesPtr policies, Standby &standby,
                 telemetry::WorkerTelemetry &telemetry, telemetry::LevelBoard &levels, Decided decided, QObject *parent)
    : QObject{parent},
      m_store{store},
      m_policies{std::move(policies)},
      m_standby{standby},
      m_telemetry{telemetry},
      m_levels{levels},
      m_slot{standby.join(levels)},
      m_decided{std::move(decided)},
      m_batcher{[this](Batch batch) { submit(std::move(batch), 1); }, this},
      m_presence{m_slot.breaker, [this] { probe(); }, this},
      m_reportTimer{this},
      m_returns{m_ahead.lease(),
                telemetry.leaseHeld,
                {[this] { return m_standby.changes(); }, [this] { return isStoreDeciding(); }, [this] { sendBack(); }}}
{
    m_ahead.lease().setMost(m_policies->lease);
    m_reportTimer.setSingleShot(true);
    m_reportTimer.setTimerType(Qt::PreciseTimer);
    m_reportTimer.setInterval(std::chrono::duration_cast<std::chrono::milliseconds>(kRefusalHolds));
    connect(&m_reportTimer, &QTimer::timeout, this, &Limiter::report);
    connect(&standby, &Standby::begun, &m_presence, &StorePresence::trip);
    connect(&m_presence, &StorePresence::shownChanged, &standby, &Standby::breakerChanged, Qt::DirectConnection);
    connect(&standby, &Standby::released, this, &Limiter::resumeHeld);
}

void Limiter::decide(Ticket ticket, limit::Tokens cost)
{
    m_isDeciding = true;
    m_batcher.add(ticket, cost);
    m_isDeciding = false;
}

// What is owed belongs to the bucket of that name; if it cannot be told before the name is gone, nobody asks for it.
void Limiter::adopt(const PoliciesPtr &policies)
{
    m_empty.forget();
    m_ahead.lease().setMost(policies->lease);
    if (!policies->decidesAs(*m_policies))
        m_returns.drop();
    const bool isSameLimit = policies->limit.name == m_policies->limit.name;
    if (!isSameLimit) {
        report();
        m_owed = 0;
    }
    if (!isSameLimit || !limit::replaces(m_policies->limit, policies->limit)) {
        m_policies = policies;
        return;
    }
    auto merged = std::make_shared<Policies>(*policies);
    merged->limit = m_policies->limit;
    if (merged->limits.size() == 1)
        merged->limits = {merged->limit};
    m_policies = std::move(merged);
}

bool Limiter::isStoreDeciding() const
{
    return m_standby.mode() == Standby::Mode::Store && m_presence.isThere();
}

void Limiter::submit(Batch batch, int attempt)
{
    const bool isOfOurs = !batch.policies || batch.policies->limit.name == m_policies->limit.name;
    if (!batch.policies || (isOfOurs && m_policies->isSingle()))
        batch.policies = m_policies;
    if (!batch.policies->isSingle())
        return handOver(batch);
    if (attempt == 1 && isOfOurs)
        serve(batch);
    if (batch.tickets.empty() || (attempt == 1 && isOfOurs && refuse(batch)))
        return;
    Sent sent = sending();
    sent.policies = batch.policies;
    if (m_ahead.lease().isOn() && isOfOurs && isStoreDeciding())
        sent.ahead = m_ahead.ask(batch, sent.at, sent.changes);
    sent.tokens = costOf(batch) + sent.ahead.tokens();
    m_slot.inFlight += sent.tokens; // before the look at the mode: see Standby
    if (!isStoreDeciding()) {
        m_slot.inFlight -= sent.tokens;
        m_ahead.lose(sent.ahead, sent.changes);
        return resumeLater(std::move(batch));
    }
    store::TakeRequest request = requestFor(batch.runs, *batch.policies);
    for (const auto &[asked, cost] : sent.ahead.asked)
        request.runs.push_back({cost, asked.count});
    m_telemetry.storeCalls.add();
    m_store.take(std::move(request),
                 [this, batch = std::move(batch), sent = std::move(sent), attempt](Result<limit::TakeOutput> result) {
                     onTaken(batch, std::move(result), sent, attempt);
                 });
}

// By the limit of the batch alone, whatever else there is by now: the others hold for requests that start later.
void Limiter::handOver(const Batch &batch)
{
    if (!m_other || !batch.policies->book)
        return fail(batch, Decision::By::Reject,
                    {Error::Code::Overloaded, "the algorithm of the limit has just been changed", true});
    auto policies = std::make_shared<Policies>(*batch.policies);
    const auto named = [&](const limit::Limit &one) { return one.name == policies->limit.name; };
    const auto found = std::find_if(policies->limits.begin(), policies->limits.end(), named);
    if (found == policies->limits.end())
        return fail(batch, Decision::By::Reject, {Error::Code::Overloaded, "the limit has just been taken away", true});
    *found = policies->limit;
    std::vector<ChargedRequest> requests;
    auto ticket = batch.tickets.begin();
    for (const limit::CostRun &run : batch.runs)
        for (std::int64_t i = 0; i < run.count; ++i) {
            policy::Charge charge;
            charge.limit = static_cast<std::size_t>(found - policies->limits.begin());
            charge.cost = run.cost;
            requests.push_back({*ticket++, {charge}});
        }
    m_other->decideBy(policies, requests);
}

store::TakeRequest Limiter::requestFor(std::vector<limit::CostRun> runs, const Policies &policies)
{
    const limit::Limit &limit = policies.limit;
    store::TakeRequest request{limit.name, limit.spec, limit.epoch, limit::TokenMode::Keep, std::move(runs)};
    request.appliesDue = policies.refillsOnDemand;
    return request;
}

Limiter::Sent Limiter::sending() const
{
    return {steadyNow(), m_standby.changes(), m_standby.outages(), m_policies, 0, {}};
}

void Limiter::onTaken(const Batch &batch, Result<limit::TakeOutput> result, const Sent &sent, int attempt)
{
    if (!result) {
        lose(sent, result.error().mayBeDone);
        m_slot.inFlight -= sent.tokens;
        m_presence.noteFailure(result.error());
        return decideWithout(batch, result.error());
    }
    noteSuccess();
    limit::TakeOutput output = std::move(result).value();
    if (output.isStale) {
        lose(sent, false);
        m_slot.inFlight -= sent.tokens;
        learn(output, sent);
        return askAnew(batch, output, attempt);
    }
    const auto ahead = takeIn(batch, output, sent);
    if (!ahead)
        return resume(batch);
    learn(output, sent);
    output.tokens += *ahead;
    tell(batch, output, Decision::By::Store, {batch.policies->limit.name, output.inForce, output.epoch});
}

// Between begin() of the standby and its settlement a token that is given twice would be found once: what an outage has
// counted as in doubt is given to nobody.
std::optional<limit::Tokens> Limiter::takeIn(const Batch &batch, limit::TakeOutput &output, const Sent &sent)
{
    const std::lock_guard lock{m_slot.hearing};
    m_slot.inFlight -= sent.tokens;
    if (m_standby.outages() != sent.outages) {
        lose(sent, true);
        m_levels.post(reportOf(output, 0));
        return std::nullopt;
    }
    m_slot.inDoubt = 0; // the level that it tells includes what was taken
    const limit::Tokens ahead = hearAhead(batch, output, sent);
    book(batch, output, Decision::By::Store, ahead);
    return ahead;
}

void Limiter::lose(const Sent &sent, bool mayBeDone)
{
    m_ahead.lose(sent.ahead, m_standby.changes());
    if (!mayBeDone)
        return;
    m_slot.inDoubt += sent.tokens;
    m_telemetry.inDoubt.add(sent.tokens);
}

void Limiter::askAnew(Batch batch, const limit::TakeOutput &output, int attempt)
{
    batch.policies = learnNewer(output, batch.policies);
    if (attempt < kMaxAttempts)
        return submit(std::move(batch), attempt + 1);
    fail(batch, Decision::By::Reject,
         {Error::Code::Overloaded, "the limit changes faster than requests can be decided", true});
}

// An empty bucket stays so until its next refill. When that is left to the refiller, nobody here knows when it is.
void Limiter::learn(const limit::TakeOutput &output, const Sent &sent)
{
    if (output.isStale || sent.policies != m_policies || !m_policies->refillsOnDemand)
        return m_empty.forget();
    m_empty.learn(output, sent.at, steadyNow(), sent.changes);
}

// Nothing was taken; the answer says what is in force now. It may be of a limit that was ours when it was asked.
PoliciesPtr Limiter::learnNewer(const limit::TakeOutput &output, const PoliciesPtr &asked)
{
    const bool isOfOurs = asked->limit.name == m_policies->limit.name && m_policies->isSingle();
    if (isOfOurs && limit::replaces(m_policies->limit, limit::Limit{{}, output.inForce, output.epoch}))
        return m_policies;
    m_standby.noteChange(); // nobody who has seen the new limit is refused by the old one on another worker
    m_empty.forget();
    m_returns.drop();
    auto next = std::make_shared<Policies>(isOfOurs ? *m_policies : *asked);
    next->limit.spec = output.inForce;
    next->limit.epoch = output.epoch;
    if (isOfOurs)
        m_policies = next;
    Q_EMIT newerLimitFound(next->limit);
    return next;
}

void Limiter::book(const Batch &batch, const limit::TakeOutput &output, Decision::By by, limit::Tokens ahead)
{
    limit::Tokens taken = ahead;
    for (std::size_t i = 0; i < batch.runs.size(); ++i)
        taken += output.granted[i] * batch.runs[i].cost;
    // Counted before the level tells: whoever reads the level first never finds a token gone that nobody was given.
    count(batch, output, by);
    m_levels.post(reportOf(output, taken));
}

void Limiter::count(const Batch &batch, const limit::TakeOutput &output, Decision::By by)
{
    const auto requests = static_cast<std::int64_t>(batch.tickets.size());
    const auto admitted = std::accumulate(output.granted.begin(), output.granted.end(), std::int64_t{0});
    m_telemetry.admitted.add(admitted);
    m_telemetry.refused.add(requests - admitted);
    m_telemetry.countDecided(by, requests);
}

void Limiter::tell(const Batch &batch, const limit::TakeOutput &output, Decision::By by, const limit::Limit &limit)
{
    Decision decision{.by = by, .verdict = {}, .limit = &limit, .error = nullptr};
    std::size_t next = 0;
    limit::forEachVerdict(output, batch.runs, [&](std::size_t, const limit::Verdict &verdict) {
        decision.verdict = verdict;
        m_decided(batch.tickets[next++], decision);
    });
}

// The store has just said that the bucket is empty, and nothing can have come in since. Counted at once, so that nothing
// that is owed gets lost.
bool Limiter::refuse(Batch &batch)
{
    if (!isStoreDeciding())
        return false;
    const auto output = m_empty.refusalOf(batch.runs, steadyNow(), m_standby.changes());
    if (!output)
        return false;
    count(batch, *output, Decision::By::Store);
    m_owed += static_cast<std::int64_t>(batch.tickets.size());
    reportSoon();
    tellByItself(std::move(batch), *output);
    return true;
}

// At once when the turn ends; nobody is answered from inside decide().
void Limiter::tellByItself(Batch batch, limit::TakeOutput output)
{
    const auto all = [this, batch = std::move(batch), output = std::move(output), policies = m_policies] {
        tell(batch, output, Decision::By::Store, policies->limit);
    };
    if (!m_isDeciding)
        return all();
    QMetaObject::invokeMethod(this, all, Qt::QueuedConnection);
}

void Limiter::noteSuccess()
{
    m_presence.noteSuccess();
    reportSoon();
}

void Limiter::reportSoon()
{
    if (m_owed > 0 && !m_reportTimer.isActive())
        m_reportTimer.start();
}

// No bucket has room for such a cost: the store counts the requests as refused, and takes nothing.
bool Limiter::report()
{
    if (m_owed > 0 && isStoreDeciding()) {
        const std::int64_t requests = std::exchange(m_owed, 0);
        m_reportTimer.stop();
        tellStore(requestFor({{limit::kMaxTotal, requests}}, *m_policies),
                  [this, requests](bool isToBeSentAgain) { m_owed += isToBeSentAgain ? requests : 0; });
    }
    return m_reports > 0;
}

void Limiter::tellStore(store::TakeRequest request, const Told &told)
{
    ++m_reports;
    m_telemetry.storeCalls.add();
    m_store.take(std::move(request), [this, told, sent = sending()](const Result<limit::TakeOutput> &result) {
        onTold(told, result, sent);
    });
}

// What is in doubt is not sent again: as with tokens, what may be done is not done twice.
void Limiter::onTold(const Told &told, const Result<limit::TakeOutput> &result, const Sent &sent)
{
    --m_reports;
    const bool isOfOurs = sent.policies->limit.name == m_policies->limit.name;
    told(isOfOurs && (result ? result.value().isStale : !result.error().mayBeDone));
    if (!result)
        return m_presence.noteFailure(result.error()); // told with the next success
    if (result.value().isStale) {
        learnNewer(result.value(), sent.policies);
    } else if (isOfOurs) {
        m_levels.post(reportOf(result.value(), 0));
        learn(result.value(), sent);
    }
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
    const Standby::Mode mode = m_standby.mode();
    const bool isLocal = m_policies->onStoreFailure == config::StoreFailurePolicy::Local;
    if (m_presence.isThere() && mode == Standby::Mode::Store)
        return submit(std::move(batch), 1);
    if (m_presence.isThere() && mode == Standby::Mode::Settling && isLocal)
        return m_held.push_back(std::move(batch)); // released() comes later than this look
    decideWithout(batch, m_presence.isThere() ? kNotSettled : m_presence.lastError());
}

void Limiter::resumeHeld()
{
    m_empty.forget(); // of before the outage
    m_returns.drop();
    reportSoon();
    for (Batch &batch : std::exchange(m_held, {}))
        resume(std::move(batch));
}

void Limiter::decideWithout(const Batch &batch, const Error &error)
{
    const Decision::By by = decideWithoutStore(m_policies->onStoreFailure, error.code);
    if (by == Decision::By::Local)
        return decideLocally(batch, error);
    fail(batch, by, error);
}

void Limiter::decideLocally(const Batch &batch, const Error &error)
{
    const PoliciesPtr policies = batch.policies;
    const auto now = steadyNow();
    m_telemetry.lastFailure.note(error.detail); // who hears that an outage has begun asks why
    if (!m_standby.begin(policies->limit, now)) // nothing is known to go on from
        return fail(batch, Decision::By::Reject, error);
    if (const auto why = m_standby.blockedBy())
        return fail(batch, Decision::By::Reject, *why);
    if (const auto output = m_standby.take(batch.runs, policies->refillsOnDemand, now)) {
        book(batch, *output, Decision::By::Local, 0);
        return tell(batch, *output, Decision::By::Local, policies->limit);
    }
    if (m_standby.mode() == Standby::Mode::Settling)
        return m_held.push_back(batch);
    resumeLater(batch); // it has just been settled
}

void Limiter::fail(const Batch &batch, Decision::By by, const Error &error)
{
    const PoliciesPtr policies = m_policies; // a receiver may lead to adopt()
    const Error why = error;                 // and to another last error
    m_telemetry.lastFailure.note(why.detail);
    const Decision decision{.by = by, .verdict = {}, .limit = &policies->limit, .error = &why};
    m_telemetry.undecided.add(static_cast<std::int64_t>(batch.tickets.size()));
    m_telemetry.countDecided(by, static_cast<std::int64_t>(batch.tickets.size()));
    for (const Ticket ticket : batch.tickets)
        m_decided(ticket, decision);
}

// A call that takes nothing, so no client waits to learn whether the store is back. While this process
// decides, the bucket is left alone: the settler knows most about it and is to be the first to touch it.
void Limiter::probe()
{
    if (m_standby.mode() != Standby::Mode::Store || !m_policies->isSingle())
        return m_store.ping(
            [this](const Result<Done> &result) { result ? noteSuccess() : m_presence.noteFailure(result.error()); });
    m_store.take(requestFor({}, *m_policies),
                 [this, asked = m_policies](const Result<limit::TakeOutput> &result) { onProbed(result, asked); });
}

void Limiter::onProbed(const Result<limit::TakeOutput> &result, const PoliciesPtr &asked)
{
    if (!result)
        return m_presence.noteFailure(result.error());
    noteSuccess();
    if (result.value().isStale)
        learnNewer(result.value(), asked);
    else
        m_levels.post(reportOf(result.value(), 0));
}

} // namespace weir::engine

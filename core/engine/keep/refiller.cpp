// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/keep/refiller.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "core/base/clock.h"
#include "core/engine/batch/batch_parts.h"
#include "core/engine/known/level_report.h"

namespace weir::engine {
namespace {

using std::chrono::milliseconds;

// The store's clock and ours drift, and ours stops in suspend: look again at least this often.
constexpr Micros kLongestWait{30'000'000};
constexpr Micros kRetryWait{250'000};

/// The buckets that all requests share, and the one that is shown, without requests; if the store is spread, one batch for each group.
std::vector<Batch> sharedBuckets(const PoliciesPtr &policies, bool isSpread)
{
    std::map<std::string, Batch> batches;
    for (std::size_t i = 0; i < policies->limits.size(); ++i) {
        const config::LimitEntry &entry = policies->book->set.limits[i];
        const std::string &limit = policies->limits[i].name;
        const bool isShown = limit == policies->limit.name && !policies->shownSubject.empty();
        if (!entry.isOn || (!entry.key.empty() && !isShown))
            continue;
        const std::string subject = isShown ? policies->shownSubject : std::string{};
        Batch::Bucket bucket{i, subject, bucketName(limit, subject), 0};
        const std::string group = groupOf(bucket, *policies, isSpread);
        Batch &batch = batches[group];
        batch.group = group;
        batch.policies = policies;
        batch.buckets.push_back(std::move(bucket));
    }
    std::vector<Batch> list;
    for (auto &[group, batch] : batches)
        list.push_back(std::move(batch));
    return list;
}

} // namespace

Refiller::Refiller(store::BucketStore &store, PoliciesPtr policies, BucketTable &table, telemetry::LevelBoard &levels,
                   std::string name, QObject *parent)
    : QObject{parent},
      m_store{store},
      m_policies{std::move(policies)},
      m_table{table},
      m_levels{levels},
      m_name{std::move(name)},
      m_timer{this}
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &Refiller::tick);
}

void Refiller::adopt(const PoliciesPtr &policies)
{
    m_policies = policies;
    tick(); // the next boundary may have moved
}

void Refiller::pause(bool isPaused)
{
    m_pulse.isPaused = isPaused;
    if (!isPaused)
        return tick();
    m_timer.stop();
    m_pulse.isRunning = false;
}

void Refiller::tick()
{
    if (m_pulse.isPaused)
        return;
    m_isTickDue = m_ticks > 0;
    if (m_isTickDue)
        return;
    armFor(kLongestWait); // at the latest; the answer knows better
    ask(true, true);
}

void Refiller::ask(bool appliesDue, bool isTick)
{
    for (Batch &batch : sharedBuckets(m_policies, m_store.isSpread())) {
        if (m_table.send(batch))
            send(std::move(batch), appliesDue, isTick);
        else if (const auto output = m_table.takeLocally(batch, appliesDue, steadyNow()))
            onAnswer(batch, *output, isTick); // the store is away and is not asked
        else if (isTick)
            armFor(kRetryWait); // it is just being settled
    }
}

void Refiller::lookAt(const std::string &limit, const std::string &subject)
{
    const auto &limits = m_policies->limits;
    const auto found =
        std::find_if(limits.begin(), limits.end(), [&](const limit::Limit &one) { return one.name == limit; });
    if (found == limits.end())
        return;
    const auto place = static_cast<std::size_t>(found - limits.begin());
    Batch batch;
    batch.policies = m_policies;
    batch.buckets.push_back({place, subject, bucketName(limit, subject), 0});
    batch.group = groupOf(batch.buckets.front(), *m_policies, m_store.isSpread());
    if (m_table.send(batch))
        send(std::move(batch), m_policies->refillsOnDemand, false);
}

void Refiller::send(Batch batch, bool appliesDue, bool isTick)
{
    store::TakeRequest request = requestOf(batch, appliesDue);
    if (isTick)
        request.refiller = m_name;
    m_ticks += isTick ? 1 : 0;
    m_store.take(std::move(request), [this, batch = std::move(batch), isTick](const Result<limit::TakeOutput> &result) {
        if (result)
            m_table.hear(batch, result.value(), steadyNow());
        else
            m_table.lose(batch, false);
        m_ticks -= isTick ? 1 : 0;
        onAnswer(batch, result, isTick);
        if (m_ticks == 0 && std::exchange(m_isTickDue, false))
            tick();
    });
}

void Refiller::onAnswer(const Batch &batch, const Result<limit::TakeOutput> &result, bool isTick)
{
    if (isTick) {
        m_pulse.isRunning = result.isOk() && !m_pulse.isPaused;
        if (result)
            m_pulse.tickedAtMs = SystemClock{}.now() / milliseconds{1};
        else
            armFor(kRetryWait);
    }
    Micros next = m_table.mode() == BucketTable::Mode::Store ? kLongestWait : kRetryWait;
    for (std::size_t i = 0; result && i < batch.buckets.size(); ++i) {
        const limit::Limit &limit = batch.policies->limits[batch.buckets[i].limit];
        const limit::TakeOutput &output = result.value();
        const limit::BucketOutput &told = output.buckets[i];
        if (told.isStale)
            Q_EMIT newerLimitFound({limit.name, told.inForce, told.epoch});
        if (output.isStale)
            continue;
        noteRefiller(batch, i, output);
        next = std::min(next, limit.spec.interval - output.now % limit.spec.interval);
        if (isShown(batch, i))
            m_levels.post(levelOf(told, output.now, i < batch.sent.size() ? batch.sent[i] : limit::Known{}, 0));
    }
    if (!isTick)
        return;
    if (result)
        armFor(next);
    Q_EMIT ticked();
}

bool Refiller::isShown(const Batch &batch, std::size_t place) const
{
    const Batch::Bucket &bucket = batch.buckets[place];
    return batch.policies->limits[bucket.limit].name == m_policies->limit.name
           && bucket.subject == m_policies->shownSubject;
}

// It applied the interval itself if that has changed since the call went out, and under its name.
void Refiller::noteRefiller(const Batch &batch, std::size_t place, const limit::TakeOutput &output)
{
    if (output.refillers.empty())
        return;
    const std::string &last = output.refillers[place];
    if (isShown(batch, place))
        m_pulse.lastRefiller = last;
    const limit::Known &sent = batch.sent[place], &known = output.buckets[place].known;
    if (last != m_name || !sent.isKnown() || known.cell[1] <= sent.cell[1])
        return;
    if (batch.buckets[place].subject.empty())
        m_table.countRefill(batch.policies->limits[batch.buckets[place].limit]);
    m_pulse.lateness = output.now - known.cell[1] * batch.policies->limits[batch.buckets[place].limit].spec.interval;
    m_pulse.worstLateness = std::max(m_pulse.worstLateness, m_pulse.lateness);
    m_pulse.lateTicks += m_pulse.lateness > kLate ? 1 : 0;
}

// Rounded up to the timer's milliseconds: a tick just before the boundary would have to come again.
void Refiller::armFor(Micros wait)
{
    if (!m_pulse.isPaused
        && (!m_timer.isActive() || std::chrono::ceil<milliseconds>(wait) < m_timer.remainingTimeAsDuration()))
        m_timer.start(std::chrono::ceil<milliseconds>(std::clamp(wait, Micros{1000}, kLongestWait)));
}

} // namespace weir::engine

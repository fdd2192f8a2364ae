// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/group_refiller.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "core/base/clock.h"
#include "core/engine/level_report.h"

namespace weir::engine {
namespace {

using std::chrono::milliseconds;

// As in Refiller: clocks drift, and ours stops in suspend.
constexpr Micros kLongestWait{30'000'000};
constexpr Micros kRetryWait{250'000};

/// The buckets that all requests share, and the one that is shown, without requests; if the store is spread, one batch for each group.
std::vector<GroupBatch> sharedBuckets(const PoliciesPtr &policies, bool isSpread)
{
    std::map<std::string, GroupBatch> batches;
    for (std::size_t i = 0; i < policies->limits.size(); ++i) {
        const config::LimitRule &rule = policies->book->set.limits[i];
        const std::string &limit = policies->limits[i].name;
        const bool isShown = limit == policies->limit.name && !policies->shownSubject.empty();
        if (!rule.isOn || (!rule.key.empty() && !isShown))
            continue;
        const std::string subject = isShown ? policies->shownSubject : std::string{};
        const std::string name = bucketName(limit, subject);
        const std::string group = !isSpread ? "" : policies->book->groups[i].empty() ? name : policies->book->groups[i];
        GroupBatch &batch = batches[group];
        batch.group = group;
        batch.policies = policies;
        batch.buckets.push_back({i, subject, name, 0});
    }
    std::vector<GroupBatch> list;
    for (auto &[group, batch] : batches)
        list.push_back(std::move(batch));
    return list;
}

} // namespace

GroupRefiller::GroupRefiller(store::BucketStore &store, PoliciesPtr policies, BucketTable &table,
                             telemetry::LevelBoard &levels, std::string name, QObject *parent)
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
    connect(&m_timer, &QTimer::timeout, this, &GroupRefiller::tick);
}

void GroupRefiller::adopt(const PoliciesPtr &policies)
{
    m_policies = policies;
    tick(); // the next boundary may have moved
}

void GroupRefiller::pause(bool isPaused)
{
    m_pulse.isPaused = isPaused;
    if (!isPaused)
        return tick();
    m_timer.stop();
    m_pulse.isRunning = false;
}

void GroupRefiller::tick()
{
    if (m_pulse.isPaused)
        return;
    armFor(kLongestWait); // at the latest; the answer knows better
    ask(true);
}

void GroupRefiller::ask(bool appliesDue)
{
    const bool isTick = appliesDue && !m_pulse.isPaused;
    for (GroupBatch &batch : sharedBuckets(m_policies, m_store.isSpread())) {
        if (m_table.send(batch)) {
            store::GroupRequest request = requestOf(batch, appliesDue);
            m_store.takeAll(std::move(request),
                            [this, batch = std::move(batch), isTick](const Result<limit::GroupOutput> &result) {
                                if (result)
                                    m_table.hear(batch, result.value(), steadyNow());
                                else
                                    m_table.lose(batch, false);
                                onAnswer(batch, result, isTick);
                            });
        } else if (const auto output = m_table.takeLocally(batch, steadyNow())) {
            onAnswer(batch, *output, isTick); // the store is away and is not asked
        } else if (isTick) {
            armFor(kRetryWait); // it is just being settled
        }
    }
}

void GroupRefiller::onAnswer(const GroupBatch &batch, const Result<limit::GroupOutput> &result, bool isTick)
{
    if (isTick)
        m_pulse.isRunning = result.isOk() && !m_pulse.isPaused;
    if (!result)
        return armFor(kRetryWait);
    if (isTick)
        m_pulse.tickedAtMs = SystemClock{}.now() / milliseconds{1};
    Micros next = m_table.mode() == BucketTable::Mode::Store ? kLongestWait : kRetryWait;
    for (std::size_t i = 0; i < batch.buckets.size(); ++i) {
        const limit::Limit &limit = batch.policies->limits[batch.buckets[i].limit];
        const limit::BucketOutput &told = result.value().buckets[i];
        if (told.isStale) {
            Q_EMIT newerLimitFound({limit.name, told.inForce, told.epoch});
            continue;
        }
        if (result.value().isStale)
            continue;
        if (isTick && i < batch.sent.size() && told.known.refilled > batch.sent[i].refilled && batch.sent[i].isKnown()
            && limit.spec.algorithm == limit::Algorithm::TokenBucket)
            noteRefill(limit, result.value().now);
        next = std::min(next, limit.spec.interval - result.value().now % limit.spec.interval);
        if (limit.name == m_policies->limit.name && batch.buckets[i].subject == m_policies->shownSubject)
            m_levels.post(
                levelOf(told, result.value().now, i < batch.sent.size() ? batch.sent[i] : limit::CellKnown{}, 0));
    }
    if (isTick)
        armFor(next);
}

void GroupRefiller::noteRefill(const limit::Limit &limit, Micros now)
{
    m_pulse.lateness = now % limit.spec.interval;
    m_pulse.worstLateness = std::max(m_pulse.worstLateness, m_pulse.lateness);
    m_pulse.lateTicks += m_pulse.lateness > Refiller::kLate ? 1 : 0;
    m_pulse.lastRefiller = m_name;
}

// Rounded up to the timer's milliseconds: a tick just before the boundary would have to come again.
void GroupRefiller::armFor(Micros wait)
{
    if (!m_pulse.isPaused
        && (!m_timer.isActive() || std::chrono::ceil<milliseconds>(wait) < m_timer.remainingTimeAsDuration()))
        m_timer.start(std::chrono::ceil<milliseconds>(std::clamp(wait, Micros{1000}, kLongestWait)));
}

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/settler.h"

#include <chrono>
#include <utility>

#include "core/base/clock.h"
#include "core/engine/failure_policy.h"
#include "core/engine/level_report.h"

namespace weir::engine {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 50ms;
// contracts.md "Failure", the target of a decision: requests wait no longer for a settlement.
constexpr auto kPatience = 25ms;

} // namespace

Settler::Settler(store::BucketStore &store, PoliciesPtr policies, Standby &standby, telemetry::LevelBoard &levels,
                 InstanceCount &count, QObject *parent)
    : QObject{parent},
      m_store{store},
      m_policies{std::move(policies)},
      m_standby{standby},
      m_levels{levels},
      m_count{count},
      m_timer{this},
      m_thaw{this}
{
    m_thaw.setSingleShot(true);
    m_thaw.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &Settler::look);
    connect(&m_thaw, &QTimer::timeout, &standby, &Standby::thaw);
    connect(&standby, &Standby::begun, this, [this] { m_timer.start(kLook); });
}

// First a call that nobody waits for: a store that hangs must not hold up requests. It asks who else is there by now: only who
// is alone knows what was taken. The count may lie on another server, which is still away.
void Settler::look()
{
    if (m_standby.mode() == Standby::Mode::Store)
        return m_timer.stop();
    if (m_isUnderWay || !m_standby.isReadyToSettle() || steadyNow() < m_notBefore)
        return;
    m_isUnderWay = true;
    m_count.lookFor([this](bool isCounted) {
        if (isCounted)
            return settle(true);
        m_store.ping([this](const Result<Done> &result) { result ? settle(false) : tryAgain(); });
    });
}

void Settler::settle(bool isCounted)
{
    const auto work = m_standby.freeze(isCounted);
    if (!work)
        return tryAgain();
    m_thaw.start(kPatience);
    const limit::Limit limit = inForce(work->limit, work->seen);
    store::SettleRequest request;
    request.call = {limit.name, limit.spec, limit.epoch, limit::TokenMode::Keep, {}};
    request.call.appliesDue = m_policies->refillsOnDemand;
    request.known =
        limit::knownUnder(limit.spec, work->known.bucket,
                          {work->known.capacity, work->known.refill, Micros{work->known.everyUs}, limit.spec.start},
                          Micros{work->known.atUs});
    request.settlement = work->settlement;
    // By another limit the level that we came to means nothing; what was spent does.
    request.settlement.isWhole = request.settlement.isWhole && !limit::replaces(limit, work->seen);
    request.instance = m_count.name();
    m_store.settle(std::move(request),
                   [this, name = limit.name](const Result<limit::SettleOutput> &result) { onSettled(name, result); });
}

// The limit that decisions were made for, by the newest numbers; there may be another one by now.
limit::Limit Settler::inForce(const std::string &name, const limit::LastSeen &seen) const
{
    limit::Limit newest{name, seen.spec, seen.epoch};
    for (const limit::Limit &limit : m_policies->limits)
        if (limit.name == name && limit::replaces(limit, newest))
            newest = limit;
    if (m_policies->limit.name == name && limit::replaces(m_policies->limit, newest))
        newest = m_policies->limit;
    return newest;
}

void Settler::onSettled(const std::string &name, const Result<limit::SettleOutput> &result)
{
    m_thaw.stop();
    if (!result || result.value().bucket.isStale) {
        if (!result && needsPerson(result.error().code)) {
            if (!m_standby.blockedBy())
                Q_EMIT blocked(name, result.error());
            m_standby.block(result.error());
        }
        m_standby.thaw();
        tryAgain();
        if (result)
            Q_EMIT newerLimitFound({name, result.value().bucket.inForce, result.value().bucket.epoch});
        return;
    }
    // Before anybody may go local again: the next outage begins with this level.
    m_levels.post(reportOf(result.value().bucket, 0));
    m_isUnderWay = false;
    if (!m_standby.finish(result.value())) // it took too long; the rest follows at the next look
        return;
    m_timer.stop();
    Q_EMIT settled(result.value());
}

void Settler::tryAgain()
{
    m_isUnderWay = false;
    m_notBefore = steadyNow() + CircuitBreaker::kProbeEvery;
}

} // namespace weir::engine

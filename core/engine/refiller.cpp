// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/refiller.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/clock.h"
#include "core/engine/level_report.h"

namespace weir::engine {
namespace {

using std::chrono::milliseconds;

// The store's clock and ours drift, and ours stops in suspend: look again at least this often.
constexpr Micros kLongestWait{30'000'000};
constexpr Micros kRetryWait{250'000};

} // namespace

Refiller::Refiller(store::BucketStore &store, PoliciesPtr policies, Standby &standby, telemetry::LevelBoard &levels,
                   std::string name, QObject *parent)
    : QObject{parent},
      m_store{store},
      m_policies{std::move(policies)},
      m_standby{standby},
      m_levels{levels},
      m_name{std::move(name)},
      m_timer{this}
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &Refiller::tick);
}

void Refiller::start()
{
    tick();
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
    if (m_standby.mode() != Standby::Mode::Store)
        return tickLocally();
    if (std::exchange(m_isInFlight, true)) {
        m_isTickDue = true;
        return;
    }
    const limit::Limit &limit = m_policies->limit;
    store::TakeRequest request{limit.name, limit.spec, limit.epoch, limit::TokenMode::Keep, {}};
    request.refiller = m_name;
    m_store.take(std::move(request), [this](const Result<limit::TakeOutput> &result) {
        m_isInFlight = false;
        onTaken(result);
        if (std::exchange(m_isTickDue, false))
            tick();
    });
}

// The store is away and is not asked; the bucket that stands in for it has intervals too.
void Refiller::tickLocally()
{
    const auto output = m_standby.take({}, true, steadyNow());
    if (!output)
        return armFor(kRetryWait); // it is just being settled
    m_levels.post(reportOf(*output, 0));
    m_pulse.isRunning = true;
    armFor(std::min(output->nextRefill, kRetryWait)); // and look whether the store is back
    Q_EMIT ticked();
}

void Refiller::look()
{
    const limit::Limit &limit = m_policies->limit;
    if (m_standby.mode() != Standby::Mode::Store) {
        if (const auto output = m_standby.take({}, m_policies->refillsOnDemand, steadyNow()))
            m_levels.post(reportOf(*output, 0));
        return;
    }
    store::TakeRequest request{limit.name, limit.spec, limit.epoch, limit::TokenMode::Keep, {}};
    request.appliesDue = m_policies->refillsOnDemand;
    m_store.take(std::move(request), [this](const Result<limit::TakeOutput> &result) {
        if (result)
            m_levels.post(reportOf(result.value(), 0));
    });
}

void Refiller::onTaken(const Result<limit::TakeOutput> &result)
{
    m_pulse.isRunning = result.isOk() && !m_pulse.isPaused;
    if (!result) {
        armFor(kRetryWait);
        Q_EMIT failed(QString::fromStdString(result.error().detail));
        return;
    }
    const limit::TakeOutput &output = result.value();
    armFor(output.nextRefill);
    m_levels.post(reportOf(output, 0));
    notePulse(output);
    if (output.isStale)
        Q_EMIT newerLimitFound({m_policies->limit.name, output.inForce, output.epoch});
    Q_EMIT ticked();
}

void Refiller::notePulse(const limit::TakeOutput &output)
{
    m_pulse.tickedAtMs = SystemClock{}.now() / milliseconds{1};
    if (output.isStale)
        return;
    m_pulse.lastRefiller = output.refiller;
    const bool isSameKind = m_every == output.inForce.interval;
    const bool isOurs = output.interval > m_interval && output.refiller == m_name;
    if (isSameKind && isOurs) {
        m_pulse.lateness = output.now - output.interval * output.inForce.interval;
        m_pulse.worstLateness = std::max(m_pulse.worstLateness, m_pulse.lateness);
        m_pulse.lateTicks += m_pulse.lateness > kLate ? 1 : 0;
    }
    m_interval = output.interval;
    m_every = output.inForce.interval;
}

// Rounded up to the timer's milliseconds: a tick just before the boundary would have to come again.
void Refiller::armFor(Micros wait)
{
    if (!m_pulse.isPaused)
        m_timer.start(std::chrono::ceil<milliseconds>(std::clamp(wait, Micros{1000}, kLongestWait)));
}

} // namespace weir::engine

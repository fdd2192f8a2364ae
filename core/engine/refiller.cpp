// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/refiller.h"

#include <algorithm>
#include <utility>

#include "core/engine/limiter.h"

namespace weir::engine {
namespace {

using std::chrono::milliseconds;

// The store's clock and ours drift, and ours stops in suspend: look again at least this often.
constexpr Micros kLongestWait{30'000'000};
constexpr Micros kRetryWait{250'000};

} // namespace

Refiller::Refiller(store::BucketStore &store, PoliciesPtr policies, telemetry::LevelBoard &levels, QObject *parent)
    : QObject{parent}, m_store{store}, m_policies{std::move(policies)}, m_levels{levels}, m_timer{this}
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

void Refiller::tick()
{
    if (std::exchange(m_isInFlight, true)) {
        m_isTickDue = true;
        return;
    }
    const limit::Limit &limit = m_policies->limit;
    m_store.take({limit.name, limit.spec, limit.epoch, limit::TokenMode::Keep, {}},
                 [this](const Result<limit::TakeOutput> &result) {
                     m_isInFlight = false;
                     onTaken(result);
                     if (std::exchange(m_isTickDue, false))
                         tick();
                 });
}

void Refiller::onTaken(const Result<limit::TakeOutput> &result)
{
    m_isRunning = result.isOk();
    if (!result) {
        armFor(kRetryWait);
        Q_EMIT failed(QString::fromStdString(result.error().detail));
        return;
    }
    const limit::TakeOutput &output = result.value();
    armFor(output.nextRefill);
    m_levels.post(reportOf(output, 0));
    if (output.isStale)
        Q_EMIT newerLimitFound({m_policies->limit.name, output.inForce, output.epoch});
    Q_EMIT ticked();
}

// Rounded up to the timer's milliseconds: a tick just before the boundary would have to come again.
void Refiller::armFor(Micros wait)
{
    m_timer.start(std::chrono::ceil<milliseconds>(std::clamp(wait, Micros{1000}, kLongestWait)));
}

} // namespace weir::engine

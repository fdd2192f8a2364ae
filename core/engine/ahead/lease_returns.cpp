// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/ahead/lease_returns.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/clock.h"

namespace weir::engine {
namespace {

using std::chrono::milliseconds;

// What is held comes and goes all the time: looked through no more often than that.
constexpr milliseconds kLeastLook{10};

} // namespace

LeaseReturns::LeaseReturns(Lease &lease, telemetry::Count &gauge, Owner owner)
    : m_lease{lease}, m_gauge{gauge}, m_owner{std::move(owner)}
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] {
        m_lease.expire(steadyNow(), m_owner.changes());
        send();
        later();
    });
}

void LeaseReturns::later()
{
    if (m_timer.isActive() || (m_lease.held() == 0 && !m_lease.hasUnused()))
        return;
    const auto now = steadyNow(), next = m_lease.nextExpiry().value_or(now + kLeaseHolds);
    m_timer.start(std::max(std::chrono::ceil<milliseconds>(next - now), kLeastLook));
}

void LeaseReturns::all()
{
    m_lease.expireAll(m_owner.changes());
    send();
}

void LeaseReturns::send()
{
    if (!m_owner.isStoreDeciding())
        return drop();
    show();
    m_owner.send();
}

void LeaseReturns::drop()
{
    m_lease.drop();
    show();
}

void LeaseReturns::show()
{
    const limit::Tokens held = m_lease.held();
    m_gauge.add(held - std::exchange(m_shown, held));
}

LeaseReturns::Told LeaseReturns::told(std::vector<Lease::Unused> unused)
{
    return [this, unused = std::move(unused), round = m_lease.round()](bool isToBeSentAgain) {
        if (isToBeSentAgain && round == m_lease.round())
            m_lease.addAgain(unused, steadyNow());
        later();
    };
}

} // namespace weir::engine

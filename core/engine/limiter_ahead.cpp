// SPDX-License-Identifier: GPL-3.0-only
// Limiter's other half: tokens that are taken ahead, from the answer that grants them until they are used or given back.
#include <algorithm>
#include <chrono>
#include <utility>

#include "core/engine/limiter.h"

namespace weir::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What is held comes and goes all the time: looked through no more often than that.
constexpr milliseconds kLeastLook{10};

} // namespace

// As the store has granted it, and counted. At once when the turn ends: that is what it is for.
void Limiter::serve(Batch &batch)
{
    if (m_ahead.lease().held() == 0 || !isStoreDeciding())
        return;
    auto served = m_ahead.takeOut(batch, steady_clock::now(), m_standby.changes());
    showHeld();
    if (!served)
        return;
    count(served->batch, served->output, Decision::By::Store);
    tellByItself(std::move(served->batch), std::move(served->output));
}

// From here on `output` is the answer to `batch` alone. Returns the tokens that were granted besides.
limit::Tokens Limiter::hearAhead(const Batch &batch, limit::TakeOutput &output, const Sent &sent)
{
    if (!m_ahead.lease().isOn() && sent.ahead.asked.empty())
        return 0;
    if (output.isStale) {
        m_ahead.lose(sent.ahead, m_standby.changes());
        return 0;
    }
    const limit::Tokens ahead = m_ahead.hear(batch, sent.ahead, output, steady_clock::now(), m_standby.changes());
    showHeld();
    giveBackLater();
    return ahead;
}

void Limiter::giveBackLater()
{
    Lease &lease = m_ahead.lease();
    if (m_leaseTimer.isActive() || (lease.held() == 0 && !lease.hasUnused()))
        return;
    const auto now = steady_clock::now(), next = lease.nextExpiry().value_or(now + kLeaseHolds);
    m_leaseTimer.start(std::max(std::chrono::ceil<milliseconds>(next - now), kLeastLook));
}

void Limiter::giveBack()
{
    m_ahead.lease().expire(steady_clock::now(), m_standby.changes());
    sendBack();
    giveBackLater();
}

// Without the store it is lost: the bucket may be another one when it is back.
void Limiter::sendBack()
{
    Lease &lease = m_ahead.lease();
    if (!isStoreDeciding())
        return dropAhead();
    showHeld();
    while (lease.hasUnused()) {
        std::vector<Lease::Unused> unused = lease.takeUnused(store::kMaxRuns, store::kMaxRuns);
        store::TakeRequest request = requestFor(runsOf(unused));
        request.givesBack = true;
        tellStore(std::move(request), [this, unused = std::move(unused), round = lease.round()](bool isToBeSentAgain) {
            if (isToBeSentAgain && round == m_ahead.lease().round())
                m_ahead.lease().addAgain(unused, steady_clock::now());
            giveBackLater();
        });
    }
}

bool Limiter::handBack()
{
    m_ahead.lease().expireAll(m_standby.changes());
    sendBack();
    return report();
}

void Limiter::dropAhead()
{
    m_ahead.lease().drop();
    showHeld();
}

void Limiter::showHeld()
{
    const limit::Tokens held = m_ahead.lease().held();
    m_telemetry.leaseHeld.add(held - std::exchange(m_shownHeld, held));
}

} // namespace weir::engine

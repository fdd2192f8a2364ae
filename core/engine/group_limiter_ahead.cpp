// SPDX-License-Identifier: GPL-3.0-only
// GroupLimiter's other half: tokens that are taken ahead, as in limiter_ahead.cpp.
#include <algorithm>
#include <chrono>
#include <utility>

#include "core/engine/group_limiter.h"
#include "core/engine/group_verdicts.h"

namespace weir::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// As in Limiter.
constexpr milliseconds kLeastLook{10};

} // namespace

// As the store has granted it, and counted; in decide() nothing is submitted, so this is never inside it.
void GroupLimiter::serve(GroupBatch &batch)
{
    if (m_ahead.lease().held() == 0 || batch.policies != m_policies || !isStoreDeciding())
        return;
    const auto now = steady_clock::now();
    const auto served = m_ahead.takeOut(batch, now, m_table.changes());
    showHeld();
    if (!served)
        return;
    count(served->batch, served->output, Decision::By::Store);
    m_table.countServed(served->batch, served->output, now);
    forEachDecision(served->batch, served->output, Decision::By::Store, m_decided);
}

// From here on `output` is the answer to `batch` alone. Returns the tokens that were granted besides, by bucket.
std::vector<limit::Tokens> GroupLimiter::hearAhead(const GroupBatch &batch, limit::GroupOutput &output,
                                                   const Sent &sent)
{
    if (!m_ahead.lease().isOn() && sent.ahead.asked.empty())
        return {};
    if (output.isStale) {
        m_ahead.lose(sent.ahead, m_table.changes());
        return {};
    }
    std::vector<limit::Tokens> ahead = m_ahead.hear(batch, sent.ahead, output, steady_clock::now(), m_table.changes());
    showHeld();
    giveBackLater();
    return ahead;
}

void GroupLimiter::giveBackLater()
{
    Lease &lease = m_ahead.lease();
    if (m_leaseTimer.isActive() || (lease.held() == 0 && !lease.hasUnused()))
        return;
    const auto now = steady_clock::now(), next = lease.nextExpiry().value_or(now + kLeaseHolds);
    m_leaseTimer.start(std::max(std::chrono::ceil<milliseconds>(next - now), kLeastLook));
}

void GroupLimiter::giveBack()
{
    m_ahead.lease().expire(steady_clock::now(), m_table.changes());
    sendBack();
    giveBackLater();
}

void GroupLimiter::sendBack()
{
    if (!isStoreDeciding())
        return dropAhead();
    showHeld();
    while (auto returns = m_ahead.takeReturns(m_policies, m_store.isSpread())) {
        tellStore(std::move(returns->batch),
                  [this, unused = std::move(returns->unused), round = m_ahead.lease().round()](bool isToBeSentAgain) {
                      if (isToBeSentAgain && round == m_ahead.lease().round())
                          m_ahead.lease().addAgain(unused, steady_clock::now());
                      giveBackLater();
                  });
    }
}

bool GroupLimiter::handBack()
{
    m_ahead.lease().expireAll(m_table.changes());
    sendBack();
    return report();
}

void GroupLimiter::dropAhead()
{
    m_ahead.lease().drop();
    showHeld();
}

void GroupLimiter::showHeld()
{
    const limit::Tokens held = m_ahead.lease().held();
    m_telemetry.leaseHeld.add(held - std::exchange(m_shownHeld, held));
}

} // namespace weir::engine

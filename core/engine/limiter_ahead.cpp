// SPDX-License-Identifier: GPL-3.0-only
// Limiter's other half: tokens that are taken ahead, from the answer that grants them until they are used or given back.
#include <chrono>
#include <utility>

#include "core/base/clock.h"
#include "core/engine/limiter.h"

namespace weir::engine {

// As the store has granted it, and counted. At once when the turn ends: that is what it is for.
void Limiter::serve(Batch &batch)
{
    if (m_ahead.lease().held() == 0 || !isStoreDeciding())
        return;
    auto served = m_ahead.takeOut(batch, steadyNow(), m_standby.changes());
    m_returns.show();
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
    const limit::Tokens ahead = m_ahead.hear(batch, sent.ahead, output, steadyNow(), m_standby.changes());
    m_returns.show();
    m_returns.later();
    return ahead;
}

void Limiter::sendBack()
{
    Lease &lease = m_ahead.lease();
    while (lease.hasUnused()) {
        std::vector<Lease::Unused> unused = lease.takeUnused(store::kMaxRuns, store::kMaxRuns);
        store::TakeRequest request = requestFor(runsOf(unused), *m_policies);
        request.givesBack = true;
        tellStore(std::move(request), m_returns.told(std::move(unused)));
    }
}

bool Limiter::handBack()
{
    m_returns.all();
    return report();
}

} // namespace weir::engine

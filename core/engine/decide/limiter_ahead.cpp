// SPDX-License-Identifier: GPL-3.0-only
// Limiter's other half: tokens that are taken ahead, from the answer that grants them until they are used or given back.
#include <chrono>
#include <utility>

#include "core/base/clock.h"
#include "core/engine/decide/limiter.h"
#include "core/engine/batch/verdicts.h"

namespace weir::engine {

// As the store has granted it, and counted; in decide() nothing is submitted, so this is never inside it.
void Limiter::serve(Batch &batch)
{
    if (m_ahead.lease().held() == 0 || batch.policies != m_policies || !isStoreDeciding())
        return;
    const auto now = steadyNow();
    const auto served = m_ahead.takeOut(batch, now, m_table.changes());
    m_returns.show();
    if (!served)
        return;
    count(served->batch, served->output, Decision::By::Store);
    m_table.countServed(served->batch, served->output, now);
    forEachDecision(served->batch, served->output, Decision::By::Store, m_decided);
}

// From here on `output` is the answer to `batch` alone. Returns the tokens that were granted besides, by bucket.
std::vector<limit::Tokens> Limiter::hearAhead(const Batch &batch, limit::TakeOutput &output, const Sent &sent)
{
    if (!m_ahead.lease().isOn() && sent.ahead.asked.empty())
        return {};
    if (output.isStale) {
        m_ahead.lose(sent.ahead, m_table.changes());
        return {};
    }
    std::vector<limit::Tokens> ahead = m_ahead.hear(batch, sent.ahead, output, steadyNow(), m_table.changes());
    m_returns.show();
    m_returns.later();
    return ahead;
}

void Limiter::sendBack()
{
    while (auto returns = m_ahead.takeReturns(m_policies, m_store.isSpread()))
        tellStore(std::move(returns->batch), m_returns.told(std::move(returns->unused)));
}

bool Limiter::handBack()
{
    m_returns.all();
    return report();
}

} // namespace weir::engine

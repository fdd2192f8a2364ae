// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/empty_bucket.h"

#include <algorithm>
#include <utility>

#include "core/engine/refusal_hold.h"

namespace weir::engine {

// The store's clock may have been read right after the call went out, so the next refill is reckoned from there.
void EmptyBucket::learn(limit::TakeOutput output, Instant sentAt, Instant heardAt, std::uint64_t changes)
{
    forget();
    if (output.tokens > 0)
        return;
    m_heardAt = heardAt;
    m_until = sentAt + std::min(output.nextRefill, kRefusalHolds);
    m_changes = changes;
    m_last = std::move(output);
}

// The wait is reckoned from when the answer came: it is told rather too long than too short.
std::optional<limit::TakeOutput> EmptyBucket::refusalOf(std::span<const limit::CostRun> runs, Instant now,
                                                        std::uint64_t changes) const
{
    const auto costsNothing = [](const limit::CostRun &run) { return run.cost == 0; };
    if (!m_last || now >= m_until || changes != m_changes || std::any_of(runs.begin(), runs.end(), costsNothing))
        return std::nullopt;
    limit::TakeOutput output = *m_last;
    const auto passed = std::chrono::duration_cast<Micros>(now - m_heardAt);
    output.nextRefill = std::max(output.nextRefill - passed, Micros{1});
    output.now += passed;
    output.refilled = 0;
    output.granted.assign(runs.size(), 0);
    return output;
}

} // namespace weir::engine

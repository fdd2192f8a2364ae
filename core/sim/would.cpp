// SPDX-License-Identifier: GPL-3.0-only
#include "core/sim/would.h"

#include <algorithm>
#include <utility>

#include "core/limit/kernels/token_bucket_cell.h"
#include "core/sim/boundaries.h"

namespace weir::sim {
namespace {

/// The kernel's token bucket, on the clock of the history.
class SimBucket {
public:
    SimBucket(const limit::LimitSpec &spec, limit::Tokens level, const Boundaries &boundaries, std::int64_t beginUs)
        : m_spec{spec},
          m_phase{boundaries.phase},
          // An interval that begins right then is still due.
          m_cell{std::clamp<limit::Tokens>(level, 0, spec.capacity), boundaries.indexBefore(beginUs)}
    {
    }

    /// How many of `requests` are admitted at `timeUs`.
    std::int64_t take(std::int64_t timeUs, std::int64_t requests)
    {
        const limit::Tokens before = m_cell.tokens;
        limit::kernels::advance(m_spec, m_cell, Micros{timeUs - m_phase});
        m_refilled += m_cell.tokens - before;
        const std::int64_t granted = std::min(requests, m_cell.tokens);
        m_cell.tokens -= granted;
        return granted;
    }

    [[nodiscard]] limit::Tokens level() const { return m_cell.tokens; }
    limit::Tokens takeRefilled() { return std::exchange(m_refilled, 0); }

private:
    limit::LimitSpec m_spec;
    std::int64_t m_phase;
    limit::kernels::TokenBucketCell m_cell;
    limit::Tokens m_refilled{0};
};

/// `visit(time, requests)` for each stretch between two boundaries in which some come.
template<class Visit>
void forEachStretch(const Arrivals &arrivals, const Boundaries &boundaries, Visit &&visit)
{
    const std::int64_t begin = arrivals.second * kSecondUs;
    const std::int64_t end = begin + kSecondUs;
    std::int64_t come = 0;
    for (std::int64_t at = begin; at < end;) {
        const std::int64_t next = std::min(boundaries.from(at + 1), end);
        const std::int64_t until = arrivals.requests * (next - begin) / kSecondUs;
        if (until > come)
            visit(at, until - come);
        come = until;
        at = next;
    }
}

} // namespace

std::vector<WouldSecond> wouldBe(FailurePolicy policy, const limit::LimitSpec &spec, limit::Tokens level, Micros phase,
                                 std::span<const Arrivals> seconds)
{
    std::vector<WouldSecond> result;
    if (seconds.empty())
        return result;
    const Boundaries boundaries(spec, phase);
    const std::int64_t begin = seconds.front().second * kSecondUs;
    SimBucket limited(spec, level, boundaries, begin);
    SimBucket store = limited; // untouched while it is away, unless it is gone on for locally
    result.reserve(seconds.size());
    for (const Arrivals &arrivals : seconds) {
        WouldSecond second;
        const bool isAsked = !arrivals.isAway || policy == FailurePolicy::Local;
        forEachStretch(arrivals, boundaries, [&](std::int64_t time, std::int64_t requests) {
            limited.take(time, requests);
            if (isAsked)
                second.admitted += store.take(time, requests);
        });
        limited.take((arrivals.second + 1) * kSecondUs - 1, 0); // what is due without anybody asking
        second.refilled = limited.takeRefilled();
        second.left = limited.level();
        if (isAsked)
            second.refused = arrivals.requests - second.admitted;
        else if (policy == FailurePolicy::Allow)
            second.admitted = arrivals.requests;
        else
            second.rejected = arrivals.requests;
        result.push_back(second);
    }
    return result;
}

} // namespace weir::sim

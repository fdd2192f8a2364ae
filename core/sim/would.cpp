// SPDX-License-Identifier: GPL-3.0-only
#include "core/sim/would.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/limit/token_bucket.h"
#include "core/sim/boundaries.h"

namespace weir::sim {
namespace {

/// The kernel's bucket, on the clock of the history.
class SimBucket {
public:
    SimBucket(const limit::LimitSpec &spec, limit::Tokens level, const Boundaries &boundaries, std::int64_t beginUs)
        : m_spec{spec}, m_phase{boundaries.phase}
    {
        limit::Bucket bucket;
        bucket.spec = spec;
        bucket.epoch = 1;
        bucket.tokens = std::clamp<limit::Tokens>(level, 0, spec.capacity);
        bucket.interval = boundaries.indexBefore(beginUs); // one that begins right then is still due
        m_bucket = bucket;
    }

    /// How many of `requests` are admitted at `timeUs`.
    std::int64_t take(std::int64_t timeUs, std::int64_t requests)
    {
        const limit::CostRun run{1, requests};
        limit::TakeInput input;
        input.spec = m_spec;
        input.now = Micros{timeUs - m_phase};
        input.runs = std::span(&run, 1);
        const limit::TakeOutput output = limit::take(m_bucket, input);
        m_refilled += output.refilled;
        return output.granted.front();
    }

    [[nodiscard]] limit::Tokens level() const { return m_bucket->tokens; }
    limit::Tokens takeRefilled() { return std::exchange(m_refilled, 0); }

private:
    limit::LimitSpec m_spec;
    std::int64_t m_phase;
    std::optional<limit::Bucket> m_bucket;
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

// SPDX-License-Identifier: GPL-3.0-only
// The counts of one limit in this process, its live subjects, and the subjects with most requests.
#pragma once

#include <memory>
#include <string>

#include "core/engine/port/limit_status.h"
#include "core/limit/take.h"
#include "core/policy/live_keys.h"
#include "core/policy/top_keys.h"

namespace weir::engine {

/// Thread: one at a time; the owner locks. Memory: as policy::LiveKeys and policy::TopKeys say.
class LimitTally {
public:
    LimitTally(const limit::LimitSpec &spec, std::int64_t mostLive);

    /// Take over other numbers. Times are of a steady clock. `isShared`: all requests have one bucket, which is there
    /// before the first request.
    void adopt(const limit::LimitSpec &spec, std::int64_t mostLive, bool isShared, Micros now);
    /// Call policy::LiveKeys::enter(), except for the empty subject, the bucket of all.
    [[nodiscard]] std::string_view enter(std::string_view subject, Micros now);
    /// Note when the bucket is full; it stays in the store a little longer.
    void noteFull(std::string_view subject, Micros fullAt)
    {
        m_live.noteFull(subject, fullAt + 2 * limit::kKeptWhenFull);
    }
    void expire(Micros now) { m_live.expire(now); }

    struct Judged {
        std::int64_t admitted{0};
        std::int64_t refused{0};
        bool isShadow{false};     ///< they would have been refused
        bool isImpossible{false}; ///< they cost more than the capacity
    };
    /// Add requests of one subject.
    void count(std::string_view subject, const Judged &judged, Micros now);
    void countUndecided(std::int64_t requests) { m_counts.undecided += requests; }
    void countRefill() { ++m_counts.refills; }

    /// Return the counts without tokens.
    [[nodiscard]] LimitCounts counts(const std::string &name) const;
    [[nodiscard]] bool isShared() const { return m_isShared; }
    [[nodiscard]] policy::TopList top(std::size_t most) const;

private:
    policy::LiveKeys m_live;
    policy::TopKeys m_top;
    policy::TopEntry m_all; ///< of the bucket without a subject
    bool m_isShared{false};
    LimitCounts m_counts; ///< of requests and refills
};

} // namespace weir::engine

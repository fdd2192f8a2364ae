// SPDX-License-Identifier: GPL-3.0-only
// What came of one limit in this process: counts, whose buckets are live, and who asks most.
#pragma once

#include <memory>
#include <string>

#include "core/engine/port/limit_status.h"
#include "core/limit/take.h"
#include "core/policy/live_keys.h"
#include "core/policy/top_keys.h"

namespace weir::engine {

/// Thread: whoever shares it locks. Memory: as policy::LiveKeys and policy::TopKeys say.
class LimitTally {
public:
    LimitTally(const limit::LimitSpec &spec, std::int64_t mostLive);

    /// The limit has other numbers now. Times are of a steady clock, microseconds.
    void adopt(const limit::LimitSpec &spec, std::int64_t mostLive, Micros now);
    /// policy::LiveKeys::enter(); an empty subject is the bucket of all.
    [[nodiscard]] std::string_view enter(std::string_view subject, Micros now);
    /// Its bucket is in the store until it is full, and a while longer.
    void noteFull(std::string_view subject, Micros fullAt)
    {
        m_live.noteFull(subject, fullAt + 2 * limit::kKeptWhenFull);
    }
    void expire(Micros now) { m_live.expire(now); }

    /// `admitted` and `refused` requests of one subject.
    void count(std::string_view subject, std::int64_t admitted, std::int64_t refused, Micros now);

    [[nodiscard]] LimitCounts counts(const std::string &name) const;
    [[nodiscard]] policy::TopList top(std::size_t most) const;

private:
    policy::LiveKeys m_live;
    policy::TopKeys m_top;
    policy::TopEntry m_all; ///< of the bucket without a subject
    std::int64_t m_admitted{0};
    std::int64_t m_refused{0};
};

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/known/limit_tally.h"

#include <algorithm>

namespace weir::engine {
namespace {

// Ten times what the panel shows, so that what it shows is right: the error is below a thousandth of all requests.
constexpr std::size_t kCounters = 1000;
// TopKeys counts one request at a time; a run of more is one sight of many.
constexpr std::int64_t kMostSights = 512;

// For how long the bucket of a subject may be in the store after a call that nothing is heard of.
Micros longestLife(const limit::LimitSpec &spec)
{
    return limit::timeToLive(spec) + 2 * limit::kKeptWhenFull;
}

} // namespace

LimitTally::LimitTally(const limit::LimitSpec &spec, std::int64_t mostLive)
    : m_live{mostLive, longestLife(spec)}, m_top{kCounters}
{
}

void LimitTally::adopt(const limit::LimitSpec &spec, std::int64_t mostLive, bool isShared, Micros now)
{
    m_isShared = isShared;
    m_live.setMost(mostLive);
    m_live.setLongest(longestLife(spec), now);
}

std::string_view LimitTally::enter(std::string_view subject, Micros now)
{
    return subject.empty() ? subject : m_live.enter(subject, now);
}

void LimitTally::count(std::string_view subject, const Judged &judged, Micros now)
{
    const auto [admitted, refused, isShadow, isImpossible] = judged;
    m_counts.admitted += admitted;
    m_counts.refused += refused;
    if (isShadow)
        m_counts.wouldRefuse += refused;
    else if (isImpossible)
        m_counts.impossible += refused;
    if (subject.empty()) { // one bucket for all: there is nobody to be told from others
        m_all.admitted += admitted;
        m_all.refused += refused;
        m_all.lastSeen = now;
        return;
    }
    for (std::int64_t i = 0; i < std::min(admitted, kMostSights); ++i)
        m_top.record(subject, true, now);
    for (std::int64_t i = 0; i < std::min(refused, kMostSights); ++i)
        m_top.record(subject, false, now);
}

policy::TopList LimitTally::top(std::size_t most) const
{
    policy::TopList list = m_top.top(most);
    if (m_isShared || m_all.count() > 0)
        list.entries.insert(list.entries.begin(), m_all);
    list.total += m_all.count();
    return list;
}

LimitCounts LimitTally::counts(const std::string &name) const
{
    LimitCounts counts = m_counts;
    counts.limit = name;
    counts.liveBuckets = m_live.size();
    counts.overflows = m_live.overflows();
    return counts;
}

} // namespace weir::engine

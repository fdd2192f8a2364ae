// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/standby.h"

#include <algorithm>
#include <tuple>

namespace weir::engine {
namespace {

// Totals only grow, and a restored bucket has more losses; of the same totals the later answer counts.
auto age(const telemetry::KnownReport &report)
{
    return std::tuple{report.bucket.losses, report.bucket.taken, report.bucket.refilled, report.heardNs};
}

} // namespace

Standby::Standby(QObject *parent) : QObject{parent}
{
}

StandbySlot &Standby::join(const telemetry::LevelBoard &levels)
{
    const std::lock_guard lock{m_mutex};
    return m_slots.emplace_back(levels);
}

bool Standby::begin(const limit::Limit &limit, Instant now)
{
    {
        const std::lock_guard lock{m_mutex};
        if (m_mode.load() != Mode::Store)
            return true;
        if (!newestKnown().bucket.isKnown())
            return false;
        m_status.outages = ++m_outages;
        m_mode.store(Mode::Local);
        const limit::Tokens doubt = inDoubt();
        m_base = newestKnown();
        limit::LastSeen seen;
        seen.spec = limit.spec;
        seen.epoch = limit.epoch;
        seen.known = limit::knownUnder(limit.spec, m_base.bucket,
                                       {m_base.capacity, m_base.refill, Micros{m_base.everyUs}, limit.spec.start},
                                       Micros{m_base.atUs});
        seen.inDoubt = doubt;
        seen.instances = m_instances;
        m_bucket.emplace(seen, m_status.outages);
        m_excess = 0;
        m_limit = limit.name;
        m_status.since = now;
        m_status.instances = seen.instances;
    }
    Q_EMIT begun();
    return true;
}

std::optional<limit::TakeOutput> Standby::take(std::span<const limit::CostRun> runs, bool appliesDue, Instant now)
{
    const std::lock_guard lock{m_mutex};
    if (m_mode.load() != Mode::Local)
        return std::nullopt;
    return m_bucket->take(storeTime(now), runs, appliesDue);
}

// The store's clock as of its last answer, gone on at the pace of ours. Ours stands still in suspend and
// the answer was under way for a while: both make it late, which gives nobody a token too early.
Micros Standby::storeTime(Instant now) const
{
    const auto passed =
        std::chrono::duration_cast<Micros>(now.time_since_epoch() - std::chrono::nanoseconds{m_base.heardNs});
    return Micros{m_base.atUs} + std::max(passed, Micros{0});
}

bool Standby::isReadyToSettle() const
{
    return m_mode.load() == Mode::Local && worstBreaker() == CircuitBreaker::State::Closed;
}

std::optional<Standby::Work> Standby::freeze(bool isCounted)
{
    const std::lock_guard lock{m_mutex};
    if (m_mode.load() != Mode::Local)
        return std::nullopt;
    m_mode.store(Mode::Settling);
    return Work{m_limit, m_bucket->seen(), m_bucket->settlement(isCounted && m_instances == 1), newestKnown()};
}

void Standby::thaw()
{
    {
        const std::lock_guard lock{m_mutex};
        if (m_mode.load() != Mode::Settling)
            return;
        m_mode.store(Mode::Local);
    }
    Q_EMIT released();
}

bool Standby::finish(const limit::SettleOutput &output)
{
    {
        const std::lock_guard lock{m_mutex};
        m_status.excess += std::max<limit::Tokens>(0, output.excess - m_excess);
        m_excess = std::max(m_excess, output.excess);
        if (m_mode.load() != Mode::Settling)
            return false;
        m_status.foundTaken += output.foundTaken;
        m_status.exactReturns += output.isExact ? 1 : 0;
        m_bucket.reset();
        m_blockedBy.reset();
        for (StandbySlot &slot : m_slots)
            slot.inDoubt = 0; // the store's level tells
        m_mode.store(Mode::Store);
    }
    Q_EMIT released();
    return true;
}

void Standby::block(const Error &why)
{
    const std::lock_guard lock{m_mutex};
    if (m_bucket)
        m_blockedBy = why;
}

std::optional<Error> Standby::blockedBy() const
{
    const std::lock_guard lock{m_mutex};
    return m_blockedBy;
}

limit::Tokens Standby::inDoubt()
{
    limit::Tokens sum = 0;
    for (StandbySlot &slot : m_slots) {
        const std::lock_guard lock{slot.hearing};
        sum += slot.inFlight.load() + slot.inDoubt.load();
    }
    return sum;
}

telemetry::KnownReport Standby::newestKnown() const
{
    telemetry::KnownReport newest;
    for (const StandbySlot &slot : m_slots)
        if (const auto known = slot.levels.read().known; age(known) > age(newest))
            newest = known;
    return newest;
}

CircuitBreaker::State Standby::worstBreaker() const
{
    const std::lock_guard lock{m_mutex};
    for (const StandbySlot &slot : m_slots)
        if (const auto state = slot.breaker.load(); state != CircuitBreaker::State::Closed)
            return state;
    return CircuitBreaker::State::Closed;
}

Standby::Status Standby::status() const
{
    const std::lock_guard lock{m_mutex};
    Status status = m_status;
    status.mode = m_mode.load();
    status.spent = m_bucket ? m_bucket->spent() : 0;
    return status;
}

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live_feed.h"

#include <algorithm>
#include <utility>

namespace weir::ui {
namespace {

// A few requests are shown one by one, at most ten times a second; of a flood nobody reads more than this.
constexpr std::int64_t kFew = 4;
constexpr std::chrono::milliseconds kFewCost{100};
constexpr std::chrono::milliseconds kFloodCost{300};
constexpr std::chrono::milliseconds kSlack{600};
constexpr std::chrono::seconds kIdleAfter{3};
constexpr std::chrono::milliseconds kQuietPeriod{250}; // for what changes by itself: running time, rates

} // namespace

LiveFeed::LiveFeed(engine::ServicePort &service, FeedTime time, QObject *parent)
    : QObject(parent), m_service{service}, m_time{std::move(time)}, m_pace{kSlack}
{
    connect(&m_timer, &QTimer::timeout, this, [this] { pull(false); });
    m_timer.start(m_time.hiddenPeriod);
}

void LiveFeed::setShown(bool isShown)
{
    m_isShown = isShown;
    m_service.setWatched(isShown);
    m_timer.start(isShown ? m_time.shownPeriod : m_time.hiddenPeriod);
    if (isShown)
        pullNow();
}

void LiveFeed::pullNow()
{
    pull(true);
}

void LiveFeed::pull(bool isForced)
{
    const engine::Status status = m_service.status();
    Q_EMIT statusPulled(status);
    if (m_isShown || isForced)
        pullHistory();
    pullLimits();
    pullRequests(status, isForced);
    choosePeriod(status);
}

// Nobody sees the difference, and a window that only waits costs half.
void LiveFeed::choosePeriod(const engine::Status &status)
{
    const auto now = m_time.now();
    if (status.totals.requests() != m_come)
        m_cameAt = now;
    m_come = status.totals.requests();
    const auto period = now - m_cameAt < kIdleAfter ? m_time.shownPeriod : m_time.idlePeriod;
    if (m_isShown && m_timer.intervalAsDuration() != period)
        m_timer.start(period);
}

void LiveFeed::pullHistory()
{
    auto history = m_service.history();
    if (!history || history == m_history)
        return;
    m_history = std::move(history);
    Q_EMIT historyPulled(m_history);
}

void LiveFeed::pullLimits()
{
    auto limits = m_service.limits();
    if (limits && limits != m_limits) {
        m_limits = std::move(limits);
        Q_EMIT limitsPulled(m_limits);
    }
    auto buckets = m_service.buckets();
    if (buckets && buckets != m_buckets) {
        m_buckets = std::move(buckets);
        Q_EMIT bucketsPulled(m_buckets);
    }
}

void LiveFeed::pullRequests(const engine::Status &status, bool isForced)
{
    const auto now = m_time.now();
    if (!isForced && !m_pace.isOpen(now))
        return; // a full ring is cheaper than rows that nobody could read
    const std::vector<telemetry::RequestRecord> records = m_service.takeRequests();
    const std::int64_t requests = status.totals.requests();
    const std::int64_t come = std::max(requests - m_requests, static_cast<std::int64_t>(records.size()));
    const bool isLevelNew = status.level.tokens != m_level || status.level.isKnown != m_isLevelKnown;
    if (!isForced && come == 0 && !isLevelNew && now - m_numbersAt < kQuietPeriod)
        return;
    if (come > 0 || isLevelNew)
        m_pace.spend(come > kFew ? kFloodCost : kFewCost, now);
    m_requests = requests;
    m_level = status.level.tokens;
    m_isLevelKnown = status.level.isKnown;
    m_numbersAt = now;
    Q_EMIT numbersPulled(status);
    if (!records.empty())
        Q_EMIT requestsPulled(records);
}

} // namespace weir::ui

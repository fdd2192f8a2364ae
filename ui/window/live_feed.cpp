// SPDX-License-Identifier: GPL-3.0-only
#include "ui/window/live_feed.h"

#include <algorithm>
#include <utility>

#include "ui/live/refill_countdown.h"

namespace weir::ui {
namespace {

// A few requests are shown one by one, at most ten times a second; of a flood nobody reads more than this.
constexpr std::int64_t kFew = 4;
constexpr std::chrono::milliseconds kFewCost{100};
constexpr std::chrono::milliseconds kFloodCost{300};
constexpr std::chrono::milliseconds kSlack{600};
constexpr std::chrono::seconds kIdleAfter{3};
constexpr std::chrono::milliseconds kQuietPeriod{500}; // for what changes by itself: running time, rates, the countdown
// The ring of a short countdown moves faster: a pixel at a time.
constexpr int kCountdownSteps = 75;
constexpr std::chrono::milliseconds kShortestQuiet{100};

std::chrono::milliseconds quietPeriod(Micros countdown)
{
    if (countdown < RefillCountdown::kShortest)
        return kQuietPeriod;
    const auto step = std::chrono::duration_cast<std::chrono::milliseconds>(countdown / kCountdownSteps);
    return std::clamp(step, kShortestQuiet, kQuietPeriod);
}

} // namespace

LiveFeed::LiveFeed(engine::ServicePort &service, FeedTime time, QObject *parent)
    : QObject(parent), m_service{service}, m_time{std::move(time)}, m_pace{kSlack}
{
    connect(&m_timer, &QTimer::timeout, this, [this] { beat(); });
    m_timer.start(m_time.hiddenPeriod);
}

void LiveFeed::setShown(bool isShown)
{
    m_isShown = isShown;
    m_service.setWatched(isShown);
    m_cameAt = m_time.now();
    m_timer.start(isShown ? m_time.shownPeriod : m_time.hiddenPeriod);
    if (isShown)
        pullNow();
}

void LiveFeed::pullNow()
{
    pull(true);
}

// A window that only waits costs little: whether there is news is asked for often, everything else when there is.
void LiveFeed::beat()
{
    if (!m_isShown)
        return drain();
    const auto now = m_time.now();
    const engine::News news = m_service.news();
    const bool isNew = news != m_news || news.areWaiting;
    if (news.requests != m_news.requests || news.areWaiting)
        m_cameAt = now;
    m_news = news;
    const auto period = isIdle(now) ? m_time.idlePeriod : m_time.shownPeriod;
    if (m_timer.intervalAsDuration() != period)
        m_timer.start(period);
    if (isNew || !isIdle(now) || now - m_pulledAt >= m_quietPeriod)
        pull(false);
}

bool LiveFeed::isIdle(Pace::Clock::time_point now) const
{
    return now - m_cameAt >= kIdleAfter;
}

void LiveFeed::pull(bool isForced)
{
    const engine::Status status = m_service.status();
    m_pulledAt = m_time.now();
    m_quietPeriod = quietPeriod(RefillCountdown::period(status.limit.spec));
    Q_EMIT statusPulled(status);
    pullHistory();
    pullLimits();
    pullRequests(status, isForced);
}

// Nobody looks: only the rings must not overflow.
void LiveFeed::drain()
{
    if (const std::vector<telemetry::RequestRecord> records = m_service.takeRequests(); !records.empty())
        Q_EMIT requestsPulled(records);
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
    const std::int64_t requests = status.totals.answers();
    const std::int64_t come = std::max(requests - m_requests, static_cast<std::int64_t>(records.size()));
    const bool isLevelNew = status.level.tokens != m_level || status.level.isKnown != m_isLevelKnown;
    const std::int64_t told = std::max(status.notice.atMs, status.deeds.empty() ? 0 : status.deeds.back().atMs);
    const bool isToldNew = std::exchange(m_toldAtMs, told) != told;
    if (!isForced && come == 0 && !isLevelNew && !isToldNew && now - m_numbersAt < kQuietPeriod)
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

// SPDX-License-Identifier: GPL-3.0-only
// The one place that asks the service: 20 times a second while somebody looks; while nothing comes, 10 times whether there
// is news, and twice for what changes by itself. While nobody looks, twice a second for the requests alone.
// What changes with every request is passed on as fast as it can be read, not as fast as it comes.
#pragma once

#include <QObject>
#include <QTimer>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "core/engine/port/service_port.h"
#include "ui/window/pace.h"

namespace weir::ui {

/// How time passes for the feed.
struct FeedTime {
    // 20 pulls a second while visible: what moves looks smooth.
    std::chrono::milliseconds shownPeriod{50};
    std::chrono::milliseconds hiddenPeriod{500};
    std::function<Pace::Clock::time_point()> now{&Pace::Clock::now}; ///< what the pace goes by
    /// Shown, but nothing has come for some seconds: between two looks whether there is news.
    std::chrono::milliseconds idlePeriod{100};
};

class LiveFeed : public QObject {
    Q_OBJECT
public:
    explicit LiveFeed(engine::ServicePort &service, FeedTime time = {}, QObject *parent = nullptr);

    /// Hidden: requests are still fetched, so that the ring does not overflow, but nothing has to be painted.
    void setShown(bool isShown);
    void pullNow(); ///< everything, whatever the pace

Q_SIGNALS:
    void statusPulled(const weir::engine::Status &status); ///< with every pull
    /// For numbers to be read: with the next pull after a change while few requests come, about three
    /// times a second in a flood, twice while nothing happens.
    void numbersPulled(const weir::engine::Status &status);
    /// At the pace of the numbers; never empty.
    void requestsPulled(const std::vector<weir::telemetry::RequestRecord> &records);
    void
    historyPulled(const std::shared_ptr<const weir::telemetry::History> &history); ///< a new one; none while hidden
    void limitsPulled(
        const std::shared_ptr<const weir::config::LimitSet> &limits); ///< another object, maybe with the same content
    void bucketsPulled(const std::shared_ptr<const weir::engine::BucketList> &buckets); ///< a new list

private:
    void beat();
    void pull(bool isForced);
    void drain();
    void pullHistory();
    void pullLimits();
    void pullRequests(const engine::Status &status, bool isForced);
    [[nodiscard]] bool isIdle(Pace::Clock::time_point now) const;

    engine::ServicePort &m_service;
    FeedTime m_time;
    QTimer m_timer;
    Pace m_pace;
    bool m_isShown{false};
    Pace::Clock::time_point m_numbersAt{};
    engine::News m_news; ///< as of the last look
    Pace::Clock::time_point m_cameAt{};
    Pace::Clock::time_point m_pulledAt{};
    std::chrono::milliseconds m_quietPeriod{0}; ///< between two pulls without news
    // When the numbers were passed on last.
    std::int64_t m_requests{0};
    limit::Tokens m_level{0};
    bool m_isLevelKnown{false};
    std::shared_ptr<const telemetry::History> m_history;
    std::shared_ptr<const config::LimitSet> m_limits;
    std::shared_ptr<const engine::BucketList> m_buckets;
};

} // namespace weir::ui

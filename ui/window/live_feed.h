// SPDX-License-Identifier: GPL-3.0-only
// Polls the service for all pages: 20 times a second while the window is visible; while nothing comes, 10 times a
// second for news and twice for the rest. While it is hidden, twice a second for the requests alone. Numbers that
// change with every request are passed on no faster than they can be read.
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

/// The periods and the clock of the feed; tests replace them.
struct FeedTime {
    // 20 pulls a second while visible, for smooth motion.
    std::chrono::milliseconds shownPeriod{50};
    std::chrono::milliseconds hiddenPeriod{500};
    std::function<Pace::Clock::time_point()> now{&Pace::Clock::now}; ///< the clock of the pace
    /// While shown, but without requests for some seconds: time between two checks for news.
    std::chrono::milliseconds idlePeriod{100};
};

class LiveFeed : public QObject {
    Q_OBJECT
public:
    explicit LiveFeed(engine::ServicePort &service, FeedTime time = {}, QObject *parent = nullptr);

    /// Say whether the window is visible. While hidden, requests are still fetched, so that the ring does not overflow.
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
    std::int64_t m_toldAtMs{0}; ///< of the last that another Weir has done
    std::shared_ptr<const telemetry::History> m_history;
    std::shared_ptr<const config::LimitSet> m_limits;
    std::shared_ptr<const engine::BucketList> m_buckets;
};

} // namespace weir::ui

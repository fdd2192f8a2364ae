// SPDX-License-Identifier: GPL-3.0-only
// Samples the counters once a second, for the chart and the decision times.
#pragma once

#include <deque>
#include <functional>

#include <QObject>
#include <QTimer>

#include "core/telemetry/history.h"
#include "core/telemetry/worker_telemetry.h"

namespace weir::app {

/// Merged over all workers, at one moment.
struct Sample {
    telemetry::Totals totals;
    telemetry::LatencyCounts decisions;
    std::int64_t tokens{-1}; ///< -1: not known
    bool isAway{false};      ///< the store does not decide now
};

/// Thread: lives in one thread.
class Sampler : public QObject {
    Q_OBJECT
public:
    explicit Sampler(std::function<Sample()> read, QObject *parent = nullptr);

    void start();
    /// Stop; sampled() is not emitted until the next start().
    void stop() { m_timer.stop(); }
    void addChange(const telemetry::LimitChange &change) { m_history.add(change); }
    [[nodiscard]] std::shared_ptr<const telemetry::History> history() const { return m_history.snapshot(); }
    /// Put bins of before this start in front.
    void restore(const std::vector<telemetry::SecondBin> &bins) { m_history.restore(bins); }
    /// Return a quantile of the decision times of the last minute; zero without any.
    [[nodiscard]] Micros decisionQuantile(double q) const;
    /// Return that of the last second, and what was counted in it.
    [[nodiscard]] Micros quantileOfSecond(double q) const;
    /// Count what came since the last sample; for the last one of all.
    [[nodiscard]] telemetry::SecondBin takeRest();
    [[nodiscard]] const telemetry::SecondBin &lastSecond() const { return m_lastSecond; }

Q_SIGNALS:
    void sampled();

private:
    void sample();
    void armForNextSecond();

    std::function<Sample()> m_read;
    QTimer m_timer;
    telemetry::HistoryRecorder m_history;
    telemetry::Totals m_last;
    telemetry::SecondBin m_lastSecond;
    bool m_wasAway{false};
    std::int64_t m_nextSecond{0};                  ///< the first second that has no bin yet
    std::deque<telemetry::LatencyCounts> m_minute; ///< cumulative, one a second
};

} // namespace weir::app

// SPDX-License-Identifier: GPL-3.0-only
// What goes into the history once a second, and what of it comes back at a start.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <QObject>

#include "app/history_keeper.h"
#include "core/engine/port/limit_status.h"
#include "core/telemetry/history.h"

namespace weir::app {

/// Thread: the service thread.
class HistoryFeed : public QObject {
    Q_OBJECT
public:
    /// `path`: of the file.
    explicit HistoryFeed(const QString &path, QObject *parent = nullptr);

    /// Add a second: what the process counted, the quantile of 0.99 of its decision times (zero: none), and all that each
    /// limit has counted since the start.
    void add(const telemetry::SecondBin &bin, Micros p99, const std::vector<engine::LimitCounts> &limits);
    void note(history::Mark::Kind kind, const std::string &who, const std::string &sentence);
    /// Ask for the last hour of before as bins of the chart, with the levels of `limit`; `done` once, in this thread.
    void askLastHour(const std::string &limit, std::function<void(std::vector<telemetry::SecondBin>)> done);
    [[nodiscard]] HistoryKeeper &keeper() { return m_keeper; }

    /// Return what the file held at the start, and why none is kept now (empty: it is).
    [[nodiscard]] const history::Lifetime &before() const { return m_before; }
    [[nodiscard]] const std::string &problem() const { return m_problem; }

Q_SIGNALS:
    void opened();

private:
    struct Seen {
        std::int64_t admitted{0};
        std::int64_t refused{0};
        std::int64_t tokens{-1};
    };
    HistoryKeeper m_keeper;
    history::Lifetime m_before;
    std::string m_problem;
    std::map<std::string, Seen> m_seen; ///< of each limit, the second before
    std::vector<history::Mark> m_marks; ///< since then
};

} // namespace weir::app

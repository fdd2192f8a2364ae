// SPDX-License-Identifier: GPL-3.0-only
// The chart with its title, its range and its legend.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/telemetry/history.h"
#include "ui/live/chart_series.h"
#include "ui/controls/panel.h"

class QButtonGroup;

namespace weir::ui {

class LegendItem;
class TrafficChart;

class ChartPanel : public Panel {
    Q_OBJECT
public:
    explicit ChartPanel(QWidget *parent = nullptr);

    void setHistory(std::shared_ptr<const telemetry::History> history);
    void setCapacity(limit::Tokens capacity);
    /// Set the bucket whose level is drawn; for another one, the line begins anew.
    void setBucket(const std::string &limit, const std::string &subject);
    void setPaused(bool isPaused); ///< keeps the picture until it is resumed
    void setRange(ChartRange range);
    [[nodiscard]] ChartRange range() const { return m_range; }
    [[nodiscard]] const ChartSeries &series() const { return m_series; } ///< as drawn last

Q_SIGNALS:
    void redrawn();

protected:
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void redraw();
    void showTitle();
    void showLegend();

    TrafficChart *m_chart{nullptr};
    QButtonGroup *m_ranges{nullptr};
    LegendItem *m_admitted{nullptr};
    LegendItem *m_refused{nullptr};
    LegendItem *m_undecided{nullptr};
    LegendItem *m_change{nullptr};
    std::shared_ptr<const telemetry::History> m_history;
    std::shared_ptr<const telemetry::History> m_waiting; ///< newer, not drawn while paused
    ChartSeries m_series;
    ChartRange m_range{ChartRange::OneMinute};
    limit::Tokens m_capacity{1};
    std::optional<std::pair<std::string, std::string>> m_bucket; ///< limit and subject
    std::int64_t m_levelsSince{0};                               ///< seconds since 1970
    bool m_isPaused{false};
    bool m_isStale{true};
};

} // namespace weir::ui

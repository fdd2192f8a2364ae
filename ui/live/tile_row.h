// SPDX-License-Identifier: GPL-3.0-only
// The four numbers below the chart.
#pragma once

#include <QWidget>

#include "core/engine/port/service_port.h"
#include "ui/live/chart_series.h"

namespace weir::ui {

class StatTile;

class TileRow : public QWidget {
    Q_OBJECT
public:
    explicit TileRow(QWidget *parent = nullptr);

    void showStatus(const engine::Status &status, const RecentRate &rate);
    /// Show the share of admitted requests in the chart.
    void showShare(const ChartSeries &series, ChartRange range);

private:
    StatTile *m_admitted{nullptr};
    StatTile *m_refused{nullptr};
    StatTile *m_share{nullptr};
    StatTile *m_decision{nullptr};
};

} // namespace weir::ui

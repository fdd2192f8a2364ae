// SPDX-License-Identifier: GPL-3.0-only
// The Live page: everything about the bucket, now. Wires the widgets to the service.
#pragma once

#include <QTimer>
#include <QWidget>

#include "core/engine/port/service_port.h"
#include "ui/live/chart_series.h"

namespace weir::ui {

class Banner;
class BucketPanel;
class ChartPanel;
class ChipRow;
class NumbersForm;
class LiveFeed;
class RequestModel;
class RequestTable;
class TileRow;

class LivePage : public QWidget {
    Q_OBJECT
public:
    LivePage(engine::ServicePort &service, LiveFeed &feed, QWidget *parent = nullptr);

    /// Records that never became a row of the table because too many came at once.
    [[nodiscard]] qint64 skippedCount() const;
    void takeFocus(); ///< to the page itself, before its first control
    [[nodiscard]] ChartPanel *chart() const { return m_chart; }

Q_SIGNALS:
    void linkActivated(const QString &url);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void layOut();
    void connectFeed(LiveFeed &feed);
    void connectControls();
    void showStatus(const engine::Status &status);
    void showNumbers(const engine::Status &status);
    [[nodiscard]] std::vector<config::ConfigIssue> check(const std::string &name, const limit::LimitSpec &spec) const;
    void changeLimit(const limit::LimitSpec &spec, limit::TokenMode mode);
    void setLevel(limit::StartLevel level);
    void sendRequests(int count);
    void showReport(const engine::SendReport &report);

    engine::ServicePort &m_service;
    RequestModel *m_model{nullptr};
    ChipRow *m_chips{nullptr};
    Banner *m_notice{nullptr};
    BucketPanel *m_bucket{nullptr};
    ChartPanel *m_chart{nullptr};
    NumbersForm *m_form{nullptr};
    TileRow *m_tiles{nullptr};
    RequestTable *m_table{nullptr};
    RecentRate m_rate;
};

} // namespace weir::ui

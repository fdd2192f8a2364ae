// SPDX-License-Identifier: GPL-3.0-only
// The Live page: everything about one bucket, now. Connects the widgets to the service.
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
class LimitSwitcher;
class LiveFeed;
class RequestInspector;
class RequestModel;
class RequestTable;
class TileRow;
class UndoBar;

class LivePage : public QWidget {
    Q_OBJECT
public:
    LivePage(engine::ServicePort &service, LiveFeed &feed, QWidget *parent = nullptr);

    /// Return how many records were left out of the table because too many came at once.
    [[nodiscard]] qint64 skippedCount() const;
    void showUnopened(const QString &url); ///< no browser has opened it
    void takeFocus();                      ///< to the page itself, before its first control
    [[nodiscard]] ChartPanel *chart() const { return m_chart; }
    [[nodiscard]] RequestTable *requests() const { return m_table; }

Q_SIGNALS:
    void linkActivated(const QString &url);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void layOut();
    void connectFeed(LiveFeed &feed);
    void connectControls();
    void showStatus(const engine::Status &status);
    void showNumbers(const engine::Status &status);
    void seekBucket(const engine::Status &status);
    void takeBucket(const engine::BucketList &list);
    [[nodiscard]] std::vector<config::ConfigIssue> check(const std::string &name, const limit::LimitSpec &spec) const;
    void changeLimit(const limit::LimitSpec &spec, limit::TokenMode mode);
    void put(const std::string &name, const limit::LimitSpec &spec, limit::TokenMode mode,
             std::function<void(const limit::Limit &inForce)> done);
    void setLevel(limit::StartLevel level);
    void putLevel(const engine::Status &shown, limit::Tokens tokens, std::function<void(limit::Tokens level)> done);
    void sendRequests(int count);
    void showReport(const engine::SendReport &report);
    void inspect(const telemetry::RequestRecord &record);

    engine::ServicePort &m_service;
    RequestModel *m_model{nullptr};
    RequestInspector *m_inspector{nullptr}; ///< once one was asked for
    ChipRow *m_chips{nullptr};
    Banner *m_notice{nullptr};
    LimitSwitcher *m_limits{nullptr};
    UndoBar *m_undo{nullptr};
    BucketPanel *m_bucket{nullptr};
    ChartPanel *m_chart{nullptr};
    NumbersForm *m_form{nullptr};
    TileRow *m_tiles{nullptr};
    RequestTable *m_table{nullptr};
    RecentRate m_rate;
    std::string m_soughtFor; ///< the limit that a bucket to show is looked for
};

} // namespace weir::ui

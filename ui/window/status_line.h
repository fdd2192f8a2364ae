// SPDX-License-Identifier: GPL-3.0-only
// The bottom line of the window: the state of the running program.
#pragma once

#include <QFrame>

#include "core/engine/port/service_port.h"

namespace weir::ui {

class TabularLabel;

class StatusLine : public QFrame {
    Q_OBJECT
public:
    explicit StatusLine(QWidget *parent = nullptr);

    /// Show the status. `notShown`: records that were left out of the table.
    void showStatus(const engine::Status &status, qint64 notShown);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void showTurnedAway(const telemetry::Totals &totals);
    void showRefill(const engine::Status &status);
    void showConfig(const engine::ConfigStatus &config);
    void showNotice(const engine::Status &status);
    void showBreaker(const engine::FailureStatus &failure);
    void fit();

    TabularLabel *m_elsewhere{nullptr};
    TabularLabel *m_running{nullptr};
    TabularLabel *m_requests{nullptr};
    TabularLabel *m_workers{nullptr};
    TabularLabel *m_connections{nullptr};
    TabularLabel *m_turnedAway{nullptr};
    TabularLabel *m_notShown{nullptr};
    TabularLabel *m_lastRefill{nullptr};
    TabularLabel *m_notice{nullptr};
    TabularLabel *m_config{nullptr};
    TabularLabel *m_breaker{nullptr};
};

/// Return a line with the number for each reason; plain text, empty for none.
[[nodiscard]] QString turnedAwayReasons(const telemetry::Totals &totals);

} // namespace weir::ui

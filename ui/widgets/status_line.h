// SPDX-License-Identifier: GPL-3.0-only
// The window's bottom line: what is always true of the running program.
#pragma once

#include <QFrame>

#include "core/engine/service_port.h"

namespace weir::ui {

class TabularLabel;

class StatusLine : public QFrame {
    Q_OBJECT
public:
    explicit StatusLine(QWidget *parent = nullptr);

    /// `notShown`: records that never became a row of the table.
    void showStatus(const engine::Status &status, qint64 notShown);

private:
    TabularLabel *m_running{nullptr};
    TabularLabel *m_requests{nullptr};
    TabularLabel *m_workers{nullptr};
    TabularLabel *m_notShown{nullptr};
    TabularLabel *m_lastRefill{nullptr};
};

} // namespace weir::ui

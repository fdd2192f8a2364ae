// SPDX-License-Identifier: GPL-3.0-only
// The newest answered requests, newest first: a bounded table of plain values.
#pragma once

#include <deque>
#include <span>

#include "core/telemetry/request_record.h"
#include "ui/controls/titled_columns.h"

namespace weir::ui {

class RequestModel : public TitledColumns {
    Q_OBJECT
public:
    enum Column { Time, Client, Request, Status, Limit, TokensLeft, RetryAfter, Took, ColumnCount };
    enum Role { StatusRole = Qt::UserRole + 1, TurnedAwayRole, SearchRole };

    static constexpr int kMaxRows = 1000;
    /// More than this at once nobody reads, and inserting them would cost frames: the newest win.
    static constexpr int kMaxRowsPerCall = 60;

    using TitledColumns::TitledColumns;

    /// `records`: oldest first, as the service hands them over.
    void add(std::span<const telemetry::RequestRecord> records);

    /// Paused: the table stands still; what comes meanwhile waits (kMaxRows of it) until it goes on.
    void setPaused(bool isPaused);
    [[nodiscard]] bool isPaused() const { return m_isPaused; }
    [[nodiscard]] qint64 waitingCount() const { return m_waitingTotal; }

    /// Records that were never rows, because too many came at once.
    [[nodiscard]] qint64 skippedCount() const { return m_skipped; }

    void clear();

    /// The row as one line of tab-separated cells that no spreadsheet runs as a formula.
    [[nodiscard]] QString rowText(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

Q_SIGNALS:
    void waitingChanged();

private:
    [[nodiscard]] QString title(int column) const override;
    [[nodiscard]] QString toolTip(const telemetry::RequestRecord &record, int column) const;
    [[nodiscard]] QString text(const telemetry::RequestRecord &record, int column) const;
    void keepWaiting(std::span<const telemetry::RequestRecord> records);
    void insertNewest(std::span<const telemetry::RequestRecord> records);

    std::deque<telemetry::RequestRecord> m_rows;    ///< newest first
    std::deque<telemetry::RequestRecord> m_waiting; ///< oldest first
    qint64 m_waitingTotal{0};
    qint64 m_skipped{0};
    bool m_isPaused{false};
};

/// The record of a request that was turned away before a decision has the reason in place of a target.
[[nodiscard]] bool isTurnedAway(const telemetry::RequestRecord &record);

/// Why it was answered like this, in a sentence.
[[nodiscard]] QString statusReason(const telemetry::RequestRecord &record);

/// "GET /orders?id=7" with everything invisible escaped; "Turned away: The head is too large."
[[nodiscard]] QString requestText(const telemetry::RequestRecord &record);

} // namespace weir::ui

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
    enum Column {
        Time,
        Client,
        Request,
        Status,
        Limit,
        Key,
        Cost,
        TokensLeft,
        RetryAfter,
        Took,
        DecidedBy,
        ColumnCount
    };
    enum Role { StatusRole = Qt::UserRole + 1, TurnedAwayRole, SortRole };

    static constexpr int kMaxRows = 1000;
    /// Most records of one call: inserting more would cost frames. The newest are kept.
    static constexpr int kMaxRowsPerCall = 60;

    using TitledColumns::TitledColumns;

    /// Add `records`, oldest first.
    void add(std::span<const telemetry::RequestRecord> records);

    /// Pause or resume: while paused the table does not change, and at most kMaxRows new records wait.
    void setPaused(bool isPaused);
    [[nodiscard]] bool isPaused() const { return m_isPaused; }
    [[nodiscard]] qint64 waitingCount() const { return m_waitingTotal; }

    /// Return how many records were left out because too many came at once.
    [[nodiscard]] qint64 skippedCount() const { return m_skipped; }

    void clear();

    /// Return the request of a row that there is.
    [[nodiscard]] const telemetry::RequestRecord &record(int row) const
    {
        return m_rows[static_cast<std::size_t>(row)];
    }

    /// Return the row as one line of tab-separated cells that no spreadsheet runs as a formula.
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
    [[nodiscard]] QVariant sortValue(const telemetry::RequestRecord &record, int column) const;
    void keepWaiting(std::span<const telemetry::RequestRecord> records);
    void insertNewest(std::span<const telemetry::RequestRecord> records);

    std::deque<telemetry::RequestRecord> m_rows;    ///< newest first
    std::deque<telemetry::RequestRecord> m_waiting; ///< oldest first
    qint64 m_waitingTotal{0};
    qint64 m_skipped{0};
    bool m_isPaused{false};
};

} // namespace weir::ui

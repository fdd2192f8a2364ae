// SPDX-License-Identifier: GPL-3.0-only
// The live buckets of one limit, most requests first. Selection and scroll position stay while the numbers change.
#pragma once

#include <vector>

#include "core/engine/port/service_port.h"
#include "ui/controls/titled_columns.h"

namespace weir::ui {

class BucketModel : public TitledColumns {
    Q_OBJECT
public:
    enum Column { Key, Level, Tokens, Admitted, Refused, LastSeen, Actions, ColumnCount };
    enum Role {
        SubjectRole = Qt::UserRole + 1, ///< as the service knows it
        ShareRole,                      ///< double, 0 to 1 of the capacity; -1: not known
        IsOverflowRole,
    };

    using TitledColumns::TitledColumns;

    /// Show these rows. `nowMs`: milliseconds since 1970, for "last seen".
    void setRows(const std::vector<engine::BucketRow> &rows, limit::Tokens capacity, qint64 nowMs);
    [[nodiscard]] QString subject(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
    [[nodiscard]] QString title(int column) const override;
    [[nodiscard]] QString text(const engine::BucketRow &row, int column) const;
    void dropGone(const std::vector<engine::BucketRow> &rows);
    void appendNew(const std::vector<engine::BucketRow> &rows);
    void putInOrder(const std::vector<engine::BucketRow> &rows);

    std::vector<engine::BucketRow> m_rows;
    limit::Tokens m_capacity{1};
    qint64 m_nowMs{0};
};

/// Return "203.0.113.7"; a phrase for a bucket without a value of its own.
[[nodiscard]] QString subjectText(const std::string &subject);
/// Tell whether it is policy::kOverflowSubject.
[[nodiscard]] bool isOverflow(const std::string &subject);
/// Return "now", "3 s", "2 min", "5 h", "4 d", without "ago".
[[nodiscard]] QString ageText(qint64 ageMs);

} // namespace weir::ui

// SPDX-License-Identifier: GPL-3.0-only
// The live buckets of one limit, who asks most first. Rows keep their place in a view while the numbers change.
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

    /// `nowMs`: milliseconds since 1970, for "last seen".
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

/// "203.0.113.7"; words for the buckets that are nobody's own.
[[nodiscard]] QString subjectText(const std::string &subject);
/// Shared by all for whom there was no room.
[[nodiscard]] bool isOverflow(const std::string &subject);
/// "now", "3 s", "2 min", "5 h", "4 d" ago.
[[nodiscard]] QString ageText(qint64 ageMs);

} // namespace weir::ui

// SPDX-License-Identifier: GPL-3.0-only
// The limits being edited, as a list in their order; the last row is for access lists and settings of keys.
#pragma once

#include <QAbstractListModel>
#include <vector>

#include "core/engine/port/service_port.h"
#include "ui/limits/limit_draft.h"

namespace weir::ui {

class LimitListModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role {
        NameRole = Qt::UserRole + 1,
        MatchRole,    ///< "/api/* · by IP address"
        NumbersRole,  ///< "Token bucket · 5 per minute"
        AdmittedRole, ///< qint64; invalid: not in force
        RefusedRole,
        IsOnRole,
        IsShadowRole,
        StandingRole, ///< Standing
        IsAccessRole,
    };
    enum class Standing { InForce, Edited, New, Wrong };

    explicit LimitListModel(QObject *parent = nullptr);

    [[nodiscard]] const LimitDraft &draft() const { return m_draft; }
    [[nodiscard]] const LimitDraft::Reading &reading() const { return m_reading; } ///< of the draft as it is
    [[nodiscard]] SetChange changes() const { return m_draft.changes(m_reading); }
    [[nodiscard]] int accessRow() const { return m_draft.count(); }
    [[nodiscard]] bool isLimit(int row) const { return row >= 0 && row < m_draft.count(); }
    [[nodiscard]] int rowOf(int id) const;                            ///< of an entry; -1: it is gone
    [[nodiscard]] const engine::LimitCounts *countsOf(int row) const; ///< null: not in force

    QStringList follow(std::shared_ptr<const config::LimitSet> inForce); ///< see LimitDraft
    void revert();
    void setCounts(const std::vector<engine::LimitCounts> &counts);
    void setText(int row, const LimitText &text);
    void setAccess(const AccessText &text);
    void setOn(int row, bool isOn);
    int add(); ///< the row of the new one
    int duplicate(int row);
    void remove(int row);
    int restore();               ///< its row; -1: nothing was removed
    bool move(int from, int to); ///< `to`: its row afterwards; false: there is no such place

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;
    [[nodiscard]] Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
    bool moveRows(const QModelIndex &sourceParent, int sourceRow, int count, const QModelIndex &destinationParent,
                  int destinationChild) override;

Q_SIGNALS:
    void draftChanged(); ///< anything of it

private:
    [[nodiscard]] QVariant limitData(int row, int role) const;
    [[nodiscard]] QVariant accessData(int role) const;
    [[nodiscard]] Standing standing(int row) const;
    void readAgain();

    LimitDraft m_draft;
    LimitDraft::Reading m_reading;
    std::vector<engine::LimitCounts> m_counts;
};

} // namespace weir::ui

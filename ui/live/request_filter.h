// SPDX-License-Identifier: GPL-3.0-only
// Filters the table of requests by outcome, and by text in client, request or limit.
#pragma once

#include <QSortFilterProxyModel>

namespace weir::ui {

class RequestFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    enum class StatusChoice { All, Ok, NotFound, TooMany, Unavailable, TurnedAway, Other };

    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setStatus(StatusChoice choice);
    void setText(const QString &text); ///< case-insensitive; empty shows all

    [[nodiscard]] StatusChoice status() const { return m_status; }
    [[nodiscard]] bool isActive() const { return m_status != StatusChoice::All || !m_text.isEmpty(); }

protected:
    [[nodiscard]] bool filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const override;

private:
    template<class Change>
    void change(const Change &apply); ///< and looks at each row again

    StatusChoice m_status{StatusChoice::All};
    QString m_text;
};

} // namespace weir::ui

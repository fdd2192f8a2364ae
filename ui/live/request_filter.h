// SPDX-License-Identifier: GPL-3.0-only
// Filters the table of requests by a line (request_query.h), and sorts it.
#pragma once

#include <QSortFilterProxyModel>
#include <optional>

#include "ui/live/request_query.h"

namespace weir::ui {

class RequestModel;

class RequestFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit RequestFilter(RequestModel &model, QObject *parent = nullptr);

    /// Show the requests that `line` is for; empty shows all. A wrong line changes nothing: what is wrong with it.
    std::optional<QueryFault> setLine(const QString &line);

    [[nodiscard]] bool isActive() const { return !m_query.isEmpty(); }
    /// Return the request of a row that there is.
    [[nodiscard]] const telemetry::RequestRecord &record(int row) const;

protected:
    [[nodiscard]] bool filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const override;

private:
    RequestModel &m_model;
    QString m_line;
    RequestQuery m_query;
};

} // namespace weir::ui

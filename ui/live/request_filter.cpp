// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/request_filter.h"

#include "ui/live/request_model.h"

namespace weir::ui {

RequestFilter::RequestFilter(RequestModel &model, QObject *parent) : QSortFilterProxyModel(parent), m_model{model}
{
    setSortRole(RequestModel::SortRole);
    setSourceModel(&model);
}

std::optional<QueryFault> RequestFilter::setLine(const QString &line)
{
    auto read = RequestQuery::read(line);
    if (auto *fault = std::get_if<QueryFault>(&read))
        return std::move(*fault);
    if (line.trimmed() == m_line)
        return std::nullopt;
#if QT_VERSION >= QT_VERSION_CHECK(6, 10, 0)
    beginFilterChange();
#endif
    m_line = line.trimmed();
    m_query = std::get<RequestQuery>(std::move(read));
#if QT_VERSION >= QT_VERSION_CHECK(6, 10, 0)
    endFilterChange(Direction::Rows);
#else
    invalidateRowsFilter();
#endif
    return std::nullopt;
}

const telemetry::RequestRecord &RequestFilter::record(int row) const
{
    return m_model.record(mapToSource(index(row, 0)).row());
}

bool RequestFilter::filterAcceptsRow(int sourceRow, const QModelIndex &) const
{
    return m_query.isEmpty() || m_query.matches(m_model.record(sourceRow));
}

} // namespace weir::ui

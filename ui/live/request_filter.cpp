// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/request_filter.h"

#include "ui/live/request_model.h"

namespace weir::ui {
namespace {

RequestFilter::StatusChoice choiceOf(const QModelIndex &index)
{
    if (index.data(RequestModel::TurnedAwayRole).toBool()) // whatever its status: 503 is "no decision" otherwise
        return RequestFilter::StatusChoice::TurnedAway;
    switch (index.data(RequestModel::StatusRole).toInt()) {
    case 200:
        return RequestFilter::StatusChoice::Ok;
    case 404:
        return RequestFilter::StatusChoice::NotFound;
    case 429:
        return RequestFilter::StatusChoice::TooMany;
    case 503:
        return RequestFilter::StatusChoice::Unavailable;
    default:
        return RequestFilter::StatusChoice::Other;
    }
}

} // namespace

template<class Change>
void RequestFilter::change(const Change &apply)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 10, 0)
    beginFilterChange();
    apply();
    endFilterChange(Direction::Rows);
#else
    apply();
    invalidateRowsFilter();
#endif
}

void RequestFilter::setStatus(StatusChoice choice)
{
    if (choice == m_status)
        return;
    change([&] { m_status = choice; });
}

void RequestFilter::setText(const QString &text)
{
    const QString wanted = text.trimmed();
    if (wanted == m_text)
        return;
    change([&] { m_text = wanted; });
}

bool RequestFilter::filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const
{
    const QModelIndex index = sourceModel()->index(sourceRow, 0, sourceParent);
    if (m_status != StatusChoice::All && choiceOf(index) != m_status)
        return false;
    return m_text.isEmpty() || index.data(RequestModel::SearchRole).toString().contains(m_text, Qt::CaseInsensitive);
}

} // namespace weir::ui

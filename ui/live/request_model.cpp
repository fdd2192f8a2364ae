// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/request_model.h"

#include <algorithm>

#include "ui/words/format.h"
#include "ui/words/visible_text.h"
#include "ui/controls/plain_tool_tip.h"

namespace weir::ui {

bool isTurnedAway(const telemetry::RequestRecord &record)
{
    // "-" is a method that a client may send, but no target has a space.
    return record.method.view() == "-" && record.target.view().find(' ') != std::string_view::npos;
}

/// By the list under Everybody, or because it lacks a limit's key.
static bool isBlocked(const telemetry::RequestRecord &record)
{
    return record.status == 403 && !isTurnedAway(record);
}

QString statusReason(const telemetry::RequestRecord &record)
{
    if (isTurnedAway(record))
        return RequestModel::tr("Turned away before a decision; no token was taken.");
    const QString limit = visibleText(record.refusedBy.view(), record.refusedBy.isCut());
    if (isBlocked(record) && !limit.isEmpty())
        return RequestModel::tr(
                   "Turned away: it lacks a part of the key of the limit \"%1\", which wants one. No token "
                   "was taken.")
            .arg(limit);
    if (isBlocked(record))
        return RequestModel::tr(
            "Blocked: the client or its key is on the list of the turned away, under Everybody on the "
            "Limits page. No token was taken.");
    switch (record.status) {
    case 404:
        return RequestModel::tr("Admitted; but there is nothing at this path, only / answers.");
    case 429:
        return RequestModel::tr("Refused by the limit \"%1\": not enough tokens for this request.").arg(limit);
    case 503:
        return RequestModel::tr("Redis did not decide, and the limit turns requests away then.");
    default:
        break;
    }
    if (record.decidedBy == telemetry::DecidedBy::Allow)
        return RequestModel::tr("Let through: Redis did not decide, and the limit admits all then.");
    return record.decidedBy == telemetry::DecidedBy::Nobody
               ? RequestModel::tr("Let through without a limit: exempt, or none applies to it.")
               : RequestModel::tr("Admitted.");
}

QString requestText(const telemetry::RequestRecord &record)
{
    if (isTurnedAway(record))
        return RequestModel::tr("Turned away: %1").arg(visibleText(record.target.view(), record.target.isCut()));
    return visibleText(record.method.view(), record.method.isCut()) + u' '
           + visibleText(record.target.view(), record.target.isCut());
}

void RequestModel::add(std::span<const telemetry::RequestRecord> records)
{
    if (records.empty())
        return;
    if (m_isPaused)
        return keepWaiting(records);
    const std::size_t fits = std::min<std::size_t>(records.size(), kMaxRowsPerCall);
    m_skipped += static_cast<qint64>(records.size() - fits);
    insertNewest(records.last(fits));
}

void RequestModel::keepWaiting(std::span<const telemetry::RequestRecord> records)
{
    const std::size_t fits = std::min<std::size_t>(records.size(), kMaxRows);
    m_waitingTotal += static_cast<qint64>(records.size());
    const auto newest = records.last(fits);
    m_waiting.insert(m_waiting.end(), newest.begin(), newest.end());
    while (m_waiting.size() > kMaxRows)
        m_waiting.pop_front();
    Q_EMIT waitingChanged();
}

void RequestModel::insertNewest(std::span<const telemetry::RequestRecord> records)
{
    const int added = static_cast<int>(records.size());
    // Room first: a view never sees more than kMaxRows.
    const int surplus = std::max(0, static_cast<int>(m_rows.size()) + added - kMaxRows);
    if (surplus > 0) {
        const int size = static_cast<int>(m_rows.size());
        beginRemoveRows({}, size - surplus, size - 1);
        m_rows.erase(m_rows.end() - surplus, m_rows.end());
        endRemoveRows();
    }
    beginInsertRows({}, 0, added - 1);
    for (const telemetry::RequestRecord &record : records)
        m_rows.push_front(record);
    endInsertRows();
}

void RequestModel::setPaused(bool isPaused)
{
    if (isPaused == m_isPaused)
        return;
    m_isPaused = isPaused;
    if (isPaused)
        return;
    const std::vector<telemetry::RequestRecord> waiting(m_waiting.begin(), m_waiting.end());
    m_skipped += m_waitingTotal - static_cast<qint64>(waiting.size());
    m_waiting.clear();
    m_waitingTotal = 0;
    if (!waiting.empty())
        insertNewest(waiting);
    Q_EMIT waitingChanged();
}

void RequestModel::clear()
{
    beginResetModel();
    m_rows.clear();
    m_waiting.clear();
    m_waitingTotal = 0;
    endResetModel();
}

QString RequestModel::rowText(int row) const
{
    if (row < 0 || row >= rowCount())
        return {};
    QStringList cells;
    const telemetry::RequestRecord &record = m_rows[static_cast<std::size_t>(row)];
    for (int column = 0; column < ColumnCount; ++column)
        cells << spreadsheetCell(column == Request ? requestText(record) : text(record, column));
    return cells.join(u'\t');
}

int RequestModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RequestModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RequestModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const telemetry::RequestRecord &record = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(record, index.column());
    case Qt::ToolTipRole:
        return plainToolTip(toolTip(record, index.column()));
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter));
    case Qt::AccessibleTextRole:
        return index.column() == Request ? requestText(record) : text(record, index.column());
    case StatusRole:
        return record.status;
    case TurnedAwayRole:
        return isTurnedAway(record);
    case SearchRole:
        return QString(text(record, Client) + u' ' + requestText(record) + u' ' + text(record, Limit));
    default:
        return {};
    }
}

// The whole of what a cell may have no room for, and why the answer is what it is.
QString RequestModel::toolTip(const telemetry::RequestRecord &record, int column) const
{
    switch (column) {
    case Request:
        return requestText(record);
    case Client:
    case Limit:
        return text(record, column);
    case Status:
        return statusReason(record);
    default:
        return {};
    }
}

QString RequestModel::text(const telemetry::RequestRecord &record, int column) const
{
    switch (column) {
    case Time:
        return format::clockMillis(record.atUs);
    case Client:
        return visibleText(record.client.view(), record.client.isCut());
    case Request:
        return isTurnedAway(record) ? visibleText(record.target.view(), record.target.isCut()) : requestText(record);
    case Status:
        return QString::number(record.status);
    case Limit:
        return isBlocked(record) ? tr("blocked") : visibleText(record.refusedBy.view(), record.refusedBy.isCut());
    case TokensLeft:
        return record.tokensLeft < 0 ? QString() : format::count(record.tokensLeft);
    case RetryAfter:
        return record.retryAfterS < 0 ? QString() : tr("%1 s").arg(format::count(record.retryAfterS));
    case Took:
        return isTurnedAway(record) ? QString() : format::took(Micros{record.tookUs});
    default:
        return {};
    }
}

QString RequestModel::title(int column) const
{
    switch (column) {
    case Time:
        return tr("Time");
    case Client:
        return tr("Client");
    case Request:
        return tr("Request");
    case Status:
        return tr("Status");
    case Limit:
        return tr("Limit");
    case TokensLeft:
        return tr("Tokens left");
    case RetryAfter:
        return tr("Retry after");
    case Took:
        return tr("Took");
    default:
        return {};
    }
}

} // namespace weir::ui

// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/request_model.h"

#include <algorithm>

#include "ui/words/format.h"
#include "ui/words/visible_text.h"
#include "ui/live/request_words.h"
#include "ui/controls/plain_tool_tip.h"

namespace weir::ui {

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
    case SortRole:
        return sortValue(record, index.column());
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
    case Key:
        return text(record, column);
    case DecidedBy:
        return deciderSentence(record.decidedBy);
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
        return visibleText(record.client);
    case Request:
        return isTurnedAway(record) ? visibleText(record.target) : requestText(record);
    case Status:
        return QString::number(record.status);
    case Limit:
        return isBlocked(record) ? tr("blocked") : record.isRefused ? visibleText(record.limit) : QString();
    case Key:
        return visibleText(record.key);
    case Cost:
        return hasVerdict(record) ? format::count(record.cost) : QString();
    case TokensLeft:
        return record.tokensLeft < 0 ? QString() : format::count(record.tokensLeft);
    case RetryAfter:
        return record.retryAfterS < 0 ? QString() : tr("%1 s").arg(format::count(record.retryAfterS));
    case Took:
        return isTurnedAway(record) ? QString() : format::took(Micros{record.tookUs});
    case DecidedBy:
        return deciderWord(record.decidedBy);
    default:
        return {};
    }
}

// Numbers as numbers, so that 9 is before 10; what is not known is before all of them.
QVariant RequestModel::sortValue(const telemetry::RequestRecord &record, int column) const
{
    switch (column) {
    case Time:
        return static_cast<qlonglong>(record.atUs);
    case Status:
        return record.status;
    case Cost:
        return hasVerdict(record) ? static_cast<qlonglong>(record.cost) : -1;
    case TokensLeft:
        return static_cast<qlonglong>(record.tokensLeft);
    case RetryAfter:
        return static_cast<qlonglong>(record.retryAfterS);
    case Took:
        return isTurnedAway(record) ? qlonglong{-1} : static_cast<qlonglong>(record.tookUs);
    default:
        return text(record, column);
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
    case Key:
        return tr("Key");
    case Cost:
        return tr("Cost");
    case TokensLeft:
        return tr("Tokens left");
    case RetryAfter:
        return tr("Retry after");
    case Took:
        return tr("Took");
    case DecidedBy:
        return tr("Decided by");
    default:
        return {};
    }
}

} // namespace weir::ui

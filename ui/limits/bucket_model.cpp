// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/bucket_model.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "ui/words/format.h"
#include "ui/words/visible_text.h"
#include "ui/controls/plain_tool_tip.h"

namespace weir::ui {
namespace {

// As the engine names it: no value can be taken for it, because parentheses in values are escaped.
constexpr std::string_view kOverflowSubject = "(others)";

std::unordered_map<std::string, int> placesOf(const std::vector<engine::BucketRow> &rows)
{
    std::unordered_map<std::string, int> places;
    for (std::size_t i = 0; i < rows.size(); ++i)
        places.emplace(rows[i].subject, static_cast<int>(i));
    return places;
}

/// One row for each subject: a view could not tell two of them apart.
std::vector<engine::BucketRow> withoutDoubles(const std::vector<engine::BucketRow> &rows)
{
    std::vector<engine::BucketRow> unique;
    std::unordered_set<std::string> seen;
    for (const engine::BucketRow &row : rows) {
        if (seen.insert(row.subject).second)
            unique.push_back(row);
    }
    return unique;
}

} // namespace

bool isOverflow(const std::string &subject)
{
    return subject == kOverflowSubject;
}

QString subjectText(const std::string &subject)
{
    if (subject.empty())
        return BucketModel::tr("all requests");
    return isOverflow(subject) ? BucketModel::tr("other keys (overflow)") : visibleText(subject);
}

QString ageText(qint64 ageMs)
{
    const qint64 seconds = std::max<qint64>(ageMs, 0) / 1000;
    if (seconds < 1)
        return BucketModel::tr("now");
    if (seconds < 60)
        return BucketModel::tr("%1 s").arg(seconds);
    if (seconds < 3600)
        return BucketModel::tr("%1 min").arg(seconds / 60);
    return seconds < 86'400 ? BucketModel::tr("%1 h").arg(seconds / 3600)
                            : BucketModel::tr("%1 d").arg(seconds / 86'400);
}

void BucketModel::setRows(const std::vector<engine::BucketRow> &rows, limit::Tokens capacity, qint64 nowMs)
{
    const std::vector<engine::BucketRow> next = withoutDoubles(rows);
    m_capacity = std::max<limit::Tokens>(capacity, 1);
    m_nowMs = nowMs;
    dropGone(next);
    appendNew(next);
    putInOrder(next);
    m_rows = next;
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

void BucketModel::dropGone(const std::vector<engine::BucketRow> &rows)
{
    const auto places = placesOf(rows);
    for (int i = rowCount() - 1; i >= 0; --i) {
        if (places.contains(m_rows[static_cast<std::size_t>(i)].subject))
            continue;
        beginRemoveRows({}, i, i);
        m_rows.erase(m_rows.begin() + i);
        endRemoveRows();
    }
}

void BucketModel::appendNew(const std::vector<engine::BucketRow> &rows)
{
    const auto places = placesOf(m_rows);
    std::vector<engine::BucketRow> come;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(come),
                 [&](const engine::BucketRow &row) { return !places.contains(row.subject); });
    if (come.empty())
        return;
    beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(come.size()) - 1);
    m_rows.insert(m_rows.end(), come.begin(), come.end());
    endInsertRows();
}

// The same subjects by now: whatever is selected goes along with its subject.
void BucketModel::putInOrder(const std::vector<engine::BucketRow> &rows)
{
    const auto isSame = [](const engine::BucketRow &a, const engine::BucketRow &b) { return a.subject == b.subject; };
    if (std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(), isSame))
        return;
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const auto places = placesOf(rows);
    const QModelIndexList before = persistentIndexList();
    QModelIndexList after;
    for (const QModelIndex &old : before)
        after << index(places.at(m_rows[static_cast<std::size_t>(old.row())].subject), old.column());
    m_rows = rows;
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

QString BucketModel::subject(int row) const
{
    return row >= 0 && row < rowCount() ? QString::fromStdString(m_rows[static_cast<std::size_t>(row)].subject)
                                        : QString();
}

int BucketModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int BucketModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString BucketModel::text(const engine::BucketRow &row, int column) const
{
    switch (column) {
    case Key:
        return subjectText(row.subject);
    case Tokens:
        return row.tokens < 0 ? tr("– / %1").arg(format::shortCount(m_capacity))
                              : tr("%1 / %2").arg(format::shortCount(row.tokens), format::shortCount(m_capacity));
    case Admitted:
        return format::count(row.admitted);
    case Refused:
        return format::count(row.refused);
    case LastSeen:
        return row.lastSeenMs > 0 ? ageText(m_nowMs - row.lastSeenMs) : QString();
    default:
        return {};
    }
}

QVariant BucketModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const engine::BucketRow &row = m_rows[static_cast<std::size_t>(index.row())];
    const double share =
        row.tokens < 0 ? -1.0 : std::clamp(static_cast<double>(row.tokens) / static_cast<double>(m_capacity), 0.0, 1.0);
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::AccessibleTextRole:
        if (index.column() == Level)
            return share < 0 ? tr("level not known") : tr("%1% full").arg(qRound(share * 100));
        return index.column() == Actions ? tr("Fill, Empty, Block") : text(row, index.column());
    case Qt::ToolTipRole:
        if (index.column() == Key) // a stranger's words: text for certain
            return plainToolTip(text(row, Key));
        if (row.uncertainty > 0 && (index.column() == Admitted || index.column() == Refused))
            return tr("Up to %1 more, from before it was counted by itself").arg(format::count(row.uncertainty));
        return {};
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter));
    case SubjectRole:
        return QString::fromStdString(row.subject);
    case ShareRole:
        return share;
    case IsOverflowRole:
        return isOverflow(row.subject);
    default:
        return {};
    }
}

QString BucketModel::title(int column) const
{
    switch (column) {
    case Key:
        return tr("Key");
    case Level:
        return tr("Level");
    case Tokens:
        return tr("Tokens");
    case Admitted:
        return tr("Admitted");
    case Refused:
        return tr("Refused");
    case LastSeen:
        return tr("Last seen");
    default:
        return {};
    }
}

} // namespace weir::ui

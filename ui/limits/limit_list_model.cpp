// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/plain_tool_tip.h"
#include "ui/limits/limit_list_model.h"

#include <algorithm>

#include "ui/words/format.h"
#include "ui/words/limit_words.h"
#include "ui/words/visible_text.h"

namespace weir::ui {
namespace {

QString accessWords(const config::LimitSet &set)
{
    const auto size = [](const config::AccessList &list) {
        return list.networks.size() + list.paths.size() + list.keys.size();
    };
    const std::size_t blocked = size(set.block);
    const std::size_t allowed = size(set.allow);
    if (blocked == 0 && allowed == 0)
        return LimitListModel::tr("nobody turned away or let through");
    return LimitListModel::tr("%1 turned away · %2 let through").arg(blocked).arg(allowed);
}

std::vector<int> idsOf(const LimitDraft &draft)
{
    std::vector<int> ids;
    for (const LimitDraft::Entry &entry : draft.entries())
        ids.push_back(entry.id);
    return ids;
}

} // namespace

LimitListModel::LimitListModel(QObject *parent) : QAbstractListModel(parent), m_reading{m_draft.read()}
{
}

void LimitListModel::readAgain()
{
    m_reading = m_draft.read();
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0), index(rowCount() - 1)); // one limit's name can be wrong because of another's
    Q_EMIT draftChanged();
}

int LimitListModel::rowOf(int id) const
{
    const std::vector<int> ids = idsOf(m_draft);
    const auto found = std::find(ids.begin(), ids.end(), id);
    return found == ids.end() ? -1 : static_cast<int>(found - ids.begin());
}

const engine::LimitCounts *LimitListModel::countsOf(int row) const
{
    if (!isLimit(row))
        return nullptr;
    const std::string &name = m_draft.entries()[static_cast<std::size_t>(row)].origin;
    const auto found = std::find_if(m_counts.begin(), m_counts.end(), [&](const engine::LimitCounts &counts) {
        return !name.empty() && counts.limit == name;
    });
    return found == m_counts.end() ? nullptr : &*found;
}

QStringList LimitListModel::follow(std::shared_ptr<const config::LimitSet> inForce)
{
    LimitDraft next = m_draft;
    const QStringList conflicts = next.follow(std::move(inForce));
    const bool isReset = idsOf(next) != idsOf(m_draft);
    if (isReset)
        beginResetModel();
    m_draft = std::move(next);
    if (isReset) {
        m_reading = m_draft.read();
        endResetModel();
    }
    readAgain();
    return conflicts;
}

void LimitListModel::revert()
{
    beginResetModel();
    m_draft.revert();
    m_reading = m_draft.read();
    endResetModel();
    Q_EMIT draftChanged();
}

void LimitListModel::setCounts(const std::vector<engine::LimitCounts> &counts)
{
    const auto isSame = [](const engine::LimitCounts &a, const engine::LimitCounts &b) {
        return a.limit == b.limit && a.admitted == b.admitted && a.refused == b.refused
               && a.liveBuckets == b.liveBuckets && a.overflows == b.overflows;
    };
    if (std::equal(counts.begin(), counts.end(), m_counts.begin(), m_counts.end(), isSame))
        return;
    m_counts = counts;
    if (m_draft.count() > 0)
        Q_EMIT dataChanged(index(0), index(m_draft.count() - 1), {AdmittedRole, RefusedRole});
}

void LimitListModel::setText(int row, const LimitText &text)
{
    m_draft.setText(row, text);
    readAgain();
}

void LimitListModel::setAccess(const AccessText &text)
{
    m_draft.setAccess(text);
    readAgain();
}

void LimitListModel::setOn(int row, bool isOn)
{
    LimitText text = m_draft.entries()[static_cast<std::size_t>(row)].text;
    text[LimitField::IsOn] = isOn ? kYes : kNo;
    setText(row, text);
}

int LimitListModel::add()
{
    const int row = m_draft.count();
    beginInsertRows({}, row, row);
    m_draft.add();
    m_reading = m_draft.read();
    endInsertRows();
    readAgain();
    return row;
}

int LimitListModel::duplicate(int row)
{
    beginInsertRows({}, row + 1, row + 1);
    m_draft.duplicate(row);
    m_reading = m_draft.read();
    endInsertRows();
    readAgain();
    return row + 1;
}

void LimitListModel::remove(int row)
{
    beginRemoveRows({}, row, row);
    m_draft.remove(row);
    m_reading = m_draft.read();
    endRemoveRows();
    readAgain();
}

int LimitListModel::restore()
{
    LimitDraft next = m_draft;
    const std::optional<int> row = next.restore();
    if (!row)
        return -1;
    beginInsertRows({}, *row, *row);
    m_draft = std::move(next);
    m_reading = m_draft.read();
    endInsertRows();
    readAgain();
    return *row;
}

bool LimitListModel::move(int from, int to)
{
    if (!isLimit(from) || !isLimit(to) || from == to)
        return false;
    beginMoveRows({}, from, from, {}, to > from ? to + 1 : to);
    m_draft.move(from, to);
    m_reading = m_draft.read();
    endMoveRows();
    readAgain();
    return true;
}

bool LimitListModel::moveRows(const QModelIndex &sourceParent, int sourceRow, int count,
                              const QModelIndex &destinationParent, int destinationChild)
{
    if (sourceParent.isValid() || destinationParent.isValid() || count != 1)
        return false;
    const int place = std::min(destinationChild, accessRow()); // nothing comes behind everybody
    return move(sourceRow, place > sourceRow ? place - 1 : place);
}

int LimitListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : m_draft.count() + 1;
}

Qt::ItemFlags LimitListModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::ItemIsDropEnabled; // between the rows
    const Qt::ItemFlags flags = Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemNeverHasChildren;
    return isLimit(index.row()) ? flags | Qt::ItemIsDragEnabled : flags;
}

QVariant LimitListModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == IsAccessRole)
        return index.row() == accessRow();
    return index.row() == accessRow() ? accessData(role) : limitData(index.row(), role);
}

LimitListModel::Standing LimitListModel::standing(int row) const
{
    if (!m_reading.ofLimits[static_cast<std::size_t>(row)].empty())
        return Standing::Wrong;
    if (m_draft.originOf(row) < 0)
        return Standing::New;
    return m_draft.isEdited(row) ? Standing::Edited : Standing::InForce;
}

QVariant LimitListModel::limitData(int row, int role) const
{
    const LimitText &text = m_draft.entries()[static_cast<std::size_t>(row)].text;
    const config::LimitEntry &entry = m_reading.set.limits[static_cast<std::size_t>(row)];
    const engine::LimitCounts *counts = countsOf(row);
    switch (role) {
    case Qt::DisplayRole:
    case NameRole:
        return text[LimitField::Name];
    case MatchRole:
        return cardWords(entry);
    case NumbersRole:
        return numberWords(entry.spec);
    case Qt::ToolTipRole: // all that a narrow card has no room for; a configuration's words: text for certain
        return plainToolTip(visibleText(text[LimitField::Name].toStdString()) + u'\n' + cardWords(entry) + u'\n'
                            + numberWords(entry.spec));
    case AdmittedRole:
        return counts ? QVariant::fromValue<qint64>(counts->admitted) : QVariant();
    case RefusedRole:
        return counts ? QVariant::fromValue<qint64>(counts->refused) : QVariant();
    case IsOnRole:
        return text.isOn();
    case IsShadowRole:
        return text.isShadow();
    case StandingRole:
        return QVariant::fromValue(standing(row));
    case Qt::AccessibleTextRole: {
        QStringList words{text[LimitField::Name], text.isOn() ? tr("on") : tr("off")};
        if (text.isShadow())
            words << tr("shadow");
        words << cardWords(entry) << numberWords(entry.spec);
        if (counts)
            words << tr("%1 admitted, %2 refused").arg(format::count(counts->admitted), format::count(counts->refused));
        return words.join(QStringLiteral(", "));
    }
    default:
        return {};
    }
}

QVariant LimitListModel::accessData(int role) const
{
    switch (role) {
    case Qt::DisplayRole:
    case NameRole:
        return tr("Everybody");
    case MatchRole:
        return accessWords(m_reading.set);
    case NumbersRole:
        return tr("IPv6 by /%1 · at most %2 live keys")
            .arg(m_reading.set.keys.ipv6Prefix)
            .arg(format::shortCount(m_reading.set.keys.maxLive));
    case StandingRole: {
        if (!m_reading.ofAccess.empty())
            return QVariant::fromValue(Standing::Wrong);
        const bool isEdited = m_reading.set.block != m_draft.inForce().block
                              || m_reading.set.allow != m_draft.inForce().allow
                              || m_reading.set.keys != m_draft.inForce().keys;
        return QVariant::fromValue(isEdited ? Standing::Edited : Standing::InForce);
    }
    case Qt::AccessibleTextRole:
        return tr("Everybody: %1").arg(accessWords(m_reading.set));
    default:
        return {};
    }
}

} // namespace weir::ui

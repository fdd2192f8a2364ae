// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/limit_diff.h"

#include <QCoreApplication>
#include <algorithm>

#include "core/config/key_text.h"
#include "core/config/limit_set.h"
#include "ui/words/format.h"
#include "ui/limits/limit_text.h"
#include "ui/words/limit_words.h"

namespace weir::ui {
namespace {

QString translated(const char *text)
{
    return QCoreApplication::translate("limit_diff", text);
}

std::vector<FieldChange> fieldChanges(const config::LimitEntry &before, const config::LimitEntry &after)
{
    const LimitText was = textOf(before);
    const LimitText is = textOf(after);
    std::vector<FieldChange> changes;
    for (std::size_t i = 0; i < kLimitFields; ++i) {
        const auto field = static_cast<LimitField>(i);
        // A window's refill is its capacity: no news.
        if (was[field] == is[field] || (field == LimitField::Refill && limit::isWindow(after.spec.algorithm)))
            continue;
        changes.push_back(
            {fieldName(field, after.spec.algorithm), fieldWords(field, before), fieldWords(field, after)});
    }
    return changes;
}

/// Which of `order` (no two alike) can stay where they are while the fewest others move: the longest ascending part.
std::vector<bool> staying(const std::vector<int> &order)
{
    std::vector<int> length(order.size(), 1);
    std::vector<int> previous(order.size(), -1);
    int best = -1;
    for (std::size_t i = 0; i < order.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (order[j] < order[i] && length[j] + 1 > length[i]) {
                length[i] = length[j] + 1;
                previous[i] = static_cast<int>(j);
            }
        }
        if (best < 0 || length[i] > length[static_cast<std::size_t>(best)])
            best = static_cast<int>(i);
    }
    std::vector<bool> stays(order.size(), false);
    for (; best >= 0; best = previous[static_cast<std::size_t>(best)])
        stays[static_cast<std::size_t>(best)] = true;
    return stays;
}

std::vector<bool> movedOf(const std::vector<int> &origins)
{
    std::vector<int> kept;
    for (const int origin : origins) {
        if (origin >= 0)
            kept.push_back(origin);
    }
    const std::vector<bool> stays = staying(kept);
    std::vector<bool> moved;
    std::size_t next = 0;
    for (const int origin : origins)
        moved.push_back(origin >= 0 && !stays[next++]);
    return moved;
}

QString listWords(const QStringList &entries)
{
    constexpr qsizetype kNamed = 2;
    if (entries.isEmpty())
        return translated("nobody");
    return entries.size() <= kNamed ? entries.join(QStringLiteral(", ")) : translated("%1 entries").arg(entries.size());
}

QStringList entriesOf(const config::AccessList &list)
{
    QStringList entries;
    for (const Network &network : list.networks)
        entries << QString::fromStdString(printNetwork(network));
    for (const std::string &path : list.paths)
        entries << QString::fromStdString(path);
    for (const config::KeyValue &key : list.keys)
        entries << QString::fromStdString(config::printKeyValue(key));
    return entries;
}

/// Of a long list what comes and goes, not all that stays.
void compareLists(const QString &name, const config::AccessList &before, const config::AccessList &after,
                  std::vector<FieldChange> &changes)
{
    if (before == after)
        return;
    const QStringList was = entriesOf(before);
    const QStringList is = entriesOf(after);
    QStringList gone;
    QStringList come;
    std::copy_if(was.begin(), was.end(), std::back_inserter(gone), [&](const QString &e) { return !is.contains(e); });
    std::copy_if(is.begin(), is.end(), std::back_inserter(come), [&](const QString &e) { return !was.contains(e); });
    if (!gone.isEmpty())
        changes.push_back({translated("%1 no more").arg(name), {}, listWords(gone)});
    if (!come.isEmpty() || gone.isEmpty())
        changes.push_back({name, {}, come.isEmpty() ? translated("another order") : listWords(come)});
}

void compareNumbers(const QString &name, std::int64_t before, std::int64_t after, std::vector<FieldChange> &changes)
{
    if (before != after)
        changes.push_back({name, format::count(before), format::count(after)});
}

} // namespace

bool SetChange::needsTokenMode() const
{
    return std::any_of(limits.begin(), limits.end(), [](const LimitChange &change) { return change.isNumbers; });
}

SetChange changeOf(const config::LimitSet &before, const config::LimitSet &after, const std::vector<int> &origins)
{
    SetChange set;
    const std::vector<bool> moved = movedOf(origins);
    std::vector<bool> isKept(before.limits.size(), false);
    for (std::size_t i = 0; i < after.limits.size(); ++i) {
        const config::LimitEntry &is = after.limits[i];
        LimitChange change;
        change.name = QString::fromStdString(is.name);
        change.index = static_cast<int>(i);
        if (origins[i] < 0) {
            change.kind = LimitChange::Kind::Added;
            set.limits.push_back(std::move(change));
            continue;
        }
        const auto origin = static_cast<std::size_t>(origins[i]);
        const config::LimitEntry &was = before.limits[origin];
        isKept[origin] = true;
        change.fields = fieldChanges(was, is);
        change.isNumbers = was.name == is.name && was.spec != is.spec;
        if (moved[i]) {
            change.movedFrom = origins[i] + 1;
            change.movedTo = static_cast<int>(i) + 1;
        }
        if (moved[i] || !change.fields.empty())
            set.limits.push_back(std::move(change));
    }
    for (std::size_t i = 0; i < before.limits.size(); ++i) {
        if (isKept[i])
            continue;
        LimitChange change;
        change.kind = LimitChange::Kind::Removed;
        change.name = QString::fromStdString(before.limits[i].name);
        set.limits.push_back(std::move(change));
    }
    compareLists(translated("turned away"), before.block, after.block, set.access);
    compareLists(translated("let through"), before.allow, after.allow, set.access);
    compareNumbers(translated("IPv6 prefix"), before.keys.ipv6Prefix, after.keys.ipv6Prefix, set.access);
    if (before.keys.folds != after.keys.folds)
        set.access.push_back({translated("other spellings"),
                              {},
                              after.keys.folds ? translated("are the same") : translated("are others")});
    compareNumbers(translated("most live keys"), before.keys.maxLive, after.keys.maxLive, set.access);
    return set;
}

QString changeWords(const FieldChange &change)
{
    return change.before.isEmpty() ? QStringLiteral("%1 %2").arg(change.field, change.after)
                                   : QStringLiteral("%1 %2 → %3").arg(change.field, change.before, change.after);
}

QStringList changeWords(const LimitChange &change)
{
    if (change.kind == LimitChange::Kind::Added)
        return {translated("added")};
    if (change.kind == LimitChange::Kind::Removed)
        return {translated("removed")};
    QStringList words;
    for (const FieldChange &field : change.fields)
        words << changeWords(field);
    if (change.movedFrom > 0)
        words << translated("moved from %1 to %2").arg(change.movedFrom).arg(change.movedTo);
    return words;
}

QString summaryOf(const SetChange &change)
{
    QStringList parts;
    for (const LimitChange &limit : change.limits)
        parts << QStringLiteral("%1: %2").arg(limit.name, changeWords(limit).join(QStringLiteral(", ")));
    QStringList access;
    for (const FieldChange &field : change.access)
        access << changeWords(field);
    if (!access.isEmpty())
        parts << access.join(QStringLiteral(", "));
    return parts.join(QStringLiteral(" · "));
}

} // namespace weir::ui

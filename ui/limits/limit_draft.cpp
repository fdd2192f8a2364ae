// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/limit_draft.h"

#include <QCoreApplication>
#include <algorithm>
#include <utility>

#include "core/config/key_text.h"
#include "core/config/limit_set.h"
#include "ui/words/limit_words.h"

namespace weir::ui {
namespace {

QString translated(const char *text)
{
    return QCoreApplication::translate("limit_draft", text);
}

const config::LimitEntry *findLimit(const config::LimitSet &set, const std::string &name)
{
    const auto found = std::find_if(set.limits.begin(), set.limits.end(),
                                    [&](const config::LimitEntry &limit) { return limit.name == name; });
    return found == set.limits.end() ? nullptr : &*found;
}

std::string nameOf(const LimitDraft::Entry &entry)
{
    return entry.text[LimitField::Name].trimmed().toStdString();
}

/// The same when both are read: "5 min" is "300s".
bool means(const LimitText &text, const config::LimitEntry &entry)
{
    const ReadLimit read = readLimit(text);
    return read.issues.empty() && read.entry == entry;
}

/// `text` with what `theirs` changed since `base` wherever it is as in `base`. Returns the fields that both changed.
QStringList mergeFields(LimitText &text, const LimitText &base, const LimitText &theirs)
{
    QStringList conflicts;
    const limit::Algorithm algorithm = readLimit(text).entry.spec.algorithm;
    for (std::size_t i = 0; i < kLimitFields; ++i) {
        const auto field = static_cast<LimitField>(i);
        if (text[field] == base[field])
            text[field] = theirs[field];
        else if (theirs[field] != base[field] && theirs[field] != text[field])
            conflicts << fieldName(field, algorithm);
    }
    return conflicts;
}

/// "limit[2].match.path": 1 and "match.path". Nothing: it is about no single limit.
std::optional<std::pair<std::size_t, std::string_view>> limitOf(std::string_view where)
{
    constexpr std::string_view kBegin = "limit[";
    const std::size_t end = where.find("].");
    if (!where.starts_with(kBegin) || end == std::string_view::npos)
        return std::nullopt;
    std::size_t number = 0;
    for (const char c : where.substr(kBegin.size(), end - kBegin.size()))
        number = number * 10 + static_cast<std::size_t>(c - '0');
    return std::pair{number - 1, where.substr(end + 2)};
}

/// Of two limits with one name the check names the second; whoever has just written it may be in the first.
void nameDoubles(LimitDraft::Reading &reading)
{
    const std::vector<config::LimitEntry> &limits = reading.set.limits;
    for (std::size_t i = 0; i < limits.size(); ++i) {
        const auto isSame = [&](const config::LimitEntry &other) {
            return &other != &limits[i] && !other.name.empty() && other.name == limits[i].name;
        };
        auto &issues = reading.ofLimits[i];
        const bool isSaid = std::any_of(issues.begin(), issues.end(),
                                        [](const FieldIssue &issue) { return issue.field == LimitField::Name; });
        if (!isSaid && std::any_of(limits.begin(), limits.end(), isSame))
            issues.push_back({LimitField::Name, translated("Another limit has this name too.")});
    }
}

template<class Issue, class Field>
bool isNamed(const std::vector<Issue> &issues, Field field)
{
    return std::any_of(issues.begin(), issues.end(), [&](const Issue &issue) { return issue.field == field; });
}

} // namespace

QString mergedLines(const QString &base, const QString &mine, const QString &theirs)
{
    const QStringList were = base.split(u'\n', Qt::SkipEmptyParts);
    const QStringList are = theirs.split(u'\n', Qt::SkipEmptyParts);
    QStringList lines = mine.split(u'\n', Qt::SkipEmptyParts);
    for (const QString &line : were) {
        if (!are.contains(line))
            lines.removeAll(line);
    }
    for (const QString &line : are) {
        if (!were.contains(line) && !lines.contains(line))
            lines << line;
    }
    return lines.join(u'\n');
}

bool LimitDraft::Reading::isUsable() const
{
    return ofAccess.empty() && ofSet.isEmpty()
           && std::all_of(ofLimits.begin(), ofLimits.end(), [](const auto &issues) { return issues.empty(); });
}

LimitDraft::LimitDraft() : m_inForce{std::make_shared<const config::LimitSet>()}, m_access{accessTextOf(*m_inForce)}
{
}

LimitDraft::Entry LimitDraft::entryOf(const config::LimitEntry &limit)
{
    return {m_nextId++, limit.name, textOf(limit)};
}

// What is still there keeps its id.
void LimitDraft::revert()
{
    const std::vector<Entry> edited = std::exchange(m_entries, {});
    m_removed.clear();
    for (const config::LimitEntry &limit : m_inForce->limits) {
        Entry entry = entryOf(limit);
        for (const Entry &each : edited)
            entry.id = each.origin == limit.name ? each.id : entry.id;
        m_entries.push_back(std::move(entry));
    }
    m_access = accessTextOf(*m_inForce);
}

QStringList LimitDraft::follow(std::shared_ptr<const config::LimitSet> inForce)
{
    QStringList conflicts;
    const AccessText base = accessTextOf(*m_inForce);
    const AccessText theirs = accessTextOf(*inForce);
    for (std::size_t i = 0; i < kAccessFields; ++i) {
        QString &text = m_access.texts[i];
        const bool isList = i < static_cast<std::size_t>(AccessField::Ipv6Prefix);
        if (text == base.texts[i])
            text = theirs.texts[i];
        else if (isList)
            text = mergedLines(base.texts[i], text, theirs.texts[i]);
        else if (theirs.texts[i] != base.texts[i] && theirs.texts[i] != text)
            conflicts << translated("key rules");
    }
    followLimits(*inForce, conflicts);
    m_inForce = std::move(inForce);
    return conflicts;
}

void LimitDraft::followLimits(const config::LimitSet &next, QStringList &conflicts)
{
    const bool isOrderMine = isOrderEdited();
    std::vector<Entry> kept;
    for (Entry &entry : m_entries) {
        const config::LimitEntry *was = findLimit(*m_inForce, entry.origin);
        const config::LimitEntry *is = findLimit(next, entry.origin);
        if (!is) // renamed or added here, and applied
            is = findLimit(next, nameOf(entry));
        if (is && was) {
            for (const QString &field : mergeFields(entry.text, textOf(*was), textOf(*is)))
                conflicts << QStringLiteral("%1: %2").arg(QString::fromStdString(is->name), field);
        } else if (!is && was) {
            if (means(entry.text, *was))
                continue; // removed elsewhere
            conflicts << translated("%1: removed there").arg(QString::fromStdString(entry.origin));
        }
        entry.origin = is ? is->name : std::string();
        kept.push_back(std::move(entry));
    }
    m_entries = std::move(kept);
    takeNew(next);
    if (!isOrderMine)
        takeOrder(next);
}

// Behind the one that it follows in force.
void LimitDraft::takeNew(const config::LimitSet &next)
{
    std::string before;
    for (const config::LimitEntry &limit : next.limits) {
        const bool isNew = !findLimit(*m_inForce, limit.name) && indexOfOrigin(limit.name) < 0;
        if (isNew) {
            const int place = before.empty() ? 0 : indexOfOrigin(before) + 1;
            m_entries.insert(m_entries.begin() + place, entryOf(limit));
        }
        before = limit.name;
    }
}

// What is in force in the order in force, in the places that it has here; what is new here stays where it is.
void LimitDraft::takeOrder(const config::LimitSet &next)
{
    std::vector<Entry> inOrder;
    for (const config::LimitEntry &limit : next.limits) {
        if (const int index = indexOfOrigin(limit.name); index >= 0)
            inOrder.push_back(m_entries[static_cast<std::size_t>(index)]);
    }
    auto nextOne = inOrder.begin();
    for (Entry &entry : m_entries) {
        if (!entry.origin.empty() && nextOne != inOrder.end())
            entry = *nextOne++;
    }
}

void LimitDraft::setText(int index, const LimitText &text)
{
    m_entries[static_cast<std::size_t>(index)].text = text;
}

int LimitDraft::add()
{
    config::LimitEntry entry;
    entry.name = freeName("limit");
    m_entries.push_back({m_nextId++, {}, textOf(entry)});
    return count() - 1;
}

int LimitDraft::duplicate(int index)
{
    Entry copy{m_nextId++, {}, m_entries[static_cast<std::size_t>(index)].text};
    copy.text[LimitField::Name] = QString::fromStdString(freeName(nameOf(m_entries[static_cast<std::size_t>(index)])));
    m_entries.insert(m_entries.begin() + index + 1, std::move(copy));
    return index + 1;
}

void LimitDraft::remove(int index)
{
    const auto it = m_entries.begin() + index;
    m_removed.push_back({index, std::move(*it)});
    m_entries.erase(it);
}

std::optional<int> LimitDraft::restore()
{
    if (m_removed.empty())
        return std::nullopt;
    Removed last = std::move(m_removed.back());
    m_removed.pop_back();
    const int index = std::min(last.index, count());
    if (!last.entry.origin.empty()
        && (!findLimit(*m_inForce, last.entry.origin) || indexOfOrigin(last.entry.origin) >= 0))
        last.entry.origin.clear();
    m_entries.insert(m_entries.begin() + index, std::move(last.entry));
    return index;
}

QString LimitDraft::removedName() const
{
    return m_removed.empty() ? QString() : m_removed.back().entry.text[LimitField::Name];
}

void LimitDraft::move(int from, int to)
{
    const auto begin = m_entries.begin();
    if (from < to)
        std::rotate(begin + from, begin + from + 1, begin + to + 1);
    else
        std::rotate(begin + to, begin + from, begin + from + 1);
}

LimitDraft::Reading LimitDraft::read() const
{
    Reading reading;
    for (const Entry &entry : m_entries) {
        ReadLimit read = readLimit(entry.text);
        reading.set.limits.push_back(std::move(read.entry));
        reading.ofLimits.push_back(std::move(read.issues));
    }
    ReadAccess access = readAccess(m_access);
    reading.set.allow = std::move(access.allow);
    reading.set.block = std::move(access.block);
    reading.set.keys = access.keys;
    reading.ofAccess = std::move(access.issues);
    const std::size_t limits = reading.ofLimits.size();
    std::vector<std::vector<FieldIssue>> unread =
        reading.ofLimits; // a field that cannot be read has one problem, not two
    const std::vector<AccessIssue> unreadAccess = reading.ofAccess;
    for (const config::ConfigIssue &issue : config::check(reading.set)) {
        const QString sentence = issueSentence(issue.problem, issue.hint);
        if (const auto place = limitOf(issue.where); place && place->first < limits) {
            const LimitField field = fieldOf(place->second);
            if (!isNamed(unread[place->first], field))
                reading.ofLimits[place->first].push_back({field, sentence});
        } else if (issue.where == "limit") {
            reading.ofSet << sentence;
        } else if (const AccessField field = accessFieldOf(issue.where); !isNamed(unreadAccess, field)) {
            reading.ofAccess.push_back({field, sentence});
        }
    }
    nameDoubles(reading);
    return reading;
}

SetChange LimitDraft::changes(const Reading &reading) const
{
    std::vector<int> origins;
    for (int i = 0; i < count(); ++i)
        origins.push_back(originOf(i));
    return changeOf(*m_inForce, reading.set, origins);
}

bool LimitDraft::isEdited() const
{
    const Reading reading = read();
    return !reading.isUsable() || reading.set != *m_inForce;
}

bool LimitDraft::isEdited(int index) const
{
    const Entry &entry = m_entries[static_cast<std::size_t>(index)];
    const config::LimitEntry *was = findLimit(*m_inForce, entry.origin);
    return !was || !means(entry.text, *was);
}

int LimitDraft::originOf(int index) const
{
    const std::string &origin = m_entries[static_cast<std::size_t>(index)].origin;
    const config::LimitEntry *was = origin.empty() ? nullptr : findLimit(*m_inForce, origin);
    return was ? static_cast<int>(was - m_inForce->limits.data()) : -1;
}

int LimitDraft::indexOfOrigin(const std::string &name) const
{
    const auto found =
        std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry &entry) { return entry.origin == name; });
    return found == m_entries.end() ? -1 : static_cast<int>(found - m_entries.begin());
}

bool LimitDraft::isOrderEdited() const
{
    int last = -1;
    for (int i = 0; i < count(); ++i) {
        const int origin = originOf(i);
        if (origin < 0)
            continue;
        if (origin < last)
            return true;
        last = origin;
    }
    return false;
}

// "limit", "limit-2", "limit-3".
std::string LimitDraft::freeName(const std::string &wanted) const
{
    const auto isTaken = [this](const std::string &name) {
        return std::any_of(m_entries.begin(), m_entries.end(),
                           [&](const Entry &entry) { return nameOf(entry) == name; });
    };
    std::string name = wanted;
    for (int i = 2; isTaken(name); ++i) {
        const std::string suffix = "-" + std::to_string(i);
        name = wanted.substr(0, config::kLongestName - suffix.size()) + suffix;
    }
    return name;
}

} // namespace weir::ui

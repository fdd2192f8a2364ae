// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/top_keys.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace weir::policy {

TopKeys::TopKeys(std::size_t counters) : m_counters{std::max<std::size_t>(counters, 1)}
{
    m_places.reserve(m_counters);
}

void TopKeys::record(std::string_view subject, bool isAdmitted, Micros now)
{
    Place &place = placeOf(subject);
    ++(isAdmitted ? place.entry->admitted : place.entry->refused);
    place.entry->lastSeen = now;
    countUp(place);
    ++m_total;
}

void TopKeys::clear()
{
    m_places.clear();
    m_groups.clear();
    m_total = 0;
}

TopKeys::Place &TopKeys::placeOf(std::string_view subject)
{
    if (const auto found = m_places.find(subject); found != m_places.end())
        return found->second;
    return m_places.size() < m_counters ? add(subject) : takeOver(subject);
}

TopKeys::Place &TopKeys::add(std::string_view subject)
{
    if (m_groups.empty() || m_groups.back().count > 0)
        m_groups.push_back({0, {}});
    std::list<TopEntry> &entries = m_groups.back().entries;
    entries.push_back({std::string{subject}});
    const std::string_view key = entries.back().subject;
    return m_places.insert_or_assign(key, Place{std::prev(m_groups.end()), std::prev(entries.end())}).first->second;
}

TopKeys::Place &TopKeys::takeOver(std::string_view subject)
{
    TopEntry &smallest = m_groups.back().entries.front();
    auto node = m_places.extract(smallest.subject);
    smallest = {std::string{subject}, m_groups.back().count};
    node.key() = smallest.subject;
    return m_places.insert(std::move(node)).position->second;
}

void TopKeys::countUp(Place &place)
{
    const Groups::iterator group = place.group;
    const bool hasNext = group != m_groups.begin() && std::prev(group)->count == group->count + 1;
    if (!hasNext && group->entries.size() == 1) {
        ++group->count;
        return;
    }
    place.group = hasNext ? std::prev(group) : m_groups.insert(group, {group->count + 1, {}});
    std::list<TopEntry> &entries = place.group->entries;
    entries.splice(entries.end(), group->entries, place.entry);
    if (group->entries.empty())
        m_groups.erase(group);
}

TopList TopKeys::top(std::size_t most) const
{
    TopList list{{}, m_total, 0};
    const bool isFull = m_places.size() == m_counters;
    if (isFull)
        list.floor = m_groups.back().count;
    for (const Group &group : m_groups) {
        for (const TopEntry &entry : group.entries) {
            if (list.entries.size() == most) {
                list.floor = group.count;
                return list;
            }
            list.entries.push_back(entry);
        }
    }
    return list;
}

// Where a list does not name a subject, it may have seen it as often as its floor says.
TopList merged(std::span<const TopList> lists, std::size_t most)
{
    TopList sum;
    for (const TopList &list : lists) {
        sum.total += list.total;
        sum.floor += list.floor;
    }
    std::map<std::string_view, TopEntry> bySubject;
    for (const TopList &list : lists)
        for (const TopEntry &entry : list.entries) {
            TopEntry &joined = bySubject.try_emplace(entry.subject, TopEntry{entry.subject, sum.floor}).first->second;
            joined.error += entry.error - list.floor;
            joined.admitted += entry.admitted;
            joined.refused += entry.refused;
            joined.lastSeen = std::max(joined.lastSeen, entry.lastSeen);
        }
    for (auto &[subject, entry] : bySubject)
        sum.entries.push_back(std::move(entry));
    std::stable_sort(sum.entries.begin(), sum.entries.end(),
                     [](const TopEntry &a, const TopEntry &b) { return a.count() > b.count(); });
    if (sum.entries.size() > most) {
        sum.floor = std::max(sum.floor, sum.entries[most].count());
        sum.entries.resize(most);
    }
    return sum;
}

} // namespace weir::policy

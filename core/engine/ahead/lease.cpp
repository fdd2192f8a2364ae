// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/ahead/lease.h"

#include <algorithm>
#include <utility>

namespace weir::engine {
namespace {

limit::Tokens tokensOf(const std::vector<Lease::Charge> &charges, std::int64_t requests)
{
    limit::Tokens sum = 0;
    for (const Lease::Charge &charge : charges)
        sum += charge.cost * requests;
    return sum;
}

} // namespace

void Lease::setMost(limit::Tokens most)
{
    if (std::exchange(m_most, most) != most)
        drop();
}

void Lease::follow(std::uint64_t changes)
{
    if (std::exchange(m_changes, changes) != changes)
        drop();
}

void Lease::drop()
{
    m_entries.clear();
    m_tokens.clear();
    m_unused.clear();
    m_held = 0;
    ++m_round;
}

Lease::Used Lease::use(const std::string &kind, std::int64_t wanted, Instant now, std::uint64_t changes)
{
    follow(changes);
    const auto it = m_held > 0 ? m_entries.find(kind) : m_entries.end();
    if (it == m_entries.end() || it->second.held == 0)
        return {};
    Entry &entry = it->second;
    const std::int64_t used = std::min(wanted, entry.held);
    hold(entry, -used);
    count(entry, -used);
    entry.usedAt = now;
    if (entry.held == 0 && now - entry.since < kLeaseHolds)
        entry.next = std::min(2 * entry.next, m_most);
    return {used, entry.held, &entry.answer};
}

// Looked through at most once in the time that a kind is hot for: many keys must not make each request costly.
Lease::Entry *Lease::entryOf(const std::string &kind, const std::function<std::vector<Charge>()> &charges, Instant now)
{
    if (const auto it = m_entries.find(kind); it != m_entries.end())
        return &it->second;
    if (m_entries.size() >= kMost && now >= m_sweepAt) {
        m_sweepAt = now + kLeaseHot;
        std::erase_if(m_entries, [now](const auto &item) {
            const Entry &entry = item.second;
            return entry.held == 0 && entry.asked == 0 && now - entry.usedAt >= kLeaseHot;
        });
    }
    if (m_entries.size() >= kMost)
        return nullptr;
    Entry &entry = m_entries[kind];
    entry.charges = charges();
    return &entry;
}

// Near the edge nothing: what one worker holds there is what another one refuses.
std::int64_t Lease::mostAhead(const Entry &entry) const
{
    std::int64_t most = entry.answer.buckets.empty() ? 0 : entry.next;
    for (std::size_t i = 0; i < entry.answer.buckets.size(); ++i) {
        const auto found = m_tokens.find(entry.charges[i].bucket);
        const limit::Tokens out = found == m_tokens.end() ? 0 : found->second;
        const bool isNearTheEdge = entry.answer.buckets[i].room < 2 * m_most;
        most = std::min(most, isNearTheEdge ? 0 : (m_most - out) / entry.charges[i].cost);
    }
    return most;
}

Lease::Asked Lease::ask(const std::string &kind, const std::function<std::vector<Charge>()> &charges, Instant now,
                        std::uint64_t changes)
{
    follow(changes);
    Entry *entry = isOn() ? entryOf(kind, charges, now) : nullptr;
    if (!entry)
        return {};
    const bool isHot = now - std::exchange(entry->usedAt, now) < kLeaseHot;
    if (!isHot || entry->asked > 0)
        return {};
    const std::int64_t ahead = mostAhead(*entry);
    entry->asked = ahead;
    count(*entry, ahead);
    return {kind, ahead, m_round};
}

void Lease::learn(const std::string &kind, Answer answer, std::uint64_t round, std::uint64_t changes)
{
    follow(changes);
    if (const auto it = m_entries.find(kind); round == m_round && it != m_entries.end())
        it->second.answer = std::move(answer);
}

void Lease::hear(const Asked &asked, std::int64_t granted, const std::vector<std::string> &refusedBy, Instant askedAt,
                 std::uint64_t changes)
{
    follow(changes);
    const auto it = m_entries.find(asked.kind);
    if (asked.round != m_round || it == m_entries.end())
        return;
    Entry &entry = it->second;
    entry.asked = 0;
    count(entry, granted - asked.count);
    if (granted < asked.count)
        entry.next = 1;
    for (const std::string &bucket : refusedBy)
        m_unused.push_back({{{bucket, limit::kMaxTotal}}, asked.count - granted, askedAt});
    if (entry.held == 0)
        entry.since = askedAt;
    hold(entry, granted);
}

void Lease::count(const Entry &entry, std::int64_t requests)
{
    for (const Charge &charge : entry.charges)
        if (const auto it = m_tokens.try_emplace(charge.bucket, 0).first; (it->second += charge.cost * requests) == 0)
            m_tokens.erase(it);
}

void Lease::hold(Entry &entry, std::int64_t requests)
{
    entry.held += requests;
    m_held += tokensOf(entry.charges, requests);
}

void Lease::putAside(Entry &entry)
{
    if (entry.held == 0)
        return;
    m_unused.push_back({entry.charges, entry.held, entry.since});
    count(entry, -entry.held);
    hold(entry, -entry.held);
    entry.next = 1;
}

void Lease::expire(Instant now, std::uint64_t changes)
{
    follow(changes);
    for (auto &[kind, entry] : m_entries)
        if (now - entry.since >= kLeaseHolds)
            putAside(entry);
}

void Lease::expireAll(std::uint64_t changes)
{
    follow(changes);
    for (auto &[kind, entry] : m_entries)
        putAside(entry);
}

std::optional<Lease::Instant> Lease::nextExpiry() const
{
    std::optional<Instant> next;
    for (const auto &[kind, entry] : m_entries)
        if (entry.held > 0 && (!next || entry.since + kLeaseHolds < *next))
            next = entry.since + kLeaseHolds;
    return next;
}

std::vector<Lease::Unused> Lease::takeUnused(std::size_t most, std::size_t mostCharges)
{
    std::size_t taken = 0, charges = 0;
    while (taken < std::min(most, m_unused.size())) {
        charges += m_unused[taken].charges.size();
        if (taken > 0 && charges > mostCharges)
            break;
        ++taken;
    }
    const auto end = m_unused.begin() + static_cast<std::ptrdiff_t>(taken);
    std::vector<Unused> unused{std::make_move_iterator(m_unused.begin()), std::make_move_iterator(end)};
    m_unused.erase(m_unused.begin(), end);
    return unused;
}

void Lease::addAgain(std::vector<Unused> unused, Instant now)
{
    for (Unused &one : unused)
        if (!std::exchange(one.isAgain, true) && now - one.since < kLeaseReturns)
            m_unused.push_back(std::move(one));
}

} // namespace weir::engine

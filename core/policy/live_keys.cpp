// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/live_keys.h"

#include <algorithm>

#include "core/base/whole.h"
#include "core/policy/subject_key.h"

namespace weir::policy {
namespace {

constexpr std::int64_t kRounds = 256; // to full

Micros tickOf(Micros toFull)
{
    return Micros{std::max(std::int64_t{1}, ceilDiv(toFull.count(), kRounds))};
}

} // namespace

LiveKeys::LiveKeys(std::int64_t most, Micros toFull) : m_most{most}, m_toFull{toFull}, m_tick{tickOf(toFull)}
{
}

std::string_view LiveKeys::enter(std::string_view subject, Micros now)
{
    expire(now);
    if (const auto found = m_live.find(subject); found != m_live.end()) {
        unlink(found->second);
        place(found->second, m_now + m_toFull);
        return subject;
    }
    if (size() >= m_most) {
        ++m_overflows;
        return kOverflowSubject;
    }
    const auto added = m_live.try_emplace(std::string{subject}).first;
    added->second.subject = &added->first;
    place(added->second, m_now + m_toFull);
    return subject;
}

void LiveKeys::noteFull(std::string_view subject, Micros fullAt)
{
    const auto found = m_live.find(subject);
    if (found == m_live.end())
        return;
    unlink(found->second);
    place(found->second, fullAt);
}

void LiveKeys::expire(Micros now)
{
    m_now = std::max(m_now, now);
    const std::int64_t round = roundOf(m_now);
    const std::int64_t first = std::max(m_round + 1, round - kSlots + 1); // once around is all of them
    for (std::int64_t due = first; due <= round; ++due)
        expireSlot(static_cast<std::size_t>(due % kSlots));
    m_round = std::max(m_round, round);
}

void LiveKeys::setLongest(Micros toFull, Micros now)
{
    expire(now);
    m_toFull = toFull;
    m_tick = tickOf(toFull);
    m_round = roundOf(m_now);
    m_slots.fill(nullptr);
    for (auto &[subject, entry] : m_live)
        place(entry, m_now + m_toFull);
}

// Into the first round that begins when the bucket is full. No round is further away than kRounds + 2.
void LiveKeys::place(Entry &entry, Micros fullAt)
{
    const Micros expiry = std::clamp(fullAt, m_now, m_now + m_toFull);
    entry.slot = static_cast<std::size_t>((roundOf(expiry) + 1) % kSlots);
    Entry *&head = m_slots[entry.slot];
    entry.before = nullptr;
    entry.after = head;
    if (head)
        head->before = &entry;
    head = &entry;
}

void LiveKeys::unlink(Entry &entry)
{
    (entry.before ? entry.before->after : m_slots[entry.slot]) = entry.after;
    if (entry.after)
        entry.after->before = entry.before;
}

void LiveKeys::expireSlot(std::size_t slot)
{
    while (Entry *const entry = m_slots[slot]) {
        m_slots[slot] = entry->after;
        m_live.erase(m_live.find(*entry->subject));
    }
}

} // namespace weir::policy

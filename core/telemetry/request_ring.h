// SPDX-License-Identifier: GPL-3.0-only
// The newest answered requests on their way from one worker to one reader: bounded, lock-free.
#pragma once

#include <atomic>
#include <vector>

#include "core/telemetry/request_record.h"

namespace weir::telemetry {

/// One writing thread, one reading thread. A full ring drops the new record and counts it.
class RequestRing {
public:
    explicit RequestRing(std::size_t capacity = 1024) : m_slots(capacity + 1) {}

    /// Add `record`, or count it as lost when there is no room. Writer's thread; never blocks.
    void push(const RequestRecord &record)
    {
        const std::size_t head = m_head.load(std::memory_order_relaxed);
        const std::size_t next = head + 1 == m_slots.size() ? 0 : head + 1;
        if (next == m_tail.load(std::memory_order_acquire)) {
            m_lost.store(m_lost.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
            return;
        }
        m_slots[head] = record;
        m_head.store(next, std::memory_order_release);
    }

    /// Tell whether there is room, and count a loss when there is not. Saves building a record that would be dropped.
    /// Writer's thread.
    [[nodiscard]] bool hasRoom()
    {
        const std::size_t head = m_head.load(std::memory_order_relaxed);
        const std::size_t next = head + 1 == m_slots.size() ? 0 : head + 1;
        if (next != m_tail.load(std::memory_order_acquire))
            return true;
        m_lost.store(m_lost.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return false;
    }

    /// Move everything to the end of `out`, oldest first. Reader's thread.
    void drainTo(std::vector<RequestRecord> &out)
    {
        const std::size_t head = m_head.load(std::memory_order_acquire);
        std::size_t tail = m_tail.load(std::memory_order_relaxed);
        while (tail != head) {
            out.push_back(m_slots[tail]);
            tail = tail + 1 == m_slots.size() ? 0 : tail + 1;
        }
        m_tail.store(tail, std::memory_order_release);
    }

    /// Tell whether there is nothing to drain. Any thread.
    [[nodiscard]] bool isEmpty() const
    {
        return m_head.load(std::memory_order_acquire) == m_tail.load(std::memory_order_relaxed);
    }

    /// Return how many records found no room since the start. Any thread.
    [[nodiscard]] std::uint64_t lost() const { return m_lost.load(std::memory_order_relaxed); }

private:
    std::vector<RequestRecord> m_slots; // one stays empty: head == tail means empty
    std::atomic<std::size_t> m_head{0};
    std::atomic<std::size_t> m_tail{0};
    std::atomic<std::uint64_t> m_lost{0};
};

} // namespace weir::telemetry

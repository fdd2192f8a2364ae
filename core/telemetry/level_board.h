// SPDX-License-Identifier: GPL-3.0-only
// The newest level that one thread was told by the store, for others to read without a lock.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace weir::telemetry {

/// Times are microseconds of the store's clock, `observedNs` is nanoseconds of the steady clock.
struct LevelReport {
    std::int64_t nowUs{0}; ///< 0: nothing reported yet
    std::int64_t observedNs{0};
    std::int64_t tokens{0};
    std::int64_t nextRefillUs{0}; ///< from nowUs
    std::int64_t admitted{0};     ///< lifetime of the bucket
    std::int64_t refused{0};
    std::int64_t refillAtUs{0};   ///< of the last refill that added something; 0: none seen
    std::int64_t refillTokens{0}; ///< what it added
    std::int64_t refillLevel{0};  ///< level right after it
};

/// One writing thread, any number of readers: a sequence lock over atomics.
class LevelBoard {
public:
    /// Publish `report`; if it has no refill, the last one stays. Writer's thread.
    void post(LevelReport report)
    {
        if (report.refillAtUs == 0) {
            report.refillAtUs = m_last.refillAtUs;
            report.refillTokens = m_last.refillTokens;
            report.refillLevel = m_last.refillLevel;
        }
        m_last = report;
        const auto values = std::bit_cast<Values>(report);
        const std::uint32_t sequence = m_sequence.load(std::memory_order_relaxed);
        m_sequence.store(sequence + 1, std::memory_order_relaxed); // odd: being written
        std::atomic_thread_fence(std::memory_order_release);
        for (std::size_t i = 0; i < values.size(); ++i)
            m_values[i].store(values[i], std::memory_order_relaxed);
        m_sequence.store(sequence + 2, std::memory_order_release);
    }

    /// Return the newest report. Any thread.
    [[nodiscard]] LevelReport read() const
    {
        while (true) {
            const std::uint32_t before = m_sequence.load(std::memory_order_acquire);
            Values values{};
            for (std::size_t i = 0; i < values.size(); ++i)
                values[i] = m_values[i].load(std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_acquire);
            if (before % 2 == 0 && m_sequence.load(std::memory_order_relaxed) == before)
                return std::bit_cast<LevelReport>(values);
        }
    }

private:
    using Values = std::array<std::int64_t, sizeof(LevelReport) / sizeof(std::int64_t)>;
    static_assert(sizeof(Values) == sizeof(LevelReport));

    LevelReport m_last; // writer's copy
    std::atomic<std::uint32_t> m_sequence{0};
    std::array<std::atomic<std::int64_t>, std::tuple_size_v<Values>> m_values{};
};

} // namespace weir::telemetry

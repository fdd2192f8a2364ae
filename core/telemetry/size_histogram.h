// SPDX-License-Identifier: GPL-3.0-only
// How many requests calls of the store carried: a bin for each power of two, one writer, any number of readers, no locks.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace weir::telemetry {

/// Of sizes up to 1, 2, 4 ... 512, which is the most that a call carries (store::kMaxRuns); larger ones count as that.
inline constexpr std::size_t kSizeBins = 10;

/// A copy of the bins.
struct SizeCounts {
    std::array<std::uint64_t, kSizeBins> bins{};
    std::uint64_t sum{0}; ///< of all sizes

    void add(const SizeCounts &other)
    {
        for (std::size_t i = 0; i < kSizeBins; ++i)
            bins[i] += other.bins[i];
        sum += other.sum;
    }
    /// Return the largest size that bin `i` holds.
    [[nodiscard]] static constexpr std::uint64_t most(std::size_t i) { return std::uint64_t{1} << i; }
};

class SizeHistogram {
public:
    /// Count `size`, at least 1. Writer's thread only.
    void record(std::size_t size)
    {
        const auto bin = static_cast<std::size_t>(std::bit_width(size > 0 ? size - 1 : 0));
        add(m_bins[bin < kSizeBins ? bin : kSizeBins - 1], 1);
        add(m_sum, size);
    }
    /// Copy bins and sum; what is counted meanwhile may be in one of them only. Any thread.
    [[nodiscard]] SizeCounts read() const
    {
        SizeCounts counts;
        for (std::size_t i = 0; i < kSizeBins; ++i)
            counts.bins[i] = m_bins[i].load(std::memory_order_relaxed);
        counts.sum = m_sum.load(std::memory_order_relaxed);
        return counts;
    }

private:
    static void add(std::atomic<std::uint64_t> &value, std::uint64_t n)
    {
        value.store(value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }

    std::array<std::atomic<std::uint64_t>, kSizeBins> m_bins{};
    std::atomic<std::uint64_t> m_sum{0};
};

} // namespace weir::telemetry

// SPDX-License-Identifier: GPL-3.0-only
// How long decisions took: log-linear bins, one writer, any number of readers, no locks.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "core/base/duration.h"

namespace weir::telemetry {

/// 8 bins per power of two: a quantile is at most 12.5 % off. Covers 0 us to 2^26 us (67 s).
inline constexpr int kSubBins = 8;
inline constexpr int kLatencyBins = 24 * kSubBins;

/// A copy of the bins; subtracting an older copy gives the time between.
struct LatencyCounts {
    std::array<std::uint64_t, kLatencyBins> bins{};
    std::uint64_t sumMicros{0}; ///< of all that was counted

    void add(const LatencyCounts &other);
    void subtract(const LatencyCounts &older);
    [[nodiscard]] std::uint64_t total() const;
    /// Return the upper edge of the bin that holds quantile `q` (0..1); zero when nothing was counted.
    [[nodiscard]] Micros quantile(double q) const;
};

class LatencyHistogram {
public:
    /// Count `duration`. Writer's thread only.
    void record(Micros duration)
    {
        auto &bin = m_bins[static_cast<std::size_t>(binOf(duration.count()))];
        bin.store(bin.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        const auto micros = static_cast<std::uint64_t>(duration > Micros{0} ? duration.count() : 0);
        m_sumMicros.store(m_sumMicros.load(std::memory_order_relaxed) + micros, std::memory_order_relaxed);
    }
    /// Copy bins and sum; what is counted meanwhile may be in one of them only. Any thread.
    [[nodiscard]] LatencyCounts read() const;

    [[nodiscard]] static int binOf(std::int64_t micros);
    [[nodiscard]] static std::int64_t upperEdge(int bin);

private:
    std::array<std::atomic<std::uint64_t>, kLatencyBins> m_bins{};
    std::atomic<std::uint64_t> m_sumMicros{0};
};

} // namespace weir::telemetry

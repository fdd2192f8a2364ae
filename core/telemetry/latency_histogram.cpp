// SPDX-License-Identifier: GPL-3.0-only
#include "core/telemetry/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weir::telemetry {

int LatencyHistogram::binOf(std::int64_t micros)
{
    if (micros < kSubBins)
        return static_cast<int>(std::max<std::int64_t>(micros, 0));
    const auto value = static_cast<std::uint64_t>(micros);
    const int shift =
        static_cast<int>(std::bit_width(value)) - static_cast<int>(std::bit_width(static_cast<unsigned>(kSubBins)));
    const int bin = shift * kSubBins + static_cast<int>(value >> shift);
    return std::min(bin, kLatencyBins - 1);
}

std::int64_t LatencyHistogram::upperEdge(int bin)
{
    if (bin < 2 * kSubBins)
        return bin + 1;
    const int shift = bin / kSubBins - 1;
    return static_cast<std::int64_t>(bin % kSubBins + kSubBins + 1) << shift;
}

LatencyCounts LatencyHistogram::read() const
{
    LatencyCounts counts;
    for (std::size_t i = 0; i < counts.bins.size(); ++i)
        counts.bins[i] = m_bins[i].load(std::memory_order_relaxed);
    counts.sumMicros = m_sumMicros.load(std::memory_order_relaxed);
    return counts;
}

void LatencyCounts::add(const LatencyCounts &other)
{
    for (std::size_t i = 0; i < bins.size(); ++i)
        bins[i] += other.bins[i];
    sumMicros += other.sumMicros;
}

void LatencyCounts::subtract(const LatencyCounts &older)
{
    for (std::size_t i = 0; i < bins.size(); ++i)
        bins[i] -= older.bins[i];
    sumMicros -= older.sumMicros;
}

std::uint64_t LatencyCounts::total() const
{
    std::uint64_t sum = 0;
    for (const std::uint64_t bin : bins)
        sum += bin;
    return sum;
}

Micros LatencyCounts::quantile(double q) const
{
    const std::uint64_t all = total();
    if (all == 0)
        return Micros{0};
    const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(all))));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < bins.size(); ++i) {
        seen += bins[i];
        if (seen >= rank)
            return Micros{LatencyHistogram::upperEdge(static_cast<int>(i))};
    }
    return Micros{LatencyHistogram::upperEdge(kLatencyBins - 1)};
}

} // namespace weir::telemetry

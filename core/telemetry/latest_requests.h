// SPDX-License-Identifier: GPL-3.0-only
// The latest answered requests of all workers, numbered, for any number of readers that each remember where they were.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "core/telemetry/request_record.h"

namespace weir::telemetry {

/// Requests behind a number, oldest first.
struct RequestPage {
    std::vector<RequestRecord> records; ///< with their ids, each one more than the one before
    std::uint64_t newest{0};            ///< id of the newest request that there is; 0: there was none
    std::uint64_t dropped{0};           ///< between that number and the first record: no longer kept
};

/// Thread: one. Bounded: the oldest are dropped.
class LatestRequests {
public:
    static constexpr std::size_t kMost = 8192; // 2.8 MB; eight workers' rings at once

    /// Number `records` and keep them.
    void add(std::vector<RequestRecord> records)
    {
        for (RequestRecord &record : records) {
            record.id = ++m_newest;
            m_records.push_back(record);
        }
        if (m_records.size() > kMost)
            m_records.erase(m_records.begin(), m_records.end() - static_cast<std::ptrdiff_t>(kMost));
    }

    /// Return the id of the newest; 0: there was none.
    [[nodiscard]] std::uint64_t newest() const { return m_newest; }

    /// Return those behind number `after`, at most `most`.
    [[nodiscard]] RequestPage page(std::uint64_t after, std::size_t most) const
    {
        RequestPage page{{}, m_newest, 0};
        if (after >= m_newest)
            return page;
        const std::uint64_t kept = m_newest - m_records.size(); // so many are gone
        page.dropped = kept - std::min(kept, after);
        const std::size_t first = static_cast<std::size_t>(std::max(after, kept) - kept);
        const std::size_t count = std::min(most, m_records.size() - first);
        const auto begin = m_records.begin() + static_cast<std::ptrdiff_t>(first);
        page.records.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
        return page;
    }

private:
    std::deque<RequestRecord> m_records;
    std::uint64_t m_newest{0};
};

} // namespace weir::telemetry

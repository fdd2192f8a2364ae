// SPDX-License-Identifier: GPL-3.0-only
// What the history has kept by seconds, as the chart wants it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/history/history_rows.h"
#include "core/telemetry/history.h"

namespace weir::engine {

/// Return the bins from the first row to `now` (seconds since 1970, not included) without gaps, of rows by the second: those
/// of the process have the counts, those of a limit its level, which holds until the next one that was written.
inline std::vector<telemetry::SecondBin> binsOf(const std::vector<history::Row> &process,
                                                const std::vector<history::Row> &limit, std::int64_t now)
{
    std::vector<telemetry::SecondBin> bins;
    if (process.empty() && limit.empty())
        return bins;
    const std::int64_t first =
        std::min(process.empty() ? now : process.front().atS, limit.empty() ? now : limit.front().atS);
    auto nextLimit = limit.begin();
    auto nextProcess = process.begin();
    std::int64_t tokens = -1;
    for (std::int64_t at = first; at < now; ++at) {
        telemetry::SecondBin bin;
        bin.second = at;
        if (nextLimit != limit.end() && nextLimit->atS == at)
            tokens = (nextLimit++)->counts.tokens;
        bin.tokens = tokens;
        if (nextProcess != process.end() && nextProcess->atS == at) {
            bin.admitted = nextProcess->counts.admitted;
            bin.refused = nextProcess->counts.refused;
            bin.undecided = nextProcess->counts.undecided;
            bin.isAway = nextProcess->counts.awayS > 0;
            ++nextProcess;
        }
        bins.push_back(bin);
    }
    return bins;
}

} // namespace weir::engine

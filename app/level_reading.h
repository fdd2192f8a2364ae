// SPDX-License-Identifier: GPL-3.0-only
// The newest report of all threads about the level.
#pragma once

#include <memory>
#include <vector>

#include "core/telemetry/worker_board.h"

namespace weir::app {

/// Tell whether `a` is newer: reports within a second are compared by the time of the store; others by our steady
/// clock, because the clock of the store may go back.
[[nodiscard]] inline bool isNewer(const telemetry::LevelReport &a, const telemetry::LevelReport &b)
{
    constexpr std::int64_t kSameMomentNs = 1'000'000'000;
    const std::int64_t apart = a.observedNs - b.observedNs;
    return apart > kSameMomentNs || (apart > -kSameMomentNs && a.nowUs > b.nowUs);
}

/// Return the newest report, with the newest refill of all reports. Any thread.
[[nodiscard]] inline telemetry::LevelReport
readLevel(const std::vector<std::unique_ptr<telemetry::WorkerBoard>> &boards)
{
    telemetry::LevelReport newest;
    telemetry::LevelReport refill;
    for (const auto &board : boards) {
        const telemetry::LevelReport report = board->levels.read();
        if (isNewer(report, newest))
            newest = report;
        if (report.refillAtUs > refill.refillAtUs)
            refill = report;
    }
    newest.refillAtUs = refill.refillAtUs;
    newest.refillTokens = refill.refillTokens;
    newest.refillLevel = refill.refillLevel;
    return newest;
}

} // namespace weir::app

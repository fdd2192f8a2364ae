// SPDX-License-Identifier: GPL-3.0-only
// The newest of what all threads were told about the level.
#pragma once

#include <memory>
#include <vector>

#include "core/telemetry/worker_board.h"

namespace weir::app {

/// The order of the store decides between reports of about the same moment; the store's clock may go
/// back, so between older ones it is ours.
[[nodiscard]] inline bool isNewer(const telemetry::LevelReport &a, const telemetry::LevelReport &b)
{
    constexpr std::int64_t kSameMomentNs = 1'000'000'000;
    const std::int64_t apart = a.observedNs - b.observedNs;
    return apart > kSameMomentNs || (apart > -kSameMomentNs && a.nowUs > b.nowUs);
}

/// The latest report, with the latest refill that anybody saw. Any thread.
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

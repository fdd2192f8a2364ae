// SPDX-License-Identifier: GPL-3.0-only
// The newest of what all threads were told about the level.
#pragma once

#include <memory>
#include <vector>

#include "core/http/server_worker.h"

namespace weir::app {

/// The latest report by the store's clock, with the latest refill that anybody saw. Any thread.
[[nodiscard]] inline telemetry::LevelReport readLevel(const std::vector<std::unique_ptr<http::WorkerBoard>> &boards)
{
    telemetry::LevelReport newest;
    telemetry::LevelReport refill;
    for (const auto &board : boards) {
        const telemetry::LevelReport report = board->levels.read();
        if (report.nowUs > newest.nowUs)
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

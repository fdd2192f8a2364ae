// SPDX-License-Identifier: GPL-3.0-only
// All that one thread shows to others: what it counts, and the levels that it was told.
#pragma once

#include "core/telemetry/level_board.h"
#include "core/telemetry/worker_telemetry.h"

namespace weir::telemetry {

/// Outlives the thread that writes it; read by any thread.
struct WorkerBoard {
    WorkerTelemetry telemetry;
    LevelBoard levels;
};

} // namespace weir::telemetry

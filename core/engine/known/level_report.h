// SPDX-License-Identifier: GPL-3.0-only
// Makes a report for a LevelBoard from an answer.
#pragma once

#include "core/limit/take.h"
#include "core/telemetry/level_board.h"

namespace weir::engine {

/// Return the report on a bucket of any algorithm. `sent`: what was known of it; `taken`: tokens that the call took.
[[nodiscard]] telemetry::LevelReport levelOf(const limit::BucketOutput &output, Micros now, const limit::Known &sent,
                                             limit::Tokens taken);

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// What an answer tells about the level, for a LevelBoard.
#pragma once

#include "core/limit/group.h"
#include "core/limit/token_bucket.h"
#include "core/telemetry/level_board.h"

namespace weir::engine {

/// `taken`: tokens that the call took.
[[nodiscard]] telemetry::LevelReport reportOf(const limit::TakeOutput &output, limit::Tokens taken);

/// The same of a bucket among several, of any algorithm. `sent`: what was known of it; `taken`: tokens that the call took.
[[nodiscard]] telemetry::LevelReport levelOf(const limit::BucketOutput &output, Micros now,
                                             const limit::CellKnown &sent, limit::Tokens taken);

} // namespace weir::engine

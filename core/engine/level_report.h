// SPDX-License-Identifier: GPL-3.0-only
// What an answer tells about the level, for a LevelBoard.
#pragma once

#include "core/limit/group.h"
#include "core/limit/token_bucket.h"
#include "core/telemetry/level_board.h"

namespace weir::engine {

/// `taken`: tokens that the call took.
[[nodiscard]] telemetry::LevelReport reportOf(const limit::TakeOutput &output, limit::Tokens taken);

/// The same of a bucket among several; of any algorithm.
[[nodiscard]] telemetry::LevelReport levelOf(const limit::BucketOutput &output, Micros now);

} // namespace weir::engine

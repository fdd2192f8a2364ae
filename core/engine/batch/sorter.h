// SPDX-License-Identifier: GPL-3.0-only
// Puts requests into batches.
#pragma once

#include <string_view>

#include "core/engine/batch/batch.h"

namespace weir::engine {

/// At most store::kMaxRuns requests and store::kMaxBuckets buckets each; if the store is spread, of one group or one bucket each.
/// `subjects`: of each charge of each run, as its bucket is called. Any thread.
[[nodiscard]] std::vector<Batch> batchesOf(const ChargedRequests &requests, std::span<const std::string_view> subjects,
                                           const PoliciesPtr &policies, bool isSpread);

} // namespace weir::engine

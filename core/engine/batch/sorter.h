// SPDX-License-Identifier: GPL-3.0-only
// Puts requests into batches.
#pragma once

#include <string_view>

#include "core/engine/batch/batch.h"

namespace weir::engine {

/// Make batches of at most store::kMaxRuns requests and store::kMaxBuckets buckets; if the store is spread, of one
/// group or one bucket each. `subjects`: for each charge of each run the subject of its bucket. Any thread.
[[nodiscard]] std::vector<Batch> batchesOf(const ChargedRequests &requests, std::span<const std::string_view> subjects,
                                           const PoliciesPtr &policies, bool isSpread);

} // namespace weir::engine

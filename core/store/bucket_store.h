// SPDX-License-Identifier: GPL-3.0-only
// THE port to where buckets live: take a batch, change a limit, look. Asynchronous by callback.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/limit/token_bucket.h"

namespace weir::store {

/// One call on one bucket, as limit::TakeInput, less the time: the store has its own clock.
struct TakeRequest {
    std::string bucket; ///< LIMIT:SUBJECT, or LIMIT alone when all share it
    limit::LimitSpec spec;
    std::int64_t epoch{1};
    limit::TokenMode mode{limit::TokenMode::Keep};
    std::vector<limit::CostRun> runs; ///< empty: only refill; at most kMaxRuns
};

/// A script call is O(runs); this bounds how long it may keep the store busy.
inline constexpr std::size_t kMaxRuns = 512;

using TakeDone = std::function<void(Result<limit::TakeOutput>)>;
using LimitDone = std::function<void(Result<std::optional<limit::Limit>>)>;
using WriteDone = std::function<void(Result<Done>)>;

/// Thread: an instance belongs to one thread; callbacks come in that thread, never from inside the
/// call, and always (an Error when the store does not answer in time) unless the store is destroyed.
class BucketStore {
public:
    virtual ~BucketStore() = default;

    /// Refills, sets the level as `mode` says, takes. One round trip.
    virtual void take(TakeRequest request, TakeDone done) = 0;

    /// The newest limit called `name` that the store knows, from its register and from the bucket.
    virtual void loadLimit(const std::string &name, LimitDone done) = 0;

    /// Writes the register, so that the limit outlives its bucket.
    virtual void saveLimit(const limit::Limit &limit, WriteDone done) = 0;
};

} // namespace weir::store

// SPDX-License-Identifier: GPL-3.0-only
// Calls on one bucket in the words of those on several: for a bucket that is, or is to become, one of another algorithm than
// lua/token_bucket.lua knows. Pure.
#pragma once

#include "core/store/bucket_store.h"

namespace weir::redis {

/// `known`: as for the call itself; it is of a token bucket, so that it says nothing when the call's limit is none.
[[nodiscard]] store::GroupRequest asGroup(const store::TakeRequest &request, const limit::Known &known);
[[nodiscard]] store::GroupSettleRequest asGroup(const store::SettleRequest &request);

/// The answer to asGroup(request). Not told: the tokens that this very call has refilled, who refilled last, and the level
/// when it is stale.
[[nodiscard]] limit::TakeOutput asTake(const limit::GroupOutput &output, const store::TakeRequest &request);

} // namespace weir::redis

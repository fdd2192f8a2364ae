// SPDX-License-Identifier: GPL-3.0-only
// The words of lua/token_bucket.lua: from requests to ARGV, from replies to outputs. Pure.
#pragma once

#include "core/redis/group_script.h"

namespace weir::redis {

/// ARGV; `now` 0: the server's time.
[[nodiscard]] Words argumentsOf(const store::TakeRequest &request, Micros now, const limit::Known &known);
[[nodiscard]] Words argumentsOf(const store::SettleRequest &request, Micros now);

/// The promised numbers as a value; an error reply, or another shape, is an Error.
[[nodiscard]] Result<limit::TakeOutput> readTake(const Reply &reply, const store::TakeRequest &request);
[[nodiscard]] Result<limit::SettleOutput> readSettle(const Reply &reply, const store::SettleRequest &request);

} // namespace weir::redis

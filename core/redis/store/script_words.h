// SPDX-License-Identifier: GPL-3.0-only
// Encodes requests for lua/take.lua and lua/settle.lua, and decodes their replies. Pure.
#pragma once

#include <vector>

#include <QByteArray>

#include "core/redis/link/reply.h"
#include "core/redis/store/key_names.h"
#include "core/redis/store/script_set.h"
#include "core/store/bucket_store.h"

namespace weir::redis {

/// Return KEYS: those of the buckets; for a settlement also those of the marks of `request.instance`.
[[nodiscard]] Words keysOf(const store::TakeRequest &request, bool isSpread, const KeyNames &names = {});
[[nodiscard]] Words keysOf(const store::SettleRequest &request, bool isSpread, const KeyNames &names = {});

/// Return ARGV; `now` 0: the server's time.
[[nodiscard]] Words argumentsOf(const store::TakeRequest &request, Micros now);
[[nodiscard]] Words argumentsOf(const store::SettleRequest &request, Micros now);

/// Read the answer; an error reply, or another shape than that of lua/README.md, is an Error.
[[nodiscard]] Result<limit::TakeOutput> readTake(const Reply &reply, const store::TakeRequest &request);
[[nodiscard]] Result<std::vector<limit::SettleOutput>> readSettle(const Reply &reply,
                                                                  const store::SettleRequest &request);

} // namespace weir::redis

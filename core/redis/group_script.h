// SPDX-License-Identifier: GPL-3.0-only
// The words of lua/take_all.lua and lua/settle_all.lua: from requests to ARGV, from replies to outputs. Pure.
#pragma once

#include <vector>

#include <QByteArray>

#include "core/redis/reply.h"
#include "core/redis/script_set.h"
#include "core/store/bucket_store.h"

namespace weir::redis {

/// `weir:{NAME}`, or in a group of another name `weir:{GROUP}:NAME`, so that all its buckets are in one slot of a cluster.
[[nodiscard]] QByteArray bucketKey(const std::string &group, const std::string &name);

/// Where it is kept what `instance` has settled of the bucket at that key.
[[nodiscard]] QByteArray markKey(const QByteArray &bucket, const std::string &instance);

/// KEYS: of the buckets; for a settlement also those of the marks of `request.instance`.
[[nodiscard]] Words keysOf(const store::GroupRequest &request, bool isSpread);
[[nodiscard]] Words keysOf(const store::GroupSettleRequest &request, bool isSpread);

/// ARGV; `now` 0: the server's time.
[[nodiscard]] Words argumentsOf(const store::GroupRequest &request, Micros now);
[[nodiscard]] Words argumentsOf(const store::GroupSettleRequest &request, Micros now);

/// The promised list as a value; an error reply, or another shape, is an Error.
[[nodiscard]] Result<limit::GroupOutput> readTakeAll(const Reply &reply, const store::GroupRequest &request);
[[nodiscard]] Result<std::vector<limit::CellSettleOutput>> readSettleAll(const Reply &reply,
                                                                         const store::GroupSettleRequest &request);

} // namespace weir::redis

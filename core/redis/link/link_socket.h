// SPDX-License-Identifier: GPL-3.0-only
// A link's socket, of whichever of the three kinds: what is wrong with it in words, and what Qt does not offer for all.
#pragma once

#include <QIODevice>

#include "core/base/result.h"
#include "core/redis/link/redis_url.h"
#include "core/redis/link/reply.h"

namespace weir::redis {

[[nodiscard]] Error unreachable(const QIODevice &socket, const RedisUrl &url);
[[nodiscard]] Error noRedis(const RedisUrl &url, const char *why);

/// Makes a close forget what the kernel has not sent. It would go on sending that for many seconds on a bad wire: takes that
/// nobody waits for would arrive long after everybody has settled without them.
void dropUnsent(const QIODevice &socket);

/// -1: none.
[[nodiscard]] int descriptorOf(const QIODevice &socket);
[[nodiscard]] bool hasUnsent(const QIODevice &socket);

/// Whether the reply is of a replica that was a master, or that has lost its own: the master is somewhere else.
[[nodiscard]] bool isOfReplica(const Reply &reply);

} // namespace weir::redis

// SPDX-License-Identifier: GPL-3.0-only
// The socket of a link, of any of the three kinds: its errors in words, and what Qt does not offer for all.
#pragma once

#include <QIODevice>

#include "core/base/result.h"
#include "core/redis/link/redis_url.h"
#include "core/redis/link/reply.h"

namespace weir::redis {

[[nodiscard]] Error unreachable(const QIODevice &socket, const RedisUrl &url);
[[nodiscard]] Error noRedis(const RedisUrl &url, const char *why);

/// Let a close discard what the kernel has not sent. On a bad network it would go on sending that for many seconds:
/// takes that have timed out would arrive after the outage is settled.
void dropUnsent(const QIODevice &socket);

/// Return the file descriptor; -1: none.
[[nodiscard]] int descriptorOf(const QIODevice &socket);
[[nodiscard]] bool hasUnsent(const QIODevice &socket);

/// Tell whether the reply shows a replica that was a master, or one without its master: the master is another server.
[[nodiscard]] bool isOfReplica(const Reply &reply);

} // namespace weir::redis

// SPDX-License-Identifier: GPL-3.0-only
// What is said on a new connection before it may be used.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/redis/link/redis_url.h"
#include "core/redis/link/reply.h"

namespace weir::redis {

/// One command of the handshake, and what is wrong with its reply.
struct HandshakeStep {
    QByteArray command;
    std::function<std::optional<Error>(const Reply &)> check;
};

/// User and password, the database, whether it is a master if it must be one, and a PING.
[[nodiscard]] std::vector<HandshakeStep> handshake(const RedisUrl &server, bool mustBeMaster);

} // namespace weir::redis

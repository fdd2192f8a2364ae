// SPDX-License-Identifier: GPL-3.0-only
// The commands on a new connection before it may be used.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/redis/link/redis_url.h"
#include "core/redis/link/reply.h"

namespace weir::redis {

/// One command, and what is wrong with its reply.
struct HandshakeStep {
    QByteArray command;
    std::function<std::optional<Error>(const Reply &)> check;
};

/// Return the steps: AUTH, SELECT, ROLE if it must be a master, and PING.
[[nodiscard]] std::vector<HandshakeStep> handshake(const RedisUrl &server, bool mustBeMaster);

} // namespace weir::redis

// SPDX-License-Identifier: GPL-3.0-only
// The replies of sentinels and cluster nodes about who serves what, as values.
#pragma once

#include <optional>
#include <vector>

#include "core/redis/link/redis_url.h"
#include "core/redis/link/reply.h"

namespace weir::redis {

/// Read the reply to "SENTINEL get-master-addr-by-name NAME": [host, port], or nil for a name it does not know.
[[nodiscard]] Result<HostPort> masterOf(const Reply &reply, const RedisUrl &url);

/// Return why the server of this reply to ROLE is no master; nothing when it is one, or when the user may not ask.
[[nodiscard]] std::optional<Error> objectionToRole(const Reply &reply, const RedisUrl &server);

struct SlotRange {
    int first{0};
    int last{0}; ///< inclusive
    HostPort master;
};

/// Read the reply to CLUSTER SLOTS: [[first, last, [host, port, ...], replica...], ...]. A node that does not know its
/// own address leaves it empty: that is the node that was asked.
[[nodiscard]] Result<std::vector<SlotRange>> slotsOf(const Reply &reply, const HostPort &asked);

struct Redirection {
    enum class Kind { Moved, Ask };
    Kind kind{};
    int slot{0};
    HostPort target; ///< an empty host: the node that said it
};

/// Read "MOVED 3999 127.0.0.1:6381" or "ASK 3999 ::1:6381"; nothing for any other reply.
[[nodiscard]] std::optional<Redirection> redirectionOf(const Reply &reply);

} // namespace weir::redis

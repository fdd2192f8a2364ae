// SPDX-License-Identifier: GPL-3.0-only
// Who the master is, as the sentinels of a URL tell it.
#pragma once

#include <functional>

#include "core/redis/link/inquiry.h"
#include "core/redis/link/redis_url.h"

namespace weir::redis {

/// The one that knew goes first the next time. They get no password: it is not for them.
/// Thread: lives in one thread; `done` is called there.
class Sentinels {
public:
    using Done = std::function<void(const Result<HostPort> &)>;

    explicit Sentinels(RedisUrl url);

    /// The error that needs a person, or the last one, when none of them tells. A question in progress is dropped.
    void findMaster(Done done);
    void cancel() { m_inquiry.cancel(); }

private:
    std::optional<Error> take(const RedisUrl &sentinel, const Reply &reply);

    RedisUrl m_url; ///< its seeds in the order in which they are asked
    HostPort m_master;
    Inquiry m_inquiry;
};

} // namespace weir::redis

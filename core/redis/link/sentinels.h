// SPDX-License-Identifier: GPL-3.0-only
// Asks the sentinels of a URL which server is the master.
#pragma once

#include <functional>

#include "core/redis/link/inquiry.h"
#include "core/redis/link/redis_url.h"

namespace weir::redis {

/// The one that answered is asked first the next time. They get no password, which is for the servers. Thread: lives in
/// one thread; `done` is called there.
class Sentinels {
public:
    using Done = std::function<void(const Result<HostPort> &)>;

    explicit Sentinels(RedisUrl url);

    /// Ask for the master; when none of them tells, `done` gets the error that needs a person, or the last one. A
    /// question in progress is dropped.
    void findMaster(Done done);
    void cancel() { m_inquiry.cancel(); }

private:
    std::optional<Error> take(const RedisUrl &sentinel, const Reply &reply);

    RedisUrl m_url; ///< its seeds in the order in which they are asked
    HostPort m_master;
    Inquiry m_inquiry;
};

} // namespace weir::redis

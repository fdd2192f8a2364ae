// SPDX-License-Identifier: GPL-3.0-only
// A bucket as Redis holds it, at one moment.
#pragma once

#include "tests/support/stored_bucket.h"

namespace weir::test {

struct Books {
    std::int64_t tokens{0}, interval{0}; ///< of a token bucket
    std::int64_t admitted{0}, refused{0}, taken{0}, refilled{0}, losses{0};
    std::int64_t debt{0}; ///< which the next refills pay
    bool isThere{false};
};

inline Books readBooks(RedisClient &redis, const QByteArray &bucket)
{
    const Fields fields = spelledOut(redis.hash(bucket));
    const auto number = [&fields](const char *name) { return std::int64_t{valueOf(fields, name).toLongLong()}; };
    return {number("tokens"),   number("interval"), number("admitted"), number("refused"), number("taken"),
            number("refilled"), number("losses"),   number("debt"),     !fields.isEmpty()};
}

} // namespace weir::test

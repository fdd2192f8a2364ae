// SPDX-License-Identifier: GPL-3.0-only
// The bucket as Redis holds it, at one moment.
#pragma once

#include "tests/support/stored_bucket.h"

namespace weir::test {

struct Books {
    std::int64_t tokens{0}, interval{0}, admitted{0}, refused{0}, taken{0}, refilled{0}, losses{0};
    bool isThere{false};
};

inline Books readBooks(RedisServer &redis)
{
    const Fields fields = spelledOut(redis.hash("weir:{global}"));
    const auto number = [&fields](const char *name) { return std::int64_t{valueOf(fields, name).toLongLong()}; };
    return {number("tokens"), number("interval"), number("admitted"), number("refused"),
            number("taken"),  number("refilled"), number("losses"),   !fields.isEmpty()};
}

} // namespace weir::test

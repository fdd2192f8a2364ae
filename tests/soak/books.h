// SPDX-License-Identifier: GPL-3.0-only
// The bucket as Redis holds it, at one moment.
#pragma once

#include "tests/support/redis_server.h"

namespace weir::test {

struct Books {
    std::int64_t tokens{0}, interval{0}, admitted{0}, refused{0}, taken{0}, refilled{0}, losses{0};
    bool isThere{false};
};

inline Books readBooks(RedisServer &redis)
{
    const auto fields = redis.command(
        {"HMGET", "weir:{global}", "tokens", "interval", "admitted", "refused", "taken", "refilled", "losses"});
    if (fields.items.size() != 7 || fields.items[0].text.isEmpty())
        return {};
    const auto number = [&fields](qsizetype at) { return std::int64_t{fields.items[at].text.toLongLong()}; };
    return {number(0), number(1), number(2), number(3), number(4), number(5), number(6), true};
}

} // namespace weir::test

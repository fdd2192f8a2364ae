// SPDX-License-Identifier: GPL-3.0-only
#include "core/sim/allowed_over_time.h"

#include "core/limit/kernel.h"

namespace weir::sim {
namespace {

void findMost(AllowedOverTime &allowed, Micros interval)
{
    // A worst stretch may always begin with something given; so only those are looked at.
    limit::Tokens within = 0;
    std::size_t next = 0;
    for (const Given &first : allowed.given) {
        for (; next < allowed.given.size() && allowed.given[next].at < first.at + interval; ++next)
            within += allowed.given[next].tokens;
        if (within > allowed.most) {
            allowed.most = within;
            allowed.mostFrom = first.at;
        }
        within -= first.tokens;
    }
}

} // namespace

AllowedOverTime allowedOverTime(const limit::LimitSpec &spec, std::span<const Stretch> waiting)
{
    AllowedOverTime allowed;
    if (waiting.empty())
        return allowed;
    limit::Cell cell = limit::startCell(spec, waiting.front().from);
    for (const Stretch &stretch : waiting) {
        for (Micros now = stretch.from; now < stretch.until;) {
            limit::advance(spec, cell, now);
            if (const limit::Tokens tokens = limit::charge(spec, cell, spec.capacity); tokens > 0)
                allowed.given.push_back({now, tokens});
            now += limit::untilChange(spec, cell, now); // not zero: nothing is left, so it is not full
        }
    }
    findMost(allowed, spec.interval);
    return allowed;
}

limit::Tokens givenWithin(const AllowedOverTime &allowed, const Stretch &stretch)
{
    limit::Tokens tokens = 0;
    for (const Given &given : allowed.given) {
        if (given.at >= stretch.from && given.at < stretch.until)
            tokens += given.tokens;
    }
    return tokens;
}

} // namespace weir::sim

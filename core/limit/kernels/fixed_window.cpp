// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/kernels/fixed_window.h"

#include "core/limit/kernels/exact.h"
#include "core/limit/token_mode.h"

namespace weir::limit::kernels {

FixedWindowCell FixedWindowCell::with(const LimitSpec &spec, Tokens room, Micros at)
{
    return {intervalAt(at, spec.interval), spec.capacity - room};
}

bool advance(const LimitSpec &spec, FixedWindowCell &cell, Micros now)
{
    const std::int64_t current = intervalAt(now, spec.interval);
    if (current > cell.window) {
        cell = {current, 0};
        return false;
    }
    if (current == cell.window || stepOf(timeOf(spec, cell), now) != ClockStep::Back)
        return false;
    cell.window = current;
    return true;
}

bool fits(const LimitSpec &spec, const FixedWindowCell &cell)
{
    return cell.used <= spec.capacity && cell.window <= kMaxTotal / spec.interval.count() - 2;
}

Tokens room(const LimitSpec &spec, const FixedWindowCell &cell)
{
    return spec.capacity - cell.used;
}

void take(const LimitSpec &, FixedWindowCell &cell, Tokens cost)
{
    cell.used += cost;
}

Micros untilRoom(const LimitSpec &spec, const FixedWindowCell &cell, Tokens cost, Micros now)
{
    if (room(spec, cell) >= cost)
        return Micros{0};
    return Micros{(cell.window + 1) * spec.interval.count()} - now;
}

void adopt(const LimitSpec &before, const LimitSpec &after, FixedWindowCell &cell, TokenMode mode, Micros now)
{
    if (after.interval != before.interval)
        cell.window = intervalAt(std::max(now, timeOf(before, cell)), after.interval);
    cell.used = after.capacity - tokensAfterChange(room(before, cell), before.capacity, after.capacity, mode);
}

Micros timeOf(const LimitSpec &spec, const FixedWindowCell &cell)
{
    return Micros{cell.window * spec.interval.count()};
}

} // namespace weir::limit::kernels

// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/kernels/smooth.h"

#include "core/limit/kernels/even_flow.h"
#include "core/limit/kernels/exact.h"

namespace weir::limit::kernels {

SmoothCell SmoothCell::with(const LimitSpec &, Tokens room, Micros at)
{
    return {room, 0, at};
}

bool advance(const LimitSpec &spec, SmoothCell &cell, Micros now)
{
    const ClockStep step = stepOf(cell.at, now);
    if (step == ClockStep::Waits)
        return false;
    if (step == ClockStep::Forward) {
        const EvenLevel level = flowed(spec, {cell.tokens, cell.part}, now - cell.at);
        cell.tokens = level.tokens;
        cell.part = level.part;
    }
    cell.at = now;
    return step == ClockStep::Back;
}

bool fits(const LimitSpec &spec, const SmoothCell &cell)
{
    return cell.tokens <= spec.capacity && cell.part < spec.interval.count()
           && (cell.tokens < spec.capacity || cell.part == 0);
}

Tokens room(const LimitSpec &, const SmoothCell &cell)
{
    return cell.tokens;
}

void take(const LimitSpec &, SmoothCell &cell, Tokens cost)
{
    cell.tokens -= cost;
}

Micros untilRoom(const LimitSpec &spec, const SmoothCell &cell, Tokens cost, Micros now)
{
    if (cell.tokens >= cost)
        return Micros{0};
    return waitOf(cell.at - now, flowTime(spec, {cell.tokens, cell.part}, cost));
}

void adopt(const LimitSpec &before, const LimitSpec &after, SmoothCell &cell, TokenMode mode, Micros)
{
    const EvenLevel level = changed(before, after, {cell.tokens, cell.part}, mode);
    cell.tokens = level.tokens;
    cell.part = level.part;
}

Micros timeOf(const LimitSpec &, const SmoothCell &cell)
{
    return cell.at;
}

} // namespace weir::limit::kernels

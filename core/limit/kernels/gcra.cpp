// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/kernels/gcra.h"

#include "core/limit/kernels/even_flow.h"
#include "core/limit/kernels/exact.h"

namespace weir::limit::kernels {
namespace {

// What has been taken and is not yet paid for: whole tokens, and rest / interval of one.
Quotient debtOf(const LimitSpec &spec, const GcraCell &cell)
{
    if (cell.tat < cell.at)
        return {};
    const Quotient paid = scaled((cell.tat - cell.at).count(), spec.refill, spec.interval.count());
    const std::int64_t rest = paid.rest + cell.part;
    return {paid.whole + rest / spec.interval.count(), rest % spec.interval.count()};
}

void setDebt(const LimitSpec &spec, GcraCell &cell, Quotient debt)
{
    const Quotient time = scaled(spec.interval.count(), debt.whole, spec.refill);
    const std::int64_t rest = time.rest + debt.rest;
    cell.tat = cell.at + Micros{time.whole + rest / spec.refill};
    cell.part = rest % spec.refill;
}

EvenLevel levelOf(const LimitSpec &spec, const GcraCell &cell)
{
    const Quotient debt = debtOf(spec, cell);
    if (debt.rest == 0)
        return {spec.capacity - debt.whole, 0};
    return {spec.capacity - debt.whole - 1, spec.interval.count() - debt.rest};
}

void setLevel(const LimitSpec &spec, GcraCell &cell, EvenLevel level)
{
    const Tokens taken = spec.capacity - level.tokens;
    setDebt(spec, cell, level.part == 0 ? Quotient{taken, 0} : Quotient{taken - 1, spec.interval.count() - level.part});
}

} // namespace

GcraCell GcraCell::with(const LimitSpec &spec, Tokens room, Micros at)
{
    GcraCell cell{.at = at};
    setLevel(spec, cell, {room, 0});
    return cell;
}

bool advance(const LimitSpec &, GcraCell &cell, Micros now)
{
    const ClockStep step = stepOf(cell.at, now);
    if (step == ClockStep::Waits)
        return false;
    if (step == ClockStep::Back) {
        // The debt stays what it is.
        if (cell.tat >= cell.at)
            cell.tat -= cell.at - now;
        else
            cell = {now, 0, now};
    }
    cell.at = now;
    return step == ClockStep::Back;
}

bool fits(const LimitSpec &spec, const GcraCell &cell)
{
    return cell.part < spec.refill && room(spec, cell) >= 0;
}

Tokens room(const LimitSpec &spec, const GcraCell &cell)
{
    return levelOf(spec, cell).tokens;
}

void take(const LimitSpec &spec, GcraCell &cell, Tokens cost)
{
    if (cell.tat < cell.at) {
        cell.tat = cell.at;
        cell.part = 0;
    }
    const Quotient time = scaled(spec.interval.count(), cost, spec.refill);
    const std::int64_t rest = time.rest + cell.part;
    cell.tat += Micros{time.whole + rest / spec.refill};
    cell.part = rest % spec.refill;
}

Micros untilRoom(const LimitSpec &spec, const GcraCell &cell, Tokens cost, Micros now)
{
    // The debt may be as large as what a burst of all other tokens costs.
    const Quotient allowed = scaled(spec.interval.count(), spec.capacity - cost, spec.refill);
    const Micros moment = cell.tat - Micros{allowed.whole} + Micros{cell.part > allowed.rest ? 1 : 0};
    return moment <= cell.at ? Micros{0} : std::min(moment - now, kMaxWait);
}

void adopt(const LimitSpec &before, const LimitSpec &after, GcraCell &cell, TokenMode mode, Micros)
{
    setLevel(after, cell, changed(before, after, levelOf(before, cell), mode));
}

Micros timeOf(const LimitSpec &, const GcraCell &cell)
{
    return cell.at;
}

} // namespace weir::limit::kernels

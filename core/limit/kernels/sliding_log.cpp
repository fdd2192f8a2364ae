// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/kernels/sliding_log.h"

#include "core/limit/kernels/exact.h"
#include "core/limit/token_mode.h"

namespace weir::limit::kernels {
namespace {

using Entry = SlidingLogCell::Entry;

void dropExpired(SlidingLogCell &cell, Micros interval)
{
    auto first = cell.entries.begin();
    for (; first != cell.entries.end() && first->at + interval <= cell.at; ++first)
        cell.used -= first->tokens;
    cell.entries.erase(cell.entries.begin(), first);
}

// The oldest `tokens` (<= used) do not count any more.
void dropOldest(SlidingLogCell &cell, Tokens tokens)
{
    cell.used -= tokens;
    auto first = cell.entries.begin();
    for (; first != cell.entries.end() && first->tokens <= tokens; ++first)
        tokens -= first->tokens;
    if (tokens > 0)
        first->tokens -= tokens;
    cell.entries.erase(cell.entries.begin(), first);
}

void append(SlidingLogCell &cell, Tokens tokens)
{
    if (tokens == 0)
        return;
    cell.used += tokens;
    if (!cell.entries.empty() && cell.entries.back().at == cell.at)
        cell.entries.back().tokens += tokens;
    else
        cell.entries.push_back({cell.at, tokens});
}

} // namespace

SlidingLogCell SlidingLogCell::of(const Numbers &numbers)
{
    SlidingLogCell cell;
    cell.at = Micros{numbers[1]};
    append(cell, numbers[0]);
    return cell;
}

SlidingLogCell SlidingLogCell::with(const LimitSpec &spec, Tokens room, Micros at)
{
    SlidingLogCell cell;
    cell.at = at;
    append(cell, spec.capacity - room);
    return cell;
}

bool advance(const LimitSpec &spec, SlidingLogCell &cell, Micros now)
{
    const ClockStep step = stepOf(cell.at, now);
    if (step == ClockStep::Waits)
        return false;
    if (step == ClockStep::Back)
        for (Entry &entry : cell.entries) // all as long ago as before
            entry.at = std::max(Micros{0}, entry.at - (cell.at - now));
    cell.at = now;
    if (step == ClockStep::Forward)
        dropExpired(cell, spec.interval);
    return step == ClockStep::Back;
}

bool fits(const LimitSpec &spec, const SlidingLogCell &cell)
{
    return cell.used <= spec.capacity;
}

Tokens room(const LimitSpec &spec, const SlidingLogCell &cell)
{
    return spec.capacity - cell.used;
}

void take(const LimitSpec &, SlidingLogCell &cell, Tokens cost)
{
    append(cell, cost);
}

Micros untilRoom(const LimitSpec &spec, const SlidingLogCell &cell, Tokens cost, Micros now)
{
    Tokens missing = cost - room(spec, cell);
    if (missing <= 0)
        return Micros{0};
    auto last = cell.entries.begin();
    while ((missing -= last->tokens) > 0)
        ++last;
    return last->at + spec.interval - now;
}

void adopt(const LimitSpec &before, const LimitSpec &after, SlidingLogCell &cell, TokenMode mode, Micros)
{
    const Tokens used = after.capacity - tokensAfterChange(room(before, cell), before.capacity, after.capacity, mode);
    if (after.interval != before.interval)
        dropOldest(cell, cell.used);
    else
        dropOldest(cell, std::max<Tokens>(0, cell.used - used));
    append(cell, used - cell.used);
}

Micros timeOf(const LimitSpec &, const SlidingLogCell &cell)
{
    return cell.at;
}

} // namespace weir::limit::kernels

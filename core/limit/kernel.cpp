// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/kernel.h"

#include <algorithm>
#include <cassert>

#include "core/base/whole.h"
#include "core/limit/kernels/exact.h"

namespace weir::limit {
namespace {

using namespace kernels;

// Each algorithm stands at its own place in the variant.
template<Algorithm algorithm, class Kind>
constexpr bool kStandsAt = std::is_same_v<std::variant_alternative_t<static_cast<std::size_t>(algorithm), Cell>, Kind>;
static_assert(std::variant_size_v<Cell> == kAlgorithmNames.size());
static_assert(kStandsAt<
                  Algorithm::TokenBucket, TokenBucketCell> && kStandsAt<Algorithm::TokenBucketSmooth, SmoothCell> && kStandsAt<Algorithm::Gcra, GcraCell> && kStandsAt<Algorithm::LeakyBucket, LeakyBucketCell> && kStandsAt<Algorithm::FixedWindow, FixedWindowCell> && kStandsAt<Algorithm::SlidingLog, SlidingLogCell> && kStandsAt<Algorithm::SlidingCounter, SlidingCounterCell>);

[[maybe_unused]] bool isOf(const LimitSpec &spec, const Cell &cell)
{
    return cell.index() == static_cast<std::size_t>(spec.algorithm);
}

std::vector<std::int64_t> numbers(const TokenBucketCell &cell)
{
    return {cell.tokens, cell.interval};
}
std::vector<std::int64_t> numbers(const SmoothCell &cell)
{
    return {cell.tokens, cell.part, cell.at.count()};
}
std::vector<std::int64_t> numbers(const GcraCell &cell)
{
    return {cell.tat.count(), cell.part, cell.at.count()};
}
std::vector<std::int64_t> numbers(const LeakyBucketCell &cell)
{
    return {cell.queued, cell.part, cell.at.count()};
}
std::vector<std::int64_t> numbers(const FixedWindowCell &cell)
{
    return {cell.window, cell.used};
}
std::vector<std::int64_t> numbers(const SlidingLogCell &cell)
{
    return {cell.used, cell.at.count()};
}
std::vector<std::int64_t> numbers(const SlidingCounterCell &cell)
{
    return {cell.at.count(), cell.previous, cell.current};
}

} // namespace

Cell cellWith(const LimitSpec &spec, Tokens room, Micros at)
{
    switch (spec.algorithm) {
    case Algorithm::TokenBucket:
        return TokenBucketCell::with(spec, room, at);
    case Algorithm::TokenBucketSmooth:
        return SmoothCell::with(spec, room, at);
    case Algorithm::Gcra:
        return GcraCell::with(spec, room, at);
    case Algorithm::LeakyBucket:
        return LeakyBucketCell::with(spec, room, at);
    case Algorithm::FixedWindow:
        return FixedWindowCell::with(spec, room, at);
    case Algorithm::SlidingLog:
        return SlidingLogCell::with(spec, room, at);
    case Algorithm::SlidingCounter:
        return SlidingCounterCell::with(spec, room, at);
    }
    return {};
}

Cell startCell(const LimitSpec &spec, Micros now)
{
    return cellWith(spec, spec.startTokens(), now);
}

bool advance(const LimitSpec &spec, Cell &cell, Micros now)
{
    assert(isOf(spec, cell));
    return std::visit([&](auto &kind) { return kernels::advance(spec, kind, now); }, cell);
}

Tokens roomOf(const LimitSpec &spec, const Cell &cell)
{
    assert(isOf(spec, cell));
    return std::visit([&](const auto &kind) { return kernels::room(spec, kind); }, cell);
}

void take(const LimitSpec &spec, Cell &cell, Tokens cost)
{
    assert(cost >= 0 && cost <= roomOf(spec, cell));
    std::visit([&](auto &kind) { kernels::take(spec, kind, cost); }, cell);
}

Tokens charge(const LimitSpec &spec, Cell &cell, Tokens cost)
{
    const Tokens charged = std::min(cost, roomOf(spec, cell));
    take(spec, cell, charged);
    return charged;
}

std::optional<Micros> untilRoom(const LimitSpec &spec, const Cell &cell, Tokens cost, Micros now)
{
    assert(isOf(spec, cell));
    if (cost > spec.capacity)
        return std::nullopt;
    return std::visit([&](const auto &kind) { return kernels::untilRoom(spec, kind, cost, now); }, cell);
}

Micros untilChange(const LimitSpec &spec, const Cell &cell, Micros now)
{
    return *untilRoom(spec, cell, std::min(roomOf(spec, cell) + 1, spec.capacity), now);
}

Micros untilFull(const LimitSpec &spec, const Cell &cell, Micros now)
{
    return *untilRoom(spec, cell, spec.capacity, now);
}

std::int64_t intervalsToFull(const LimitSpec &spec)
{
    if (spec.algorithm == Algorithm::SlidingCounter)
        return 2; // what is taken now counts in this interval and in the next
    return isWindow(spec.algorithm) ? 1 : ceilDiv(spec.capacity, spec.refill);
}

Micros timeToLive(const LimitSpec &spec)
{
    const std::int64_t life = saturatingMultiply(intervalsToFull(spec) + 2, spec.interval.count());
    return std::min(Micros{life}, kMaxWait);
}

void adopt(const LimitSpec &before, const LimitSpec &after, Cell &cell, TokenMode mode, Micros now)
{
    assert(isOf(before, cell));
    if (before.algorithm == after.algorithm) {
        std::visit([&](auto &kind) { kernels::adopt(before, after, kind, mode, now); }, cell);
        return;
    }
    const Tokens room = tokensAfterChange(roomOf(before, cell), before.capacity, after.capacity, mode);
    // Not from before the time that it stands at: what has come since then would come again.
    cell = cellWith(after, room, std::max(now, timeOf(before, cell)));
}

Micros timeOf(const LimitSpec &spec, const Cell &cell)
{
    return std::visit([&](const auto &kind) { return kernels::timeOf(spec, kind); }, cell);
}

std::vector<std::int64_t> numbersOf(const Cell &cell)
{
    return std::visit([](const auto &kind) { return numbers(kind); }, cell);
}

Cell cellFrom(const LimitSpec &spec, std::span<const std::int64_t> numbers)
{
    const auto first = numbers[0], second = numbers[1];
    switch (spec.algorithm) {
    case Algorithm::TokenBucket:
        return TokenBucketCell{first, second};
    case Algorithm::TokenBucketSmooth:
        return SmoothCell{first, second, Micros{numbers[2]}};
    case Algorithm::Gcra:
        return GcraCell{Micros{first}, second, Micros{numbers[2]}};
    case Algorithm::LeakyBucket:
        return LeakyBucketCell{first, second, Micros{numbers[2]}};
    case Algorithm::FixedWindow:
        return FixedWindowCell{first, second};
    case Algorithm::SlidingLog:
        return SlidingLogCell::with(spec, spec.capacity - first, Micros{second});
    case Algorithm::SlidingCounter:
        return SlidingCounterCell{Micros{first}, second, numbers[2]};
    }
    return {};
}

std::vector<std::string_view> fieldsOf(Algorithm algorithm)
{
    switch (algorithm) {
    case Algorithm::TokenBucket:
        return {"tokens", "interval"};
    case Algorithm::TokenBucketSmooth:
        return {"tokens", "part", "at"};
    case Algorithm::Gcra:
        return {"tat", "part", "at"};
    case Algorithm::LeakyBucket:
        return {"queued", "part", "at"};
    case Algorithm::FixedWindow:
        return {"window", "used"};
    case Algorithm::SlidingLog:
        return {"used", "at"};
    case Algorithm::SlidingCounter:
        return {"at", "previous", "current"};
    }
    return {};
}

} // namespace weir::limit

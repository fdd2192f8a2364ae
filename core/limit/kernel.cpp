// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/kernel.h"

#include <algorithm>
#include <cassert>
#include <type_traits>

#include "core/base/whole.h"
#include "core/limit/kernels/exact.h"
#include "core/limit/token_mode.h"

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

// `visit` with the type of the algorithm's cell.
template<class Visit>
auto withKindOf(Algorithm algorithm, Visit visit)
{
    switch (algorithm) {
    case Algorithm::TokenBucket:
        break;
    case Algorithm::TokenBucketSmooth:
        return visit(std::type_identity<SmoothCell>{});
    case Algorithm::Gcra:
        return visit(std::type_identity<GcraCell>{});
    case Algorithm::LeakyBucket:
        return visit(std::type_identity<LeakyBucketCell>{});
    case Algorithm::FixedWindow:
        return visit(std::type_identity<FixedWindowCell>{});
    case Algorithm::SlidingLog:
        return visit(std::type_identity<SlidingLogCell>{});
    case Algorithm::SlidingCounter:
        return visit(std::type_identity<SlidingCounterCell>{});
    }
    return visit(std::type_identity<TokenBucketCell>{});
}

} // namespace

Cell cellWith(const LimitSpec &spec, Tokens room, Micros at)
{
    return withKindOf(spec.algorithm,
                      [&]<class Kind>(std::type_identity<Kind>) -> Cell { return Kind::with(spec, room, at); });
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

Tokens giveBack(const LimitSpec &spec, Cell &cell, Tokens tokens, Micros now)
{
    const Tokens room = roomOf(spec, cell), back = std::min(spec.capacity - room, tokens);
    if (auto *intervals =
            std::get_if<TokenBucketCell>(&cell)) // intervals that are due and left to the refiller stay due
        intervals->tokens += back;
    else if (back > 0)
        cell = cellWith(spec, room + back, std::max(now, timeOf(spec, cell)));
    return back;
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
    return std::visit(
        [](const auto &kind) {
            const auto numbers = kind.numbers();
            return std::vector<std::int64_t>(numbers.begin(), numbers.end());
        },
        cell);
}

std::optional<Cell> cellOf(const LimitSpec &spec, std::span<const std::int64_t> numbers)
{
    return withKindOf(spec.algorithm, [&]<class Kind>(std::type_identity<Kind>) -> std::optional<Cell> {
        typename Kind::Numbers copy{};
        const auto isWhole = [](std::int64_t number) { return number >= 0 && number <= kMaxTotal; };
        if (numbers.size() != copy.size() || !std::all_of(numbers.begin(), numbers.end(), isWhole))
            return std::nullopt;
        std::copy(numbers.begin(), numbers.end(), copy.begin());
        const Kind cell = Kind::of(copy);
        return fits(spec, cell) ? std::optional<Cell>{cell} : std::nullopt;
    });
}

std::span<const std::string_view> fieldsOf(Algorithm algorithm)
{
    return withKindOf(algorithm, []<class Kind>(std::type_identity<Kind>) -> std::span<const std::string_view> {
        return Kind::kFields;
    });
}

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
// token-bucket: `refill` tokens at the start of each interval.
#pragma once

#include <array>
#include <string_view>

#include "core/limit/limit.h"

namespace weir::limit::kernels {

struct TokenBucketCell {
    Tokens tokens{0};
    std::int64_t interval{0}; ///< number of the last interval applied

    static constexpr std::array<std::string_view, 2> kFields{"tokens", "interval"};
    using Numbers = std::array<std::int64_t, 2>;
    [[nodiscard]] Numbers numbers() const { return {tokens, interval}; }
    [[nodiscard]] static TokenBucketCell of(const Numbers &numbers) { return {numbers[0], numbers[1]}; }
    [[nodiscard]] static TokenBucketCell with(const LimitSpec &spec, Tokens room, Micros at);
    friend bool operator==(const TokenBucketCell &, const TokenBucketCell &) = default;
};

// See core/limit/kernel.h; room() is roomOf() there. fits() tells whether numbers from outside can be a cell of `spec`.
bool advance(const LimitSpec &spec, TokenBucketCell &cell, Micros now);
[[nodiscard]] bool fits(const LimitSpec &spec, const TokenBucketCell &cell);
[[nodiscard]] Tokens room(const LimitSpec &spec, const TokenBucketCell &cell);
void take(const LimitSpec &spec, TokenBucketCell &cell, Tokens cost);
[[nodiscard]] Micros untilRoom(const LimitSpec &spec, const TokenBucketCell &cell, Tokens cost, Micros now);
void adopt(const LimitSpec &before, const LimitSpec &after, TokenBucketCell &cell, TokenMode mode, Micros now);
[[nodiscard]] Micros timeOf(const LimitSpec &spec, const TokenBucketCell &cell);

} // namespace weir::limit::kernels

// SPDX-License-Identifier: GPL-3.0-only
// token-bucket-smooth: `refill` tokens an interval, spread evenly over it; a part of a token is kept, not rounded.
#pragma once

#include <array>
#include <string_view>

#include "core/limit/limit.h"

namespace weir::limit::kernels {

struct SmoothCell {
    Tokens tokens{0};
    std::int64_t part{0}; ///< of the next token: part / interval; 0 when full
    Micros at{0};         ///< the time of this level

    static constexpr std::array<std::string_view, 3> kFields{"tokens", "part", "at"};
    using Numbers = std::array<std::int64_t, 3>;
    [[nodiscard]] Numbers numbers() const { return {tokens, part, at.count()}; }
    [[nodiscard]] static SmoothCell of(const Numbers &numbers) { return {numbers[0], numbers[1], Micros{numbers[2]}}; }
    [[nodiscard]] static SmoothCell with(const LimitSpec &spec, Tokens room, Micros at);
    friend bool operator==(const SmoothCell &, const SmoothCell &) = default;
};

// See core/limit/kernel.h; room() is roomOf() there. fits() tells whether numbers from outside can be a cell of `spec`.
bool advance(const LimitSpec &spec, SmoothCell &cell, Micros now);
[[nodiscard]] bool fits(const LimitSpec &spec, const SmoothCell &cell);
[[nodiscard]] Tokens room(const LimitSpec &spec, const SmoothCell &cell);
void take(const LimitSpec &spec, SmoothCell &cell, Tokens cost);
[[nodiscard]] Micros untilRoom(const LimitSpec &spec, const SmoothCell &cell, Tokens cost, Micros now);
void adopt(const LimitSpec &before, const LimitSpec &after, SmoothCell &cell, TokenMode mode, Micros now);
[[nodiscard]] Micros timeOf(const LimitSpec &spec, const SmoothCell &cell);

} // namespace weir::limit::kernels

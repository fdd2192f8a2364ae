// SPDX-License-Identifier: GPL-3.0-only
// fixed-window: `capacity` in each interval; the intervals begin at the same moments for everybody. `refill` is not
// used.
#pragma once

#include <array>
#include <string_view>

#include "core/limit/limit.h"

namespace weir::limit::kernels {

struct FixedWindowCell {
    std::int64_t window{0}; ///< number of the interval: floor(time / interval)
    Tokens used{0};         ///< in it

    static constexpr std::array<std::string_view, 2> kFields{"window", "used"};
    using Numbers = std::array<std::int64_t, 2>;
    [[nodiscard]] Numbers numbers() const { return {window, used}; }
    [[nodiscard]] static FixedWindowCell of(const Numbers &numbers) { return {numbers[0], numbers[1]}; }
    [[nodiscard]] static FixedWindowCell with(const LimitSpec &spec, Tokens room, Micros at);
    friend bool operator==(const FixedWindowCell &, const FixedWindowCell &) = default;
};

// See core/limit/kernel.h; room() is roomOf() there. fits() tells whether numbers from outside can be a cell of `spec`.
bool advance(const LimitSpec &spec, FixedWindowCell &cell, Micros now);
[[nodiscard]] bool fits(const LimitSpec &spec, const FixedWindowCell &cell);
[[nodiscard]] Tokens room(const LimitSpec &spec, const FixedWindowCell &cell);
void take(const LimitSpec &spec, FixedWindowCell &cell, Tokens cost);
[[nodiscard]] Micros untilRoom(const LimitSpec &spec, const FixedWindowCell &cell, Tokens cost, Micros now);
void adopt(const LimitSpec &before, const LimitSpec &after, FixedWindowCell &cell, TokenMode mode, Micros now);
[[nodiscard]] Micros timeOf(const LimitSpec &spec, const FixedWindowCell &cell);

} // namespace weir::limit::kernels

// SPDX-License-Identifier: GPL-3.0-only
// sliding-counter: what was taken in this interval, and of the one before as much as still lies within one interval if
// it was taken evenly, rounded up. `refill` is not used.
//
// A stretch of at most one interval sees at most capacity + capacity * stretch / interval: after a burst at the end of
// an interval the capacity comes back evenly. mostWithin() in promise.h has the number.
#pragma once

#include <array>
#include <string_view>

#include "core/limit/limit.h"

namespace weir::limit::kernels {

struct SlidingCounterCell {
    Micros at{0};       ///< says which interval is the current one, and how much of the previous one counts
    Tokens previous{0}; ///< taken in the interval before
    Tokens current{0};

    static constexpr std::array<std::string_view, 3> kFields{"at", "previous", "current"};
    using Numbers = std::array<std::int64_t, 3>;
    [[nodiscard]] Numbers numbers() const { return {at.count(), previous, current}; }
    [[nodiscard]] static SlidingCounterCell of(const Numbers &numbers)
    {
        return {Micros{numbers[0]}, numbers[1], numbers[2]};
    }
    [[nodiscard]] static SlidingCounterCell with(const LimitSpec &spec, Tokens room, Micros at);
    friend bool operator==(const SlidingCounterCell &, const SlidingCounterCell &) = default;
};

// See core/limit/kernel.h; room() is roomOf() there. fits() tells whether numbers from outside can be a cell of `spec`.
bool advance(const LimitSpec &spec, SlidingCounterCell &cell, Micros now);
[[nodiscard]] bool fits(const LimitSpec &spec, const SlidingCounterCell &cell);
[[nodiscard]] Tokens room(const LimitSpec &spec, const SlidingCounterCell &cell);
void take(const LimitSpec &spec, SlidingCounterCell &cell, Tokens cost);
[[nodiscard]] Micros untilRoom(const LimitSpec &spec, const SlidingCounterCell &cell, Tokens cost, Micros now);
/// See kernel.h. The count of the previous interval is kept apart only while the length of the interval is the same.
void adopt(const LimitSpec &before, const LimitSpec &after, SlidingCounterCell &cell, TokenMode mode, Micros now);
[[nodiscard]] Micros timeOf(const LimitSpec &spec, const SlidingCounterCell &cell);

} // namespace weir::limit::kernels

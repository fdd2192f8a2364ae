// SPDX-License-Identifier: GPL-3.0-only
// sliding-counter: what was taken in this interval, and of the one before as much as still lies within one interval if
// it was taken evenly, rounded up. `refill` has no say.
//
// A stretch of at most one interval sees no more than capacity + capacity * stretch / interval: no second burst follows a
// burst at the end of an interval, but the capacity spread evenly. The number is in promise.h.
#pragma once

#include <array>
#include <string_view>

#include "core/limit/limit.h"

namespace weir::limit::kernels {

struct SlidingCounterCell {
    Micros at{0};       ///< it says which interval is the current one, and how much of the previous one counts
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

// What these do is said in core/limit/kernel.h, for all algorithms alike.
bool advance(const LimitSpec &spec, SlidingCounterCell &cell, Micros now);
[[nodiscard]] bool fits(const LimitSpec &spec, const SlidingCounterCell &cell);
[[nodiscard]] Tokens room(const LimitSpec &spec, const SlidingCounterCell &cell);
void take(const LimitSpec &spec, SlidingCounterCell &cell, Tokens cost);
[[nodiscard]] Micros untilRoom(const LimitSpec &spec, const SlidingCounterCell &cell, Tokens cost, Micros now);
/// What counts of the previous interval stays its own only while the interval is the same.
void adopt(const LimitSpec &before, const LimitSpec &after, SlidingCounterCell &cell, TokenMode mode, Micros now);
[[nodiscard]] Micros timeOf(const LimitSpec &spec, const SlidingCounterCell &cell);

} // namespace weir::limit::kernels

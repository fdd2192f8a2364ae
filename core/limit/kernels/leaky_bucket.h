// SPDX-License-Identifier: GPL-3.0-only
// leaky-bucket: a queue of at most `capacity` tokens that leave one by one, `refill` of them evenly every interval.
#pragma once

#include <array>
#include <string_view>

#include "core/limit/limit.h"

namespace weir::limit::kernels {

struct LeakyBucketCell {
    Tokens queued{0};
    std::int64_t part{0}; ///< part / interval of the first token has left; 0 when none is queued
    Micros at{0};         ///< when this was so

    static constexpr std::array<std::string_view, 3> kFields{"queued", "part", "at"};
    using Numbers = std::array<std::int64_t, 3>;
    [[nodiscard]] Numbers numbers() const { return {queued, part, at.count()}; }
    [[nodiscard]] static LeakyBucketCell of(const Numbers &numbers)
    {
        return {numbers[0], numbers[1], Micros{numbers[2]}};
    }
    [[nodiscard]] static LeakyBucketCell with(const LimitSpec &spec, Tokens room, Micros at);
    friend bool operator==(const LeakyBucketCell &, const LeakyBucketCell &) = default;
};

// See core/limit/kernel.h; room() is roomOf() there. fits() tells whether numbers from outside can be a cell of `spec`.
bool advance(const LimitSpec &spec, LeakyBucketCell &cell, Micros now);
[[nodiscard]] bool fits(const LimitSpec &spec, const LeakyBucketCell &cell);
[[nodiscard]] Tokens room(const LimitSpec &spec, const LeakyBucketCell &cell);
void take(const LimitSpec &spec, LeakyBucketCell &cell, Tokens cost);
[[nodiscard]] Micros untilRoom(const LimitSpec &spec, const LeakyBucketCell &cell, Tokens cost, Micros now);
void adopt(const LimitSpec &before, const LimitSpec &after, LeakyBucketCell &cell, TokenMode mode, Micros now);
[[nodiscard]] Micros timeOf(const LimitSpec &spec, const LeakyBucketCell &cell);

} // namespace weir::limit::kernels

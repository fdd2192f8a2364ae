// SPDX-License-Identifier: GPL-3.0-only
// gcra, the generic cell rate algorithm (ITU-T I.371): its state is the time at which everything taken is paid for.
#pragma once

#include <array>
#include <string_view>

#include "core/limit/limit.h"

namespace weir::limit::kernels {

/// The longest time in which a burst of the whole capacity is paid for: 100 years. With it the arrival time is exact in
/// the Lua until the year 2154.
inline constexpr Micros kMaxBurstTime{100LL * 366 * 86'400 * 1'000'000};

/// A token costs interval / refill of time. A client that takes no faster arrives at `tat` or later; one that arrives
/// earlier uses its burst, at most the time of `capacity` tokens.
struct GcraCell {
    Micros tat{0};        ///< theoretical arrival time, rounded down ...
    std::int64_t part{0}; ///< ... and part / refill us more
    Micros at{0};         ///< when this was so

    static constexpr std::array<std::string_view, 3> kFields{"tat", "part", "at"};
    using Numbers = std::array<std::int64_t, 3>;
    [[nodiscard]] Numbers numbers() const { return {tat.count(), part, at.count()}; }
    [[nodiscard]] static GcraCell of(const Numbers &numbers)
    {
        return {Micros{numbers[0]}, numbers[1], Micros{numbers[2]}};
    }
    [[nodiscard]] static GcraCell with(const LimitSpec &spec, Tokens room, Micros at);
    friend bool operator==(const GcraCell &, const GcraCell &) = default;
};

// See core/limit/kernel.h; room() is roomOf() there. fits() tells whether numbers from outside can be a cell of `spec`.
bool advance(const LimitSpec &spec, GcraCell &cell, Micros now);
[[nodiscard]] bool fits(const LimitSpec &spec, const GcraCell &cell);
[[nodiscard]] Tokens room(const LimitSpec &spec, const GcraCell &cell);
void take(const LimitSpec &spec, GcraCell &cell, Tokens cost);
[[nodiscard]] Micros untilRoom(const LimitSpec &spec, const GcraCell &cell, Tokens cost, Micros now);
void adopt(const LimitSpec &before, const LimitSpec &after, GcraCell &cell, TokenMode mode, Micros now);
[[nodiscard]] Micros timeOf(const LimitSpec &spec, const GcraCell &cell);

} // namespace weir::limit::kernels

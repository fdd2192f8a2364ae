// SPDX-License-Identifier: GPL-3.0-only
// What the help draws for every algorithm: a client with a full bucket at a window's edge, and after a pause.
#pragma once

#include <array>

#include "core/sim/allowed_over_time.h"

namespace weir::sim::edge_and_pause {

inline constexpr Micros kSecond{1'000'000};

/// Return a limit of 5 every 10 s.
[[nodiscard]] constexpr limit::LimitSpec specOf(limit::Algorithm algorithm)
{
    return {.capacity = 5, .refill = 5, .interval = 10 * kSecond, .algorithm = algorithm};
}

// What is drawn; there are no requests before.
inline constexpr Micros kBegin = 5 * kSecond;
inline constexpr Micros kEnd = 70 * kSecond;

// A second before an edge, so that both bursts of a fixed window can be told apart; then in the middle of a window,
// after more than the two intervals that the slowest of them (sliding-counter) needs to be as new.
inline constexpr std::array<Stretch, 2> kWaiting{{{9 * kSecond, 30 * kSecond}, {55 * kSecond, kEnd}}};

inline constexpr Stretch kAtEdge{9 * kSecond, 10 * kSecond + Micros{1}};      ///< the second before it, and the edge
inline constexpr Stretch kAfterPause{55 * kSecond, 55 * kSecond + Micros{1}}; ///< at once

} // namespace weir::sim::edge_and_pause

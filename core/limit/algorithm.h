// SPDX-License-Identifier: GPL-3.0-only
// The algorithms; each says what the three numbers of a limit mean.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::limit {

enum class Algorithm : std::uint8_t {
    TokenBucket,       ///< `refill` tokens at the start of each `interval`, at most `capacity`
    TokenBucketSmooth, ///< the same tokens, spread evenly over the interval
    Gcra,              ///< one request every interval / refill, `capacity` of them at once after a pause
    LeakyBucket,       ///< a queue of `capacity` that `refill` leave every `interval`; full: refused
    FixedWindow,       ///< `capacity` in each interval, which all begin at the same moments
    SlidingLog,        ///< `capacity` in any stretch of one interval, by remembering each request
    SlidingCounter,    ///< nearly that, by two counts: this interval, and a share of the one before
};

/// As they are written in a configuration; index: Algorithm.
inline constexpr std::array<std::string_view, 7> kAlgorithmNames{
    "token-bucket", "token-bucket-smooth", "gcra", "leaky-bucket", "fixed-window", "sliding-log", "sliding-counter"};

[[nodiscard]] constexpr std::string_view nameOf(Algorithm algorithm)
{
    return kAlgorithmNames[static_cast<std::size_t>(algorithm)];
}

[[nodiscard]] constexpr std::optional<Algorithm> algorithmOf(std::string_view name)
{
    for (std::size_t i = 0; i < kAlgorithmNames.size(); ++i)
        if (kAlgorithmNames[i] == name)
            return static_cast<Algorithm>(i);
    return std::nullopt;
}

/// Tell whether the algorithm counts up to `capacity` in a window, and has no refill of its own.
[[nodiscard]] constexpr bool isWindow(Algorithm algorithm)
{
    return algorithm >= Algorithm::FixedWindow;
}

} // namespace weir::limit

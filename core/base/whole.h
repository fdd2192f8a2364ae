// SPDX-License-Identifier: GPL-3.0-only
// Whole-number arithmetic that the limits share.
#pragma once

#include <cstdint>
#include <limits>

namespace weir {

/// Return a / b rounded up, for a >= 0 and b > 0; cannot overflow.
[[nodiscard]] constexpr std::int64_t ceilDiv(std::int64_t a, std::int64_t b)
{
    return a / b + (a % b != 0 ? 1 : 0);
}

inline constexpr std::int64_t kLargestWhole = std::numeric_limits<std::int64_t>::max();

/// Return a * b, or a + b, for a, b >= 0; kLargestWhole where the result does not fit.
[[nodiscard]] constexpr std::int64_t saturatingMultiply(std::int64_t a, std::int64_t b)
{
    std::int64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? kLargestWhole : product;
}

[[nodiscard]] constexpr std::int64_t saturatingAdd(std::int64_t a, std::int64_t b)
{
    std::int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? kLargestWhole : sum;
}

} // namespace weir

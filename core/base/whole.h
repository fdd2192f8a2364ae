// SPDX-License-Identifier: GPL-3.0-only
// Whole-number arithmetic that the limits share.
#pragma once

#include <cstdint>

namespace weir {

/// a / b rounded up, for a >= 0 and b > 0; cannot overflow.
[[nodiscard]] constexpr std::int64_t ceilDiv(std::int64_t a, std::int64_t b)
{
    return a / b + (a % b != 0 ? 1 : 0);
}

} // namespace weir

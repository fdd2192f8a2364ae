// SPDX-License-Identifier: GPL-3.0-only
// What one limit says to one request.
#pragma once

#include <cstdint>

#include "core/limit/limit.h"

namespace weir::limit {

/// Three outcomes, not a bool.
struct Verdict {
    enum class Kind : std::uint8_t {
        Admitted,
        Refused,    ///< `retryAfter` is exact: alone, a retry at that time is admitted
        Impossible, ///< costs more than the capacity: no retry ever succeeds
    };
    Kind kind{Kind::Refused};
    Tokens tokensLeft{0}; ///< right after this request
    Micros retryAfter{0}; ///< Refused only
    Micros nextRefill{0}; ///< until the next interval begins
};

} // namespace weir::limit

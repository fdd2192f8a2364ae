// SPDX-License-Identifier: GPL-3.0-only
// For how long a worker refuses without the store.
#pragma once

#include "core/base/duration.h"

namespace weir::engine {

/// How old the answer of the store may be that a refusal rests on, and how far the total of refused requests in the
/// store lags behind. Short, because another instance may fill the bucket or raise its limit at any time; long enough
/// that at 100,000 requests a second to an empty bucket one of 500 needs a call.
inline constexpr Micros kRefusalHolds{5'000};

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// For how long a worker refuses by itself.
#pragma once

#include "core/base/duration.h"

namespace weir::engine {

/// The most that a refusal may rest on an older answer of the store, and the most that the store's total of refused
/// requests lags behind. Short, because another instance may fill the bucket or raise its limit at any time; long
/// enough that at 100,000 requests a second to an empty bucket one of 500 needs a call.
inline constexpr Micros kRefusalHolds{5'000};

} // namespace weir::engine

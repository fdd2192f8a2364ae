// SPDX-License-Identifier: GPL-3.0-only
// The lifetime totals of a bucket, which stop at kMaxTotal: the Lua refuses larger numbers.
#pragma once

#include <algorithm>

#include "core/base/whole.h"
#include "core/limit/bounds.h"

namespace weir::limit {

inline void addToTotal(std::int64_t &total, std::int64_t more)
{
    total = std::min(saturatingAdd(total, more), kMaxTotal);
}

/// Return the new `losses` of a bucket that is restored by a caller that knows it with `losses`. It is a time, so that
/// no other restoration has the same, whatever its caller knew.
[[nodiscard]] inline std::int64_t lossAfter(std::int64_t losses, Micros now)
{
    return std::min(std::max(losses + 1, now.count()), kMaxTotal);
}

} // namespace weir::limit

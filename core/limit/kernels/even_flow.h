// SPDX-License-Identifier: GPL-3.0-only
// A refill that is spread evenly over its interval: the level as whole tokens and a part of one, without any rounding.
#pragma once

#include "core/limit/limit.h"

namespace weir::limit::kernels {

/// tokens + part / interval. 0 <= part < interval (us); nothing flows into a full one, so its part is 0.
struct EvenLevel {
    Tokens tokens{0};
    std::int64_t part{0};
};

/// Return the level after `passed` (>= 0).
[[nodiscard]] EvenLevel flowed(const LimitSpec &spec, EvenLevel level, Micros passed);

/// Return the time from `level` to `tokens` (<= capacity); zero when they are there, at most kMaxWait.
[[nodiscard]] Micros flowTime(const LimitSpec &spec, EvenLevel level, Tokens tokens);

/// Return the level under another limit. The part of a token stays only when `mode` is Keep and the interval is the
/// same.
[[nodiscard]] EvenLevel changed(const LimitSpec &before, const LimitSpec &after, EvenLevel level, TokenMode mode);

} // namespace weir::limit::kernels

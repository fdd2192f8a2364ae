// SPDX-License-Identifier: GPL-3.0-only
// What a change of its limit makes of the tokens in a bucket.
#pragma once

#include "core/limit/limit.h"

namespace weir::limit {

/// Return the level that `mode` makes of `tokens` when the capacity goes from `before` to `after`.
[[nodiscard]] Tokens tokensAfterChange(Tokens tokens, Tokens before, Tokens after, TokenMode mode);

} // namespace weir::limit

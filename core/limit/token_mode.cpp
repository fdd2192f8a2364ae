// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/token_mode.h"

#include <algorithm>

namespace weir::limit {

Tokens tokensAfterChange(Tokens tokens, Tokens before, Tokens after, TokenMode mode)
{
    switch (mode) {
    case TokenMode::Keep:
        return std::min(tokens, after);
    case TokenMode::Refill:
        return after;
    case TokenMode::Drain:
        return 0;
    case TokenMode::Proportional:
        break;
    }
    // floor(tokens * after / before) in two halves, so that no product passes 2^53 (the Lua has doubles).
    constexpr Tokens kHalf = 32'768;
    const Tokens high = tokens * (after / kHalf);
    const Tokens rest = (high % before) * kHalf + tokens * (after % kHalf);
    return (high / before) * kHalf + rest / before;
}

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
#include "core/limit/kernels/even_flow.h"

#include "core/base/whole.h"
#include "core/limit/token_mode.h"
#include "core/limit/kernels/exact.h"

namespace weir::limit::kernels {

EvenLevel flowed(const LimitSpec &spec, EvenLevel level, Micros passed)
{
    const std::int64_t interval = spec.interval.count();
    const Quotient flow = scaled(passed.count(), spec.refill, interval);
    const std::int64_t rest = flow.rest + level.part;
    const std::int64_t whole = flow.whole + rest / interval;
    if (whole >= spec.capacity - level.tokens)
        return {spec.capacity, 0};
    return {level.tokens + whole, rest % interval};
}

Micros flowTime(const LimitSpec &spec, EvenLevel level, Tokens tokens)
{
    if (level.tokens >= tokens)
        return Micros{0};
    // The least time t with t * refill + part >= missing * interval.
    const Quotient flow = scaled(spec.interval.count(), tokens - level.tokens, spec.refill);
    if (flow.whole >= kMaxTotal)
        return kMaxWait;
    const std::int64_t over = flow.rest - level.part;
    const std::int64_t correction = over > 0 ? ceilDiv(over, spec.refill) : -(-over / spec.refill);
    return std::min(Micros{flow.whole + correction}, kMaxWait);
}

EvenLevel changed(const LimitSpec &before, const LimitSpec &after, EvenLevel level, TokenMode mode)
{
    const Tokens tokens = tokensAfterChange(level.tokens, before.capacity, after.capacity, mode);
    const bool keepsPart = mode == TokenMode::Keep && after.interval == before.interval && tokens == level.tokens
                           && tokens < after.capacity;
    return {tokens, keepsPart ? level.part : 0};
}

} // namespace weir::limit::kernels

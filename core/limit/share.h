// SPDX-License-Identifier: GPL-3.0-only
// One instance's share of a bucket while the instances cannot ask each other.
#pragma once

#include "core/base/whole.h"
#include "core/limit/take.h"

namespace weir::limit {

/// One of n instances (>= 1) goes on with the bucket as it is, with its limit, its level and its intervals, but pays n tokens
/// for each. So there is nothing to divide, no remainder, and no moment from which a share would count intervals of its own.
///
/// Why all n together never take what the bucket would not have given: what each has paid could have been paid by the bucket
/// alone. Of all that they have paid an n-th is what they have taken together, at the same moments; and what the bucket can
/// pay n times over, in n ways, it can pay in their average. That is so of every algorithm: levels are a minimum of sums
/// (tokens, evenly or by intervals), or sums with a bound (windows).
[[nodiscard]] constexpr Tokens priceInShare(Tokens cost, std::int64_t instances)
{
    return saturatingMultiply(cost, instances);
}

/// As take(), on one instance's shares. `taken`, of the buckets and of what is told of them, is what was paid; rooms and
/// waits are told in tokens. A cost that the bucket has room for and the share never has waits for an interval: the store
/// may be back.
TakeOutput takeShare(std::span<std::optional<Bucket>> buckets, const TakeInput &input, std::int64_t instances);

} // namespace weir::limit

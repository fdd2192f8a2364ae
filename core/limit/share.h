// SPDX-License-Identifier: GPL-3.0-only
// One instance's share of a bucket while the instances cannot ask each other.
#pragma once

#include "core/base/whole.h"
#include "core/limit/take.h"

namespace weir::limit {

/// Return what `cost` tokens cost one of n `instances` (>= 1): it goes on with the bucket as it is, with its limit,
/// level and intervals, but pays n tokens for each. So nothing is divided, there is no remainder, and no share counts
/// intervals of its own.
///
/// Why all n together never take more than the one bucket would have given: the bucket alone could have paid what each
/// instance has paid, payment by payment. What they take together is an n-th of all that they pay, at the same moments,
/// and so the average of n sequences of payments that the bucket can pay. It can pay their average, too, because every
/// algorithm bounds sums: levels are a minimum of sums (tokens, evenly or by intervals), windows are sums with a bound.
[[nodiscard]] constexpr Tokens priceInShare(Tokens cost, std::int64_t instances)
{
    return saturatingMultiply(cost, instances);
}

/// Take as take() does, from one instance's shares. `taken`, of the buckets and in the output, is what was paid; rooms
/// and waits are those of tokens that requests get. A cost that the bucket can have room for but the share cannot is
/// told to wait for an interval, when the store may be back.
TakeOutput takeShare(std::span<std::optional<Bucket>> buckets, const TakeInput &input, std::int64_t instances);

} // namespace weir::limit

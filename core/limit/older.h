// SPDX-License-Identifier: GPL-3.0-only
// Which of two answers about one bucket the store gave first: those of several links may come in another order.
#pragma once

#include <tuple>

namespace weir::limit {

/// `told` is an older state of the bucket that `known` is of: it teaches nothing. False when nothing is known, or when
/// they are two buckets of one name. For Known and CellKnown; what is compared never goes down while a bucket lives, but
/// for a loss, which counts. Pure; any thread.
template<class AnyKnown>
[[nodiscard]] bool isOlder(const AnyKnown &told, const AnyKnown &known)
{
    const auto age = [](const AnyKnown &one) { return std::tuple{one.losses, one.taken, one.refilled}; };
    return known.isKnown() && told.born == known.born && age(told) < age(known);
}

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
// Which of two answers about one bucket the store gave first: answers of several links may arrive in another order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "core/limit/take.h"

namespace weir::limit {

/// Tell whether `told` is an older state of the bucket than `known`, so that nothing can be learnt from it. False when
/// nothing is known, or when they are two buckets of one name. What is compared never goes down while a bucket lives,
/// except by a loss, and `losses` counts those. A state from before a loss is not older if it has more tokens taken
/// than the caller that restored the bucket knew of (`restored`, from the answer that brought `known`): the store lacks
/// those takes, and is told of them with the next call.
[[nodiscard]] inline bool isOlder(const Known &told, const Known &known, std::int64_t restored)
{
    if (!known.isKnown() || told.born != known.born)
        return false;
    if (told.losses < known.losses)
        return told.taken <= restored;
    const auto age = [](const Known &one) { return std::tuple{one.losses, one.taken, one.refilled}; };
    return age(told) < age(known);
}

/// Return the next `restored` for isOlder(), after an answer with `told` as `restored` has turned `known` into `next`.
[[nodiscard]] inline std::int64_t restoredAfter(const Known &known, std::int64_t restored, const Known &next,
                                                std::int64_t told)
{
    return next.born == known.born ? std::max(restored, told) : told;
}

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
// Which of two answers about one bucket the store gave first: those of several links may come in another order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "core/limit/take.h"

namespace weir::limit {

/// `told` is an older state of the bucket that `known` is of: it teaches nothing. False when nothing is known, or when
/// they are two buckets of one name. What is compared never goes down while a bucket lives, but
/// for a loss, which counts. Of before a loss it is not older if it tells of more than whoever restored the bucket knew
/// had been taken (`restored`, of the answer that taught `known`): then the store has not heard of that, and is to be
/// told with the next call. Pure; any thread.
[[nodiscard]] inline bool isOlder(const Known &told, const Known &known, std::int64_t restored)
{
    if (!known.isKnown() || told.born != known.born)
        return false;
    if (told.losses < known.losses)
        return told.taken <= restored;
    const auto age = [](const Known &one) { return std::tuple{one.losses, one.taken, one.refilled}; };
    return age(told) < age(known);
}

/// What isOlder() wants as `restored` from now on: `known` has become `next` by an answer that tells `told`.
[[nodiscard]] inline std::int64_t restoredAfter(const Known &known, std::int64_t restored, const Known &next,
                                                std::int64_t told)
{
    return next.born == known.born ? std::max(restored, told) : told;
}

} // namespace weir::limit

// SPDX-License-Identifier: GPL-3.0-only
// Which of two answers about one bucket the store gave first: those of several links may come in another order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>

namespace weir::limit {

/// `told` is an older state of the bucket that `known` is of: it teaches nothing. False when nothing is known, or when
/// they are two buckets of one name. For Known and Known; what is compared never goes down while a bucket lives, but
/// for a loss, which counts. Of before a loss it is not older if it tells of more than whoever restored the bucket knew
/// had been taken (`restored`, of the answer that taught `known`): then the store has not heard of that, and is to be
/// told with the next call. Pure; any thread.
template<class AnyKnown>
[[nodiscard]] bool isOlder(const AnyKnown &told, const AnyKnown &known, std::int64_t restored)
{
    if (!known.isKnown() || told.born != known.born)
        return false;
    if (told.losses < known.losses)
        return told.taken <= restored;
    const auto age = [](const AnyKnown &one) { return std::tuple{one.losses, one.taken, one.refilled}; };
    return age(told) < age(known);
}

/// What isOlder() wants as `restored` from now on: `known` has become `next` by an answer that tells `told`.
template<class AnyKnown>
[[nodiscard]] std::int64_t restoredAfter(const AnyKnown &known, std::int64_t restored, const AnyKnown &next,
                                         std::int64_t told)
{
    return next.born == known.born ? std::max(restored, told) : told;
}

} // namespace weir::limit

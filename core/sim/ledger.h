// SPDX-License-Identifier: GPL-3.0-only
// The books of a bucket over counted seconds: what it can have given at most, and what was given beyond that.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/limit/limit.h"

namespace weir::sim {

struct Admissions {
    std::int64_t second{0}; ///< since 1970, at which it begins
    std::int64_t admitted{0};
};

struct LedgerSecond {
    limit::Tokens refilled{0};
    limit::Tokens left{0}; ///< at its end; below zero: paid for by a refill of the second after
    std::int64_t over{0};  ///< admitted although nothing was left
};

/// Work out a LedgerSecond for each of `seconds`, which are ascending. `level`: of the bucket right before the first of
/// them.
///
/// Counts do not say in which order things happened in a second, and are read a moment after its end. Whatever excuses
/// more admissions is assumed: the requests came before the refill if that leaves more room, and a refill of the next
/// second may have been spent already. So `over` is never more than what was overspent. Pure; any thread.
[[nodiscard]] std::vector<LedgerSecond> ledgerOf(const limit::LimitSpec &spec, limit::Tokens level, Micros phase,
                                                 std::span<const Admissions> seconds);

} // namespace weir::sim

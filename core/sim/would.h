// SPDX-License-Identifier: GPL-3.0-only
// What another failure policy would have made of the same arrivals: worked out, not measured.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/limit/limit.h"

namespace weir::sim {

/// What requests get while the store cannot decide.
enum class FailurePolicy : std::uint8_t {
    Reject, ///< 503; nothing is taken
    Allow,  ///< let through; nothing is taken
    Local,  ///< by the last known level, as the store would
};

/// The requests of one second, taken to be spread evenly over it and to cost one token each.
struct Arrivals {
    std::int64_t second{0}; ///< since 1970, at which it begins
    std::int64_t requests{0};
    bool isAway{false}; ///< the store could not decide
};

struct WouldSecond {
    std::int64_t admitted{0};
    std::int64_t refused{0};  ///< 429
    std::int64_t rejected{0}; ///< 503
    // Of a bucket that every request is asked of, whatever the policy: what the limit itself would have given.
    limit::Tokens refilled{0};
    limit::Tokens left{0}; ///< at the end of the second
};

/// Work out a WouldSecond for each of `seconds`, which are ascending and begin at 1970 plus an interval or later.
/// `level`: of the bucket right before the first of them, 0 to the capacity. `phase`: see Boundaries. Linear in the
/// number of intervals with requests. Pure; any thread.
///
/// By induction over the seconds: Local admits at most level + refills; Reject never more than Local up to any second;
/// Allow admits all that comes while the store is away.
[[nodiscard]] std::vector<WouldSecond> wouldBe(FailurePolicy policy, const limit::LimitSpec &spec, limit::Tokens level,
                                               Micros phase, std::span<const Arrivals> seconds);

} // namespace weir::sim

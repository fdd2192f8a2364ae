// SPDX-License-Identifier: GPL-3.0-only
// A look at single buckets, by which nothing is taken and nothing counted.
#pragma once

#include <optional>
#include <string>

#include "core/limit/limit.h"
#include "core/telemetry/decided_by.h"

namespace weir::engine {

struct BucketQuestion {
    std::string limit;
    std::string subject; ///< empty: all requests share the bucket
    limit::Tokens cost{1};
};

struct BucketPeek {
    limit::LimitSpec spec;   ///< in force
    limit::Tokens tokens{0}; ///< that are there
    Micros nextRefill{0};    ///< until there are more; of a full bucket, until the next interval
    Micros untilFull{0};     ///< if nobody takes; zero: it is full
    /// Until there are enough for the cost if nobody takes; zero: there are; nothing: never. Of a sliding log at most.
    std::optional<Micros> wait{Micros{0}};
    telemetry::DecidedBy by{telemetry::DecidedBy::Store}; ///< who knows: Store, or Local while it is away
};

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/config.h"

namespace weir::config {

std::vector<ConfigIssue> check(const limit::LimitSpec &spec)
{
    using namespace limit;
    std::vector<ConfigIssue> issues;
    const bool isCapacityGood = spec.capacity >= kMinCapacity && spec.capacity <= kMaxCapacity;
    if (!isCapacityGood)
        issues.push_back({"capacity", std::to_string(spec.capacity) + " tokens is out of range",
                          "a whole number from 1 to " + std::to_string(kMaxCapacity)});
    if (spec.refill < 1)
        issues.push_back({"refill", std::to_string(spec.refill) + " tokens is out of range",
                          "a whole number from 1 to the capacity"});
    else if (isCapacityGood && spec.refill > spec.capacity)
        issues.push_back(
            {"refill",
             std::to_string(spec.refill) + " tokens is more than the capacity of " + std::to_string(spec.capacity),
             "a refill from 1 to " + std::to_string(spec.capacity) + ", or a larger capacity"});
    if (spec.interval < kMinInterval || spec.interval > kMaxInterval)
        issues.push_back(
            {"every", printDurationSpaced(spec.interval) + " is out of range", "a duration from 10ms to 366d"});
    return issues;
}

} // namespace weir::config

// SPDX-License-Identifier: GPL-3.0-only
#include "core/base/whole.h"
#include "core/config/config.h"
#include "core/limit/kernels/gcra.h"
#include "core/limit/kernels/sliding_log.h"

namespace weir::config {
namespace {

using namespace limit;

std::string nameText(Algorithm algorithm)
{
    return std::string{limit::nameOf(algorithm)};
}

Tokens maxCapacityOf(Algorithm algorithm)
{
    return algorithm == Algorithm::SlidingLog ? kernels::kMaxLogCapacity : kMaxCapacity;
}

void checkCapacity(const LimitSpec &spec, std::vector<ConfigIssue> &issues)
{
    const Tokens most = maxCapacityOf(spec.algorithm);
    if (spec.capacity < kMinCapacity || spec.capacity > kMaxCapacity)
        issues.push_back({"capacity", std::to_string(spec.capacity) + " tokens is out of range",
                          "a whole number from 1 to " + std::to_string(most)});
    else if (spec.capacity > most)
        issues.push_back(
            {"capacity",
             std::to_string(spec.capacity) + " tokens is more than a " + nameText(spec.algorithm)
                 + " can remember one by one",
             "at most " + std::to_string(most) + ", or the algorithm " + nameText(Algorithm::SlidingCounter)});
}

void checkRefill(const LimitSpec &spec, std::vector<ConfigIssue> &issues)
{
    const bool isCapacityGood = spec.capacity >= kMinCapacity && spec.capacity <= kMaxCapacity;
    if (isWindow(spec.algorithm)) {
        if (isCapacityGood && spec.refill != spec.capacity)
            issues.push_back({"refill",
                              std::to_string(spec.refill) + " tokens is not the capacity of "
                                  + std::to_string(spec.capacity) + ", and a " + nameText(spec.algorithm)
                                  + " has no other refill",
                              "the capacity, or leave refill out"});
    } else if (spec.refill < 1) {
        issues.push_back({"refill", std::to_string(spec.refill) + " tokens is out of range",
                          "a whole number from 1 to the capacity"});
    } else if (isCapacityGood && spec.refill > spec.capacity) {
        issues.push_back(
            {"refill",
             std::to_string(spec.refill) + " tokens is more than the capacity of " + std::to_string(spec.capacity),
             "a refill from 1 to " + std::to_string(spec.capacity) + ", or a larger capacity"});
    }
}

// Only when the three numbers are good by themselves.
void checkBurst(const LimitSpec &spec, std::vector<ConfigIssue> &issues)
{
    if (spec.algorithm != Algorithm::Gcra)
        return;
    const Micros whole{saturatingMultiply(spec.capacity / spec.refill, spec.interval.count())};
    if (whole >= kernels::kMaxBurstTime)
        issues.push_back(
            {"capacity",
             std::to_string(spec.capacity) + " tokens need more than 100 years to come back, which "
                 + nameText(spec.algorithm) + " cannot count",
             "a larger refill, a shorter every, or the algorithm " + nameText(Algorithm::TokenBucketSmooth)});
}

} // namespace

std::vector<ConfigIssue> check(const LimitSpec &spec)
{
    std::vector<ConfigIssue> issues;
    checkCapacity(spec, issues);
    checkRefill(spec, issues);
    if (spec.interval < kMinInterval || spec.interval > kMaxInterval)
        issues.push_back(
            {"every", printDurationSpaced(spec.interval) + " is out of range", "a duration from 10ms to 366d"});
    if (issues.empty())
        checkBurst(spec, issues);
    return issues;
}

} // namespace weir::config

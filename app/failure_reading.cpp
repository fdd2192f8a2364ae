// SPDX-License-Identifier: GPL-3.0-only
#include "app/failure_reading.h"

#include <chrono>

#include "core/engine/presence/failure_policy.h"

namespace weir::app {
engine::FailureStatus readFailure(const engine::FailureStatus &before, const engine::BucketTable &table,
                                  const engine::InstanceCount &instances, const engine::Policies &policies,
                                  const Error *why)
{
    const engine::BucketTable::Status status = table.status();
    const bool isLocal = status.mode != engine::BucketTable::Mode::Store;
    engine::FailureStatus failure = before;
    failure.breaker = table.worstBreaker();
    failure.isDegraded = isLocal || failure.breaker != engine::CircuitBreaker::State::Closed;
    if (isLocal)
        failure.since = status.since;
    else if (failure.isDegraded && !before.isDegraded)
        failure.since = std::chrono::steady_clock::now();
    const bool isAway = !why || engine::isAway(why->code);
    failure.by = failure.isDegraded ? engine::decideWithoutStore(
                     policies.onStoreFailure, isAway ? Error::Code::Unavailable : Error::Code::Configuration)
                                    : telemetry::DecidedBy::Store;
    failure.liveInstances = instances.instances();
    failure.shareOf = status.instances;
    failure.isUnheard = isLocal && status.isUnheard;
    failure.spentLocally = status.spent;
    failure.outages = status.outages;
    failure.exactReturns = status.exactReturns;
    failure.excess = status.excess;
    failure.foundTaken = status.foundTaken;
    failure.statesLost = status.statesLost;
    failure.clockRegressions = instances.clockRegressions();
    return failure;
}

engine::RefillStatus readRefill(const engine::RefillerPulse &pulse, const engine::Policies &policies)
{
    engine::RefillStatus status;
    status.isRunning = pulse.isRunning;
    status.isPaused = pulse.isPaused;
    status.isOnDemand = policies.refillsOnDemand;
    status.tickedAtMs = pulse.tickedAtMs;
    status.lateness = pulse.lateness;
    status.worstLateness = pulse.worstLateness;
    status.lateTicks = pulse.lateTicks;
    status.lastBy = pulse.lastRefiller;
    return status;
}

} // namespace weir::app

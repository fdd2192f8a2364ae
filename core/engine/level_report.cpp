// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/level_report.h"

#include <chrono>

#include "core/base/clock.h"

namespace weir::engine {

telemetry::LevelReport reportOf(const limit::TakeOutput &output, limit::Tokens taken)
{
    telemetry::LevelReport report;
    report.nowUs = output.now.count();
    report.observedNs = steadyNow().time_since_epoch() / std::chrono::nanoseconds{1};
    report.tokens = output.tokens;
    report.nextRefillUs = output.nextRefill.count();
    report.admitted = output.admitted;
    report.refused = output.refused;
    if (output.refilled > 0) {
        report.refillAtUs = output.now.count();
        report.refillTokens = output.refilled;
        report.refillLevel = output.tokens + taken;
    }
    if (output.isStale || output.born == 0)
        return report;
    report.statesLost = output.memory == limit::Memory::Lost || output.memory == limit::Memory::WentBack ? 1 : 0;
    report.known.bucket = limit::knownAfter(output);
    report.known.atUs = report.nowUs;
    report.known.heardNs = report.observedNs;
    report.known.epoch = output.epoch;
    report.known.capacity = output.inForce.capacity;
    report.known.refill = output.inForce.refill;
    report.known.everyUs = output.inForce.interval.count();
    return report;
}

telemetry::LevelReport levelOf(const limit::BucketOutput &output, Micros now, const limit::CellKnown &sent,
                               limit::Tokens taken)
{
    telemetry::LevelReport report;
    report.nowUs = now.count();
    report.observedNs = steadyNow().time_since_epoch() / std::chrono::nanoseconds{1};
    report.tokens = output.room;
    report.nextRefillUs = output.untilChange.count();
    report.admitted = output.known.admitted;
    report.refused = output.known.refused;
    // Only intervals are refills that one can see; the others flow all the time.
    const std::int64_t refilled = output.known.refilled - sent.refilled;
    if (output.inForce.algorithm == limit::Algorithm::TokenBucket && sent.born == output.known.born && refilled > 0) {
        report.refillAtUs = now.count();
        report.refillTokens = refilled;
        report.refillLevel = output.room + taken;
    }
    return report;
}

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/known/level_report.h"

#include <chrono>

#include "core/base/clock.h"

namespace weir::engine {

telemetry::LevelReport levelOf(const limit::BucketOutput &output, Micros now, const limit::Known &sent,
                               limit::Tokens taken)
{
    telemetry::LevelReport report;
    report.nowUs = now.count();
    report.observedNs = steadyNow().time_since_epoch() / std::chrono::nanoseconds{1};
    report.tokens = output.room;
    report.nextRefillUs = limit::nextRefill(output, now).count();
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

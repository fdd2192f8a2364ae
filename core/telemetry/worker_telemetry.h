// SPDX-License-Identifier: GPL-3.0-only
// What one worker counts. One writer (the worker's thread), any number of readers, no locks.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>

#include "core/telemetry/counters.h"
#include "core/telemetry/decided_by.h"
#include "core/telemetry/last_failure.h"
#include "core/telemetry/latency_histogram.h"
#include "core/telemetry/request_ring.h"
#include "core/telemetry/size_histogram.h"
#include "core/telemetry/turn_away_reason.h"

namespace weir::telemetry {

/// Requests by outcome, of one worker or of all: since the start, or in a stretch of time (SecondBin).
struct Totals : Counters<std::int64_t> {
    std::array<std::int64_t, kDeciders> decidedBy{};           ///< requests; index: DecidedBy
    std::array<std::int64_t, kTurnAwayReasons> turnedAwayBy{}; ///< before a decision; index: TurnAwayReason

    /// Return how many asked for a decision.
    [[nodiscard]] std::int64_t requests() const { return admitted + refused + undecided; }
    /// Count the answers to whole requests; what is turned away before it is one is not among them.
    [[nodiscard]] std::int64_t answers() const { return requests() + exempt + blocked; }
    /// Count the requests answered 200 or 404, for whatever reason.
    [[nodiscard]] std::int64_t letThrough() const { return admitted + decided(DecidedBy::Allow) + exempt; }
    /// Count the requests answered 503 because nobody decided.
    [[nodiscard]] std::int64_t rejected() const { return undecided - decided(DecidedBy::Allow); }
    [[nodiscard]] std::int64_t turnedAway() const
    {
        return std::accumulate(turnedAwayBy.begin(), turnedAwayBy.end(), std::int64_t{0});
    }
    [[nodiscard]] std::int64_t turnedAway(TurnAwayReason reason) const
    {
        return turnedAwayBy[static_cast<std::size_t>(reason)];
    }
    [[nodiscard]] std::int64_t decided(DecidedBy by) const { return decidedBy[static_cast<std::size_t>(by)]; }
    void add(const Totals &other) { addTimes(1, other); }
    /// Return the counts since `earlier`; levels as they are now.
    [[nodiscard]] Totals since(const Totals &earlier) const
    {
        Totals difference = *this;
        difference.addTimes(-1, earlier);
        for (const CounterRow &row : kCounters)
            if (row.kind == CounterRow::Kind::Level)
                difference.*row.number = this->*row.number;
        return difference;
    }

private:
    void addTimes(std::int64_t factor, const Totals &other)
    {
        for (const CounterRow &row : kCounters)
            this->*row.number += factor * (other.*row.number);
        for (std::size_t i = 0; i < kDeciders; ++i)
            decidedBy[i] += factor * other.decidedBy[i];
        for (std::size_t i = 0; i < kTurnAwayReasons; ++i)
            turnedAwayBy[i] += factor * other.turnedAwayBy[i];
    }
};

struct WorkerTelemetry : Counters<Count> {
    std::array<Count, kDeciders> decidedBy;
    std::array<Count, kTurnAwayReasons> turnedAwayBy;
    LatencyHistogram decisions;
    SizeHistogram batchSizes; ///< requests of a call that takes
    RequestRing requests;
    LastFailure lastFailure; ///< of the store

    void countDecided(DecidedBy by, std::int64_t n = 1) { decidedBy[static_cast<std::size_t>(by)].add(n); }
    void countTurnedAway(TurnAwayReason reason) { turnedAwayBy[static_cast<std::size_t>(reason)].add(); }

    [[nodiscard]] Totals totals() const
    {
        Totals totals;
        for (const CounterRow &row : kCounters)
            totals.*row.number = (this->*row.count).read();
        for (std::size_t i = 0; i < kDeciders; ++i)
            totals.decidedBy[i] = decidedBy[i].read();
        for (std::size_t i = 0; i < kTurnAwayReasons; ++i)
            totals.turnedAwayBy[i] = turnedAwayBy[i].read();
        return totals;
    }
};

} // namespace weir::telemetry

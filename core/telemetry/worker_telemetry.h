// SPDX-License-Identifier: GPL-3.0-only
// What one worker counts. One writer (the worker's thread), any number of readers, no locks.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <numeric>

#include "core/telemetry/decided_by.h"
#include "core/telemetry/last_failure.h"
#include "core/telemetry/latency_histogram.h"
#include "core/telemetry/request_ring.h"
#include "core/telemetry/turn_away_reason.h"

namespace weir::telemetry {

/// A number that one thread adds to and others read.
class Count {
public:
    void add(std::int64_t n = 1)
    {
        m_value.store(m_value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    [[nodiscard]] std::int64_t read() const { return m_value.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> m_value{0};
};

/// Requests by outcome since the start, of one worker or of all.
struct Totals {
    std::int64_t admitted{0};    ///< by the store or locally (200, or 404 for another path)
    std::int64_t refused{0};     ///< 429
    std::int64_t undecided{0};   ///< the store did not answer: 503, or let through under `allow`
    std::int64_t exempt{0};      ///< let through without a decision: on the list, or no limit applies
    std::int64_t blocked{0};     ///< 403, without a decision
    std::int64_t storeCalls{0};  ///< script calls that carried takes, told of refusals, or gave tokens back
    std::int64_t inDoubt{0};     ///< tokens of takes without an answer: taken or not, nobody told
    std::int64_t connections{0}; ///< open now
    std::int64_t leaseHeld{0};   ///< tokens that are taken ahead and not used, now
    std::array<std::int64_t, kDeciders> decidedBy{};           ///< requests; index: DecidedBy
    std::array<std::int64_t, kTurnAwayReasons> turnedAwayBy{}; ///< before a decision; index: TurnAwayReason

    /// That a decision was asked for.
    [[nodiscard]] std::int64_t requests() const { return admitted + refused + undecided; }
    /// Every answer to a whole request, each once; what is turned away before it is one is not among them.
    [[nodiscard]] std::int64_t answers() const { return requests() + exempt + blocked; }
    /// 200 or 404, for whatever reason.
    [[nodiscard]] std::int64_t letThrough() const { return admitted + decided(DecidedBy::Allow) + exempt; }
    /// 503: nobody decided.
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
    void add(const Totals &other)
    {
        admitted += other.admitted;
        refused += other.refused;
        undecided += other.undecided;
        exempt += other.exempt;
        blocked += other.blocked;
        storeCalls += other.storeCalls;
        inDoubt += other.inDoubt;
        connections += other.connections;
        leaseHeld += other.leaseHeld;
        for (std::size_t i = 0; i < kDeciders; ++i)
            decidedBy[i] += other.decidedBy[i];
        for (std::size_t i = 0; i < kTurnAwayReasons; ++i)
            turnedAwayBy[i] += other.turnedAwayBy[i];
    }
};

struct WorkerTelemetry {
    Count admitted, refused, undecided, exempt, blocked, storeCalls, inDoubt, connections, leaseHeld;
    std::array<Count, kDeciders> decidedBy;
    std::array<Count, kTurnAwayReasons> turnedAwayBy;
    LatencyHistogram decisions;
    RequestRing requests;
    LastFailure lastFailure; ///< of the store

    void countDecided(DecidedBy by, std::int64_t n = 1) { decidedBy[static_cast<std::size_t>(by)].add(n); }
    void countTurnedAway(TurnAwayReason reason) { turnedAwayBy[static_cast<std::size_t>(reason)].add(); }

    [[nodiscard]] Totals totals() const
    {
        Totals totals;
        totals.admitted = admitted.read();
        totals.refused = refused.read();
        totals.undecided = undecided.read();
        totals.exempt = exempt.read();
        totals.blocked = blocked.read();
        totals.storeCalls = storeCalls.read();
        totals.inDoubt = inDoubt.read();
        totals.connections = connections.read();
        totals.leaseHeld = leaseHeld.read();
        for (std::size_t i = 0; i < kDeciders; ++i)
            totals.decidedBy[i] = decidedBy[i].read();
        for (std::size_t i = 0; i < kTurnAwayReasons; ++i)
            totals.turnedAwayBy[i] = turnedAwayBy[i].read();
        return totals;
    }
};

} // namespace weir::telemetry

// SPDX-License-Identifier: GPL-3.0-only
// What one worker counts. One writer (the worker's thread), any number of readers, no locks.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/telemetry/latency_histogram.h"
#include "core/telemetry/request_ring.h"

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
    std::int64_t admitted{0};    ///< the store admitted it (200, or 404 for another path)
    std::int64_t refused{0};     ///< 429
    std::int64_t undecided{0};   ///< the store did not answer: 503, or let through under `allow`
    std::int64_t turnedAway{0};  ///< before a decision: no proper HTTP, too slow, too many connections
    std::int64_t storeCalls{0};  ///< script calls that carried takes
    std::int64_t connections{0}; ///< open now

    [[nodiscard]] std::int64_t requests() const { return admitted + refused + undecided; }
    void add(const Totals &other)
    {
        admitted += other.admitted;
        refused += other.refused;
        undecided += other.undecided;
        turnedAway += other.turnedAway;
        storeCalls += other.storeCalls;
        connections += other.connections;
    }
};

struct WorkerTelemetry {
    Count admitted, refused, undecided, turnedAway, storeCalls, connections;
    LatencyHistogram decisions;
    RequestRing requests;

    [[nodiscard]] Totals totals() const
    {
        return {admitted.read(),  refused.read(),    undecided.read(),
                turnedAway.read(), storeCalls.read(), connections.read()};
    }
};

} // namespace weir::telemetry

// SPDX-License-Identifier: GPL-3.0-only
// The last hour of a Weir elsewhere by the second: what it has kept itself, then the differences of what it says.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/engine/port/service_port.h"
#include "core/telemetry/history.h"

namespace weir::remote {

/// Seconds are those of the other machine. What was counted between two statuses is spread evenly over the time between
/// them. Thread: one. Bounded to an hour.
class RemoteChart {
public:
    /// Take up a status of that time (milliseconds since 1970); return whether a second has ended.
    bool follow(const engine::Status &status, std::int64_t atMs);
    /// Begin to count anew: nothing is known of the time before the next status.
    void breakOff() { m_last.reset(); }
    /// Add bins of seconds that were not followed.
    void restore(const std::vector<telemetry::SecondBin> &bins);
    void add(const telemetry::LimitChange &change);
    /// Return all seconds that have ended.
    [[nodiscard]] std::shared_ptr<const telemetry::History> snapshot() const;

private:
    void trim();

    struct Last {
        telemetry::Totals totals;
        std::int64_t atMs{0};
    };
    std::optional<Last> m_last;
    std::map<std::int64_t, telemetry::SecondBin> m_bins;
    std::vector<telemetry::LimitChange> m_changes;
};

} // namespace weir::remote

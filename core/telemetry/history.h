// SPDX-License-Identifier: GPL-3.0-only
// The last hour in bins of one second, and when the limit changed: what the chart is drawn from.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "core/limit/limit.h"
#include "core/telemetry/worker_telemetry.h"

namespace weir::telemetry {

/// What was counted in one second, in this process; the level is of the bucket, whoever took from it.
struct SecondBin : Totals {
    std::int64_t second{0};  ///< seconds since 1970 at which it began
    std::int64_t tokens{-1}; ///< level at its end; -1: not known
    bool isAway{false};      ///< for a part of it at least, the store did not decide
};

/// A change of the limit; or the bucket was filled or emptied by hand, and `before` and `after` are the same.
struct LimitChange {
    std::int64_t atMs{0}; ///< milliseconds since 1970
    limit::LimitSpec before;
    limit::LimitSpec after;
};

inline constexpr std::size_t kHistorySeconds = 3600;

/// Oldest first, without gaps of the process (a second without traffic is a bin of zeros).
struct History {
    std::vector<SecondBin> bins;      ///< at most kHistorySeconds
    std::vector<LimitChange> changes; ///< within the same hour
};

/// Thread: the service thread. `snapshot()` may be handed to any thread.
class HistoryRecorder {
public:
    void add(const SecondBin &bin);
    void add(const LimitChange &change);
    /// Put bins of another process before those that are there, as far as they are older and within the hour.
    void restore(const std::vector<SecondBin> &bins);
    [[nodiscard]] std::shared_ptr<const History> snapshot() const;

private:
    std::deque<SecondBin> m_bins;
    std::deque<LimitChange> m_changes;
};

} // namespace weir::telemetry

// SPDX-License-Identifier: GPL-3.0-only
// The numbers of a running Weir as Prometheus reads them.
#pragma once

#include <memory>
#include <string>

#include "core/config/limit_entry.h"
#include "core/engine/port/service_port.h"
#include "core/telemetry/latency_histogram.h"
#include "core/telemetry/size_histogram.h"

namespace weir::admin {

struct BuildInfo {
    std::string version; ///< "0.2.0"
    std::string qt;      ///< that runs
    std::string commit;  ///< empty: not known
};

/// Plain values, as of one moment.
struct MetricsSource {
    engine::Status status;
    std::shared_ptr<const config::LimitSet> limits; ///< never null
    telemetry::LatencyCounts decisions;             ///< of all workers, since the start
    telemetry::SizeCounts batchSizes;               ///< likewise
    BuildInfo build;
};

/// Return all metrics in the text format of Prometheus, version 0.0.4. Its size goes by the number of limits, never by
/// that of keys or requests; no key is in it. What this Weir cannot know is left out, not zero.
[[nodiscard]] std::string metricsText(const MetricsSource &source);

/// The media type of that text.
inline constexpr const char *kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

} // namespace weir::admin

// SPDX-License-Identifier: GPL-3.0-only
// Reads what the metrics are made of from a running Weir.
#pragma once

#include "app/service_status.h"
#include "core/admin/metrics_text.h"

namespace weir::app {

/// Read all of it now. Thread: that of `port`; waits for nothing.
[[nodiscard]] admin::MetricsSource readMetrics(engine::ServicePort &port, const Boards &boards);

} // namespace weir::app

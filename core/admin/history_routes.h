// SPDX-License-Identifier: GPL-3.0-only
// What was counted and what happened, in any stretch of time, through the admin port.
#pragma once

#include <vector>

#include "core/admin/call.h"
#include "core/engine/port/service_port.h"

class QObject;

namespace weir::admin {

inline constexpr std::int64_t kMostHistoryRows = 10'000; // of one answer

/// Add GET /v1/history. `port` and `context` outlive its calls; answers come while `context` lives.
void addHistoryRoutes(std::vector<Route> &routes, engine::ServicePort &port, QObject &context);

} // namespace weir::admin

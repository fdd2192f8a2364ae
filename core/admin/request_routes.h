// SPDX-License-Identifier: GPL-3.0-only
// The latest answered requests through the admin port.
#pragma once

#include <vector>

#include "core/admin/call.h"
#include "core/engine/port/service_port.h"

namespace weir::admin {

inline constexpr std::int64_t kMostRequests = 1000; ///< of one answer

/// Add GET /v1/requests. `port` outlives its calls. `beganAtMs`: since when ids are counted, milliseconds since 1970.
void addRequestRoutes(std::vector<Route> &routes, engine::ServicePort &port, std::int64_t beganAtMs);

} // namespace weir::admin

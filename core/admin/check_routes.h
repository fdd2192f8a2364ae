// SPDX-License-Identifier: GPL-3.0-only
// What would be decided about a request, and why; nothing is taken or counted.
#pragma once

#include <vector>

#include "core/admin/call.h"
#include "core/engine/port/service_port.h"

class QObject;

namespace weir::admin {

/// Add GET /v1/check. `port` and `context` outlive its calls; answers come while `context` lives.
void addCheckRoutes(std::vector<Route> &routes, engine::ServicePort &port, QObject &context);

} // namespace weir::admin

// SPDX-License-Identifier: GPL-3.0-only
// What can be asked of limits and their buckets through the admin port.
#pragma once

#include <vector>

#include "core/admin/call.h"
#include "core/engine/port/service_port.h"

class QObject;

namespace weir::admin {

/// Add the routes of /v1/limits. `port` and `context` outlive their calls; answers come while `context` lives.
void addLimitRoutes(std::vector<Route> &routes, engine::ServicePort &port, QObject &context);

/// Return the limit of that name; nullptr when there is none.
[[nodiscard]] const config::LimitEntry *findLimit(const config::LimitSet &set, const std::string &name);
/// Return the answer that there is none: 404, with the one that was probably meant.
[[nodiscard]] http::AdminAnswer noSuchLimit(const config::LimitSet &set, const std::string &name);

/// Return the subject of a bucket of `limit` that `key` names, or put why it names none into `faults`. Nothing: there was no
/// key, which is right for a limit whose requests share a bucket.
[[nodiscard]] std::string subjectOf(const config::LimitEntry &limit, const std::optional<std::string> &key,
                                    Faults &faults);

} // namespace weir::admin

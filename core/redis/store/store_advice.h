// SPDX-License-Identifier: GPL-3.0-only
// Warns of a Redis that evicts keys, or whose user may not do what Weir needs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/redis/link/connection.h"

#include "core/redis/store/key_names.h"

namespace weir::redis {

/// Check one server of `connection`, which must be ready, by two or three calls; `done` once, in its thread, with a
/// sentence for each finding. What its user may not ask, or an older Redis cannot tell, is no finding.
void adviseOn(Connection &connection, const KeyNames &names, std::function<void(std::vector<std::string>)> done);

} // namespace weir::redis

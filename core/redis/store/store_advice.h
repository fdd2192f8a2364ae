// SPDX-License-Identifier: GPL-3.0-only
// What will go wrong sooner or later with this Redis: it evicts, or its user may not do what Weir needs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/redis/link/connection.h"

#include "core/redis/store/key_names.h"

namespace weir::redis {

/// Two or three calls to one server of `connection`, which must be ready; `done` once, in its thread, with
/// a sentence for each finding. What its user may not ask, or an older Redis cannot tell, is no finding.
void adviseOn(Connection &connection, const KeyNames &names, std::function<void(std::vector<std::string>)> done);

} // namespace weir::redis

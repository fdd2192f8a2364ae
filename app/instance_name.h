// SPDX-License-Identifier: GPL-3.0-only
// What this process calls itself in the store: who refilled, who settled.
#pragma once

#include <string>

namespace weir::app {

/// "host:4711", at most 40 of [A-Za-z0-9._:-].
[[nodiscard]] std::string refillerName();

/// As refillerName() with random digits: no other process has it, before or after.
[[nodiscard]] std::string instanceName();

} // namespace weir::app

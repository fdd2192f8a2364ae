// SPDX-License-Identifier: GPL-3.0-only
// What this process calls itself in the store: who refilled, who settled.
#pragma once

#include <string>

namespace weir::app {

/// Return "host:4711", at most 40 of [A-Za-z0-9._:-].
[[nodiscard]] std::string refillerName();

/// Return refillerName() with random digits: no other process ever has the same.
[[nodiscard]] std::string instanceName();

} // namespace weir::app

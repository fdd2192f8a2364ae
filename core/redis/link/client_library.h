// SPDX-License-Identifier: GPL-3.0-only
// The version of hiredis.
#pragma once

#include <string>

namespace weir::redis {

/// Return the version of its headers: "0.14.1".
[[nodiscard]] std::string clientLibraryVersion();

} // namespace weir::redis

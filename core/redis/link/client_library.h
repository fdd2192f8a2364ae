// SPDX-License-Identifier: GPL-3.0-only
// Which hiredis this build is made with.
#pragma once

#include <string>

namespace weir::redis {

/// "0.14.1", as its headers say.
[[nodiscard]] std::string clientLibraryVersion();

} // namespace weir::redis

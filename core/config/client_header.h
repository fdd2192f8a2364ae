// SPDX-License-Identifier: GPL-3.0-only
// The header fields in which proxies usually name their clients.
#pragma once

#include <string_view>

namespace weir::config {

/// Whether `name`, in any case, is one of them: what a client says there itself is worth nothing.
[[nodiscard]] bool isUsualClientHeader(std::string_view name);

} // namespace weir::config

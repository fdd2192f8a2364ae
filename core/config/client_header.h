// SPDX-License-Identifier: GPL-3.0-only
// The header fields in which proxies usually name their clients.
#pragma once

#include <string_view>

namespace weir::config {

/// Tell whether `name`, in any case, is one of them: there a client's own word counts for nothing.
[[nodiscard]] bool isUsualClientHeader(std::string_view name);

} // namespace weir::config

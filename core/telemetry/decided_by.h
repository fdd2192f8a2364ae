// SPDX-License-Identifier: GPL-3.0-only
// Who decided a request.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir::telemetry {

enum class DecidedBy : std::uint8_t {
    Nobody, ///< it was turned away before, or was free
    Store,
    Local,  ///< this process, from the last known level, while the store was away
    Allow,  ///< the store was away; let through
    Reject, ///< the store was away, or is set up wrongly; turned away
};
inline constexpr std::size_t kDeciders = 5;

} // namespace weir::telemetry

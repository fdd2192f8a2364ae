// SPDX-License-Identifier: GPL-3.0-only
// What requests get while the store cannot decide.
#pragma once

#include <cstdint>

namespace weir::config {

enum class StoreFailurePolicy : std::uint8_t {
    Reject, ///< 503
    Allow,  ///< as if admitted, counted and marked
    Local,  ///< by this process, from the last known level
};

} // namespace weir::config

// SPDX-License-Identifier: GPL-3.0-only
// Faults made on purpose on our side of the links to a Redis (engine::Harm).
#pragma once

#include <atomic>
#include <cstdint>

namespace weir::redis {

/// Shared by all links of a process. Any thread.
struct LinkFaults {
    std::atomic<bool> isCut{false};       ///< connections are closed at their next call, and none is made
    std::atomic<std::int64_t> delayMs{0}; ///< every answer is held back for so long
    std::atomic<std::int64_t> stepUs{0};  ///< added to the time of the scripts
};

} // namespace weir::redis

// SPDX-License-Identifier: GPL-3.0-only
// What the Failures page breaks on purpose, to watch the effects.
#pragma once

#include <chrono>

namespace weir::engine {

/// Default: nothing. All of it acts on this Weir's side of the link to Redis, or on the private server: a Redis that
/// Weir has not started is never harmed.
struct Harm {
    bool isLinkCut{false};                  ///< the connections to Redis are closed, and none is made
    std::chrono::milliseconds linkDelay{0}; ///< by which every answer of Redis is held back; 0 to 10 s
    bool isServerHung{false};               ///< the private server is stopped (SIGSTOP): connected, but silent
    std::chrono::seconds clockStep{0};      ///< added to the time that the scripts go by; -1 d to 1 d
    friend bool operator==(const Harm &, const Harm &) = default;
};

} // namespace weir::engine

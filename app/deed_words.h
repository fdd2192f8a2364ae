// SPDX-License-Identifier: GPL-3.0-only
// What a change of the limits is called for those who look at another Weir.
#pragma once

#include <string>
#include <vector>

#include "core/config/limit_entry.h"

namespace weir::app {

/// A sentence each, behind the name of who did it: "has added the limit a". Numbers of limits that both have are none: those are
/// in the register, which tells who made them (engine::LimitKeeper). At most kMostSentences; the last may tell how many more. Pure.
[[nodiscard]] std::vector<std::string> deedsOf(const config::LimitSet &before, const config::LimitSet &after);

inline constexpr std::size_t kMostSentences = 8;

} // namespace weir::app

// SPDX-License-Identifier: GPL-3.0-only
// All limits of a configuration, prepared for deciding.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/config/limit_entry.h"
#include "core/policy/plan.h"

namespace weir::engine {

/// Immutable: any thread. Its limits have the numbers that were configured; those in force, with their epochs, are in
/// Policies::limits, at the same places.
struct LimitBook {
    explicit LimitBook(config::LimitSet limitSet);

    config::LimitSet set;
    policy::Plan plan;
    /// By limit: store::TakeRequest::group; empty: it is alone in its group.
    std::vector<std::string> groups;
};

using LimitBookPtr = std::shared_ptr<const LimitBook>;

} // namespace weir::engine

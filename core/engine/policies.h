// SPDX-License-Identifier: GPL-3.0-only
// What the workers decide by: an immutable snapshot, handed to every thread.
#pragma once

#include <memory>

#include "core/config/config.h"
#include "core/limit/limit.h"

namespace weir::engine {

struct Policies {
    limit::Limit limit;
    config::StoreFailurePolicy onStoreFailure{};
    bool refillsOnDemand{true}; ///< false: as in the study, only the refiller adds tokens
};

using PoliciesPtr = std::shared_ptr<const Policies>;

} // namespace weir::engine

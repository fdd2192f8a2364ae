// SPDX-License-Identifier: GPL-3.0-only
// Who decides when the store cannot.
#pragma once

#include "core/base/result.h"
#include "core/config/config.h"
#include "core/engine/decision.h"

namespace weir::engine {

/// `allow` covers a store that is away, not one that is set up wrongly: a wrong password would
/// otherwise open the gate for good.
[[nodiscard]] constexpr Decision::By decideWithoutStore(config::StoreFailurePolicy policy, Error::Code why)
{
    const bool isAway = why == Error::Code::Unavailable || why == Error::Code::Timeout || why == Error::Code::Overloaded
                        || why == Error::Code::Protocol;
    return policy == config::StoreFailurePolicy::Allow && isAway ? Decision::By::Allow : Decision::By::Reject;
}

} // namespace weir::engine

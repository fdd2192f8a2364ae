// SPDX-License-Identifier: GPL-3.0-only
// Who decides when the store cannot.
#pragma once

#include "core/base/result.h"
#include "core/config/config.h"
#include "core/engine/decision.h"

namespace weir::engine {

/// Is the store away, in contrast to set up wrongly or holding broken content?
[[nodiscard]] constexpr bool isAway(Error::Code why)
{
    return why == Error::Code::Unavailable || why == Error::Code::Timeout || why == Error::Code::Overloaded
           || why == Error::Code::Protocol;
}

/// `allow` and `local` cover a store that is away, not one that is set up wrongly: a wrong password
/// would otherwise open the gate for good.
[[nodiscard]] constexpr Decision::By decideWithoutStore(config::StoreFailurePolicy policy, Error::Code why)
{
    if (!isAway(why))
        return Decision::By::Reject;
    switch (policy) {
    case config::StoreFailurePolicy::Allow:
        return Decision::By::Allow;
    case config::StoreFailurePolicy::Local:
        return Decision::By::Local;
    case config::StoreFailurePolicy::Reject:
        break;
    }
    return Decision::By::Reject;
}

} // namespace weir::engine

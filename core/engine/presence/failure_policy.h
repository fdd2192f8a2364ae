// SPDX-License-Identifier: GPL-3.0-only
// Who decides when the store cannot.
#pragma once

#include "core/base/result.h"
#include "core/config/config.h"
#include "core/engine/decide/decision.h"

namespace weir::engine {

/// Tell whether the store is away.
[[nodiscard]] constexpr bool isAway(Error::Code why)
{
    return why == Error::Code::Unavailable || why == Error::Code::Timeout || why == Error::Code::Protocol;
}

/// Tell whether the store is there but set up wrongly, or has broken content; not when it was merely not asked because
/// too many calls are under way.
[[nodiscard]] constexpr bool needsPerson(Error::Code why)
{
    return !isAway(why) && why != Error::Code::Overloaded;
}

/// Return who decides instead of the store. `allow` and `local` apply only to a store that is away: one that is set up
/// wrongly would switch the limits off for good, and clients could switch them off by filling a queue.
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

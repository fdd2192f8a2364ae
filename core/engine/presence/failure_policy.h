// SPDX-License-Identifier: GPL-3.0-only
// Who decides when the store cannot.
#pragma once

#include "core/base/result.h"
#include "core/config/config.h"
#include "core/engine/decide/decision.h"

namespace weir::engine {

/// Is the store away?
[[nodiscard]] constexpr bool isAway(Error::Code why)
{
    return why == Error::Code::Unavailable || why == Error::Code::Timeout || why == Error::Code::Protocol;
}

/// It is there, but set up wrongly or holding broken content; and not merely not asked because too much of our own is under
/// way.
[[nodiscard]] constexpr bool needsPerson(Error::Code why)
{
    return !isAway(why) && why != Error::Code::Overloaded;
}

/// `allow` and `local` cover a store that is away. By one that is set up wrongly the gate would be open for good, and by a
/// queue that is full whoever fills it would open it.
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

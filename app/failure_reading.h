// SPDX-License-Identifier: GPL-3.0-only
// Reads from the parts of the service who decides now, and since when.
#pragma once

#include "core/base/result.h"
#include "core/engine/known/bucket_table.h"
#include "core/engine/presence/instance_count.h"
#include "core/engine/decide/policies.h"
#include "core/engine/keep/refiller.h"
#include "core/engine/port/service_port.h"

namespace weir::app {

/// Read the failure status. `before`: the last one, which tells when a failure began. `why`: the error of a store that
/// cannot be reached, or null when it can. Thread: the service thread.
[[nodiscard]] engine::FailureStatus readFailure(const engine::FailureStatus &before, const engine::BucketTable &table,
                                                const engine::InstanceCount &instances,
                                                const engine::Policies &policies, const Error *why);

/// Read the refill status without the last refill, which the boards have.
[[nodiscard]] engine::RefillStatus readRefill(const engine::RefillerPulse &pulse, const engine::Policies &policies);

} // namespace weir::app

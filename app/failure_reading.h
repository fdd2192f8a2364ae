// SPDX-License-Identifier: GPL-3.0-only
// Who decides now, since when, and what comes of it: read from the parts that know.
#pragma once

#include "core/base/result.h"
#include "core/engine/known/bucket_table.h"
#include "core/engine/presence/instance_count.h"
#include "core/engine/decide/policies.h"
#include "core/engine/keep/refiller.h"
#include "core/engine/port/service_port.h"

namespace weir::app {

/// `before`: what was read last, by which the beginning of a failure is told. `why`: the error of a store that cannot
/// be reached, or null when it can. Thread: the service thread.
[[nodiscard]] engine::FailureStatus readFailure(const engine::FailureStatus &before, const engine::BucketTable &table,
                                                const engine::InstanceCount &instances,
                                                const engine::Policies &policies, const Error *why);

/// Without the last refill, which the boards tell.
[[nodiscard]] engine::RefillStatus readRefill(const engine::RefillerPulse &pulse, const engine::Policies &policies);

} // namespace weir::app

// SPDX-License-Identifier: GPL-3.0-only
// Makes the decision of each request from the answer to its batch.
#pragma once

#include <functional>

#include "core/engine/batch/batch.h"

namespace weir::engine {

/// Call `visit` once for each request, in order, with its decision; what that points at is valid during the call.
/// `output` is not stale.
void forEachDecision(const Batch &batch, const limit::TakeOutput &output, Decision::By by,
                     const std::function<void(Ticket, const Decision &)> &visit);

} // namespace weir::engine

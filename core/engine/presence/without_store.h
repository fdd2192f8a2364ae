// SPDX-License-Identifier: GPL-3.0-only
// Decides requests by the failure policies of their limits while the store is away.
#pragma once

#include "core/engine/batch/batch.h"

namespace weir::engine {

/// Tell whether the limit that `ask` is for goes on by itself.
[[nodiscard]] bool isForLocal(const Batch &batch, const limit::Ask &ask);
/// Return who decides a run without the store, by the strictest policy of its limits; shadows do not count.
[[nodiscard]] Decision::By decider(const Batch &batch, const limit::AskRun &run, Error::Code why);

/// Return the requests of one run alone, with only the asks that are decided locally.
[[nodiscard]] Batch runAlone(const Batch &batch, std::size_t place, std::size_t firstTicket);

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// What becomes of requests while the store is away: each limit has a policy for that.
#pragma once

#include "core/engine/batch/batch.h"

namespace weir::engine {

/// What becomes of the requests of a run without the store: the strictest of what its limits say; shadows have no say.
[[nodiscard]] Decision::By decider(const Batch &batch, const limit::AskRun &run, Error::Code why);

/// The requests of one run, alone, with those of its asks that are decided here.
[[nodiscard]] Batch runAlone(const Batch &batch, std::size_t place, std::size_t firstTicket);

} // namespace weir::engine

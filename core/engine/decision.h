// SPDX-License-Identifier: GPL-3.0-only
// What is to become of one request, all limits together.
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/engine/policies.h"
#include "core/limit/verdict.h"
#include "core/telemetry/decided_by.h"

namespace weir::engine {

struct Decision {
    using By = telemetry::DecidedBy; ///< never Nobody
    By by{By::Store};
    limit::Verdict verdict;             ///< Store and Local only
    const limit::Limit *limit{nullptr}; ///< by whose numbers; never null, valid during the call
    const Error *error{nullptr};        ///< Allow and Reject only: why the store did not decide; valid during the call

    [[nodiscard]] bool hasVerdict() const { return by == By::Store || by == By::Local; }
};

/// Names a request between its decision being asked for and given; the asker chooses it.
using Ticket = std::uint64_t;

} // namespace weir::engine

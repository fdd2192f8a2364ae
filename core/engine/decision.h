// SPDX-License-Identifier: GPL-3.0-only
// What is to become of one request, all limits together.
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/engine/policies.h"
#include "core/limit/verdict.h"

namespace weir::engine {

struct Decision {
    enum class By : std::uint8_t {
        Store,  ///< `verdict` says
        Allow,  ///< the store could not; let through
        Reject, ///< the store could not; turned away, `error` says why
    };
    By by{By::Store};
    limit::Verdict verdict;             ///< By::Store only
    const limit::Limit *limit{nullptr}; ///< by whose numbers; never null, valid during the call
    const Error *error{nullptr};        ///< not By::Store; valid during the call
};

/// Names a request between its decision being asked for and given; the asker chooses it.
using Ticket = std::uint64_t;

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// The decision on one request by all its limits.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/result.h"
#include "core/engine/decide/policies.h"
#include "core/limit/verdict.h"
#include "core/telemetry/decided_by.h"

namespace weir::engine {

/// What one limit says to a request.
struct LimitVerdict {
    const limit::Limit *limit{nullptr};
    limit::Verdict verdict; ///< Refused: it had no room. Admitted: it had, even if another limit refused
};

struct Decision {
    using By = telemetry::DecidedBy; ///< never Nobody
    By by{By::Store};
    limit::Verdict verdict;             ///< Store and Local only
    const limit::Limit *limit{nullptr}; ///< that `verdict` is of; never null, valid during the call
    limit::Tokens cost{0};              ///< of the request, of `limit`; Store and Local only, as the next
    std::string_view subject{};         ///< of the bucket of `limit`; valid during the call
    /// Each limit's, in their order, of which `limit` and `verdict` are the strictest; shadows are not among them.
    /// Valid during the call.
    std::span<const LimitVerdict> all{};
    const Error *error{nullptr}; ///< Allow and Reject only: why the store did not decide; valid during the call

    [[nodiscard]] bool hasVerdict() const { return by == By::Store || by == By::Local; }
};

/// Names a request between its decision being asked for and given; the asker chooses it.
using Ticket = std::uint64_t;

} // namespace weir::engine

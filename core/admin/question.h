// SPDX-License-Identifier: GPL-3.0-only
// A request that somebody asks about: what it must pay, and why each limit is for it or not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/admin/call.h"
#include "core/config/limit_entry.h"
#include "core/policy/plan.h"

namespace weir::admin {

/// Immutable once made.
struct Question {
    struct Part {
        std::optional<policy::Charge> charge{}; ///< nothing: the limit is not for the request
        std::string why;                        ///< it is, or is not: a sentence without its stop
    };
    std::shared_ptr<const config::LimitSet> set;
    policy::Access access{policy::Access::Limited};
    std::string why{};         ///< it is let through or turned away without a limit
    std::vector<Part> parts{}; ///< by limit
};

/// Read the question of GET /v1/check: a bucket (limit, key), or a request (path, method, client, header). What is wrong
/// with its parameters goes to `call`.
[[nodiscard]] Question readQuestion(Call &call, std::shared_ptr<const config::LimitSet> set);

} // namespace weir::admin

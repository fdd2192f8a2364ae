// SPDX-License-Identifier: GPL-3.0-only
// A request that somebody asks about: what it must pay, and why each limit is for it or not.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/policy/plan.h"

namespace weir::policy {

/// The parts of a request that limits look at.
struct AskedRequest {
    std::string method{"GET"};
    std::string target{"/"}; ///< as sent
    IpAddress client;
    std::vector<std::pair<std::string, std::string>> headers{};
};

/// Immutable once made.
struct Question {
    struct Part {
        std::optional<Charge> charge{}; ///< nothing: the limit is not for the request
        std::string why;                ///< it is, or is not: a sentence without its stop
    };
    std::shared_ptr<const config::LimitSet> set;
    Access access{Access::Limited};
    std::string why{};         ///< it is let through or turned away without a limit
    std::vector<Part> parts{}; ///< by limit
};

/// Ask what the limits of `set` want of a request that comes from no proxy. Compiles all of them: not for each request.
[[nodiscard]] Question questionOf(std::shared_ptr<const config::LimitSet> set, const AskedRequest &asked);

/// Tell whether the limit looks at fields of the head: its answer is another one for who does not know them.
[[nodiscard]] bool looksAtHead(const config::LimitEntry &limit);

} // namespace weir::policy

// SPDX-License-Identifier: GPL-3.0-only
// What a request costs one limit.
#pragma once

#include <string>
#include <vector>

#include "core/config/limit_entry.h"
#include "core/policy/matcher.h"
#include "core/policy/request_view.h"

namespace weir::policy {

/// More than any bucket can ever hold: the request is refused for ever.
inline constexpr limit::Tokens kNoBucketHolds = limit::kMaxCapacity + 1;

/// Immutable: any thread. Allocates nothing when asked.
class Cost {
public:
    /// `folds`: of its routes, as Matcher has it; another spelling of a cheap route is not cheap.
    explicit Cost(const config::RequestCost &entry, bool folds = false);

    [[nodiscard]] bool asksPath() const;
    [[nodiscard]] bool asksFolded() const;

    /// The number in the header, if the peer is trusted and sent one; what it names above the capacity is refused, not made
    /// cheaper. A trusted peer that sent more than one, or what is no whole number of 1 to 10 digits, asks for kNoBucketHolds.
    /// Without the header, the price of the first route that matches. Else the constant. `request.path` is canonical.
    ///
    /// A route that may match (Match::Maybe) is asked and passed by: the result is the highest price of those that may
    /// and the one that does.
    [[nodiscard]] limit::Tokens of(const RequestView &request) const;

private:
    struct Route {
        Matcher matcher;
        limit::Tokens cost;
    };
    [[nodiscard]] limit::Tokens byRoute(const RequestView &request) const;

    limit::Tokens m_cost;
    std::vector<Route> m_routes;
    std::string m_header; // in lower case; empty: none
};

} // namespace weir::policy

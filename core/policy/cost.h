// SPDX-License-Identifier: GPL-3.0-only
// What a request costs one limit.
#pragma once

#include <string>
#include <vector>

#include "core/config/limit_entry.h"
#include "core/policy/matcher.h"
#include "core/policy/request_view.h"

namespace weir::policy {

/// A cost that no bucket can hold: the request is always refused.
inline constexpr limit::Tokens kNoBucketHolds = limit::kMaxCapacity + 1;

/// Immutable: any thread. Allocates nothing when asked.
class Cost {
public:
    /// `folds`: for the routes, as of Matcher; another spelling of a cheap route does not get its price.
    explicit Cost(const config::RequestCost &entry, bool folds = false);

    [[nodiscard]] bool asksPath() const;
    [[nodiscard]] bool asksFolded() const;

    /// Return the number in the header, if the peer is trusted and sent one; a number above the capacity is refused,
    /// not lowered. A trusted peer that sent more than one, or what is no whole number of 1 to 10 digits, gets
    /// kNoBucketHolds. Without the header it is the price of the first route that matches, else the constant.
    /// `request.path` is canonical.
    ///
    /// A route that may match (Match::Maybe) does not end the search: the result is the highest price of those that may
    /// match and the first that does.
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

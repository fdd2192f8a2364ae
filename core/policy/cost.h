// SPDX-License-Identifier: GPL-3.0-only
// What a request costs one limit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/limit_entry.h"
#include "core/policy/matcher.h"
#include "core/policy/request_view.h"

namespace weir::policy {

struct Price {
    limit::Tokens cost{1};
    bool hasBadHeader{false}; ///< a trusted peer named a cost that cannot be one; the rest of the limit decided
    friend bool operator==(const Price &, const Price &) = default;
};

/// Immutable: any thread. Allocates nothing when asked.
class Cost {
public:
    /// `capacity`: of the limit; no header may name more.
    Cost(const config::RequestCost &entry, limit::Tokens capacity);

    [[nodiscard]] bool isConstant() const { return m_routes.empty() && m_header.empty(); }
    [[nodiscard]] bool asksPath() const;

    /// The number in the header, if the peer is trusted and sent exactly one, of 1 to 10 digits, from 0 to the capacity.
    /// Else the price of the first route that matches. Else the constant. `request.path` is canonical.
    ///
    /// A route that may match (Match::Maybe) is asked and passed by: the result is the highest price of those that may
    /// and the one that does.
    [[nodiscard]] Price of(const RequestView &request) const;

private:
    struct Route {
        Matcher matcher;
        limit::Tokens cost;
    };
    [[nodiscard]] limit::Tokens byRoute(const RequestView &request) const;

    limit::Tokens m_cost;
    limit::Tokens m_capacity;
    std::vector<Route> m_routes;
    std::string m_header; // in lower case; empty: none
};

} // namespace weir::policy

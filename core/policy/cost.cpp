// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/cost.h"

#include <algorithm>
#include <charconv>

namespace weir::policy {
namespace {

// What is named may be more than the capacity, then nobody is admitted; what is no cost at all must not be cheaper than that.
limit::Tokens readCost(std::string_view text)
{
    constexpr std::size_t kMaxDigits = 10; // of kMaxCapacity
    const bool isNumber =
        !text.empty() && text.size() <= kMaxDigits && text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!isNumber)
        return kNoBucketHolds;
    limit::Tokens cost = 0;
    std::from_chars(text.data(), text.data() + text.size(), cost);
    return std::min(cost, kNoBucketHolds);
}

} // namespace

Cost::Cost(const config::RequestCost &entry, bool folds) : m_cost{entry.cost}, m_header{lowerOf(entry.header)}
{
    for (const config::RouteCost &route : entry.routes)
        m_routes.push_back({Matcher{route.match, folds}, route.cost});
}

bool Cost::asksPath() const
{
    return std::any_of(m_routes.begin(), m_routes.end(), [](const Route &route) { return route.matcher.asksPath(); });
}

bool Cost::asksFolded() const
{
    return std::any_of(m_routes.begin(), m_routes.end(), [](const Route &route) { return route.matcher.asksFolded(); });
}

limit::Tokens Cost::of(const RequestView &request) const
{
    if (m_header.empty() || !request.isPeerTrusted)
        return byRoute(request);
    int fields = 0;
    std::string_view value;
    for (const HeaderField &field : request.headers) {
        if (!isNamed(field, m_header))
            continue;
        ++fields;
        value = field.value;
    }
    if (fields == 0)
        return byRoute(request);
    return fields == 1 ? readCost(value) : kNoBucketHolds;
}

limit::Tokens Cost::byRoute(const RequestView &request) const
{
    limit::Tokens mayBe = 0;
    for (const Route &route : m_routes) {
        const Match match = route.matcher.match(request);
        if (match == Match::Yes)
            return std::max(mayBe, route.cost);
        if (match == Match::Maybe)
            mayBe = std::max(mayBe, route.cost);
    }
    return std::max(mayBe, m_cost);
}

} // namespace weir::policy

// SPDX-License-Identifier: GPL-3.0-only
#include "core/engine/decide/limit_book.h"

#include <algorithm>
#include <utility>

namespace weir::engine {
namespace {

std::vector<std::string> groupNames(const config::LimitSet &set, const policy::Plan &plan)
{
    std::vector<std::size_t> sizes(set.limits.size(), 0);
    for (std::size_t i = 0; i < set.limits.size(); ++i)
        ++sizes[plan.groupOf(i)];
    std::vector<std::string> names(set.limits.size());
    for (std::size_t i = 0; i < set.limits.size(); ++i)
        if (const std::size_t group = plan.groupOf(i); sizes[group] > 1)
            names[i] = set.limits[group].name;
    return names;
}

} // namespace

LimitBook::LimitBook(config::LimitSet limitSet) : set{std::move(limitSet)}, plan{set}, groups{groupNames(set, plan)}
{
}

} // namespace weir::engine

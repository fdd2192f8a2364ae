// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/access_list.h"

#include <algorithm>

namespace weir::policy {

AccessTable::AccessTable(const config::AccessList &list)
    : m_networks{list.networks}, m_paths{list.paths.begin(), list.paths.end()}
{
    for (const config::KeyValue &key : list.keys) {
        const ValueSource source{key.part};
        valuesOf(source).listed.insert(valueFor(source, key.value));
    }
}

AccessTable::Values &AccessTable::valuesOf(const ValueSource &source)
{
    const auto found =
        std::find_if(m_keys.begin(), m_keys.end(), [&source](const Values &values) { return values.source == source; });
    return found != m_keys.end() ? *found : m_keys.emplace_back(Values{source, {}});
}

std::vector<ValueSource> AccessTable::sources() const
{
    std::vector<ValueSource> sources;
    for (const Values &values : m_keys)
        sources.push_back(values.source);
    return sources;
}

bool AccessTable::hasPath(std::string_view canonicalPath) const
{
    return std::any_of(m_paths.begin(), m_paths.end(),
                       [&](const PathPattern &pattern) { return pattern.matches(canonicalPath); });
}

bool AccessTable::mayMean(const RequestView &request, std::string &buffer) const
{
    if (m_networks.contains(request.client) || hasPath(request.path))
        return true;
    for (const Values &values : m_keys) {
        ValueWalk walk{values.source, request, buffer};
        while (walk.advance())
            if (values.listed.contains(walk.value()))
                return true;
    }
    return false;
}

bool AccessTable::means(const RequestView &request, std::string &buffer) const
{
    if (m_networks.contains(request.client) || hasPath(request.path))
        return true;
    for (const Values &values : m_keys) {
        ValueWalk walk{values.source, request, buffer};
        if (walk.advance() && values.listed.contains(walk.value()) && !walk.advance())
            return true;
    }
    return false;
}

} // namespace weir::policy

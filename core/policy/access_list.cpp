// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/access_list.h"

#include <algorithm>

#include "core/policy/folded_path.h"

namespace weir::policy {
namespace {

bool isIn(const std::vector<PathPattern> &patterns, std::string_view path)
{
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const PathPattern &pattern) { return pattern.matches(path); });
}

} // namespace

AccessTable::AccessTable(const config::AccessList &list, bool folds)
    : m_networks{list.networks}, m_paths{list.paths.begin(), list.paths.end()}
{
    for (const std::string &path : list.paths)
        if (folds)
            m_foldedPaths.emplace_back(foldedPattern(path));
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

bool AccessTable::mayMean(const RequestView &request, std::string &buffer) const
{
    if (m_networks.contains(request.client) || isIn(m_paths, request.path) || isIn(m_foldedPaths, request.folded))
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
    if (m_networks.contains(request.client) || isIn(m_paths, request.path))
        return true;
    for (const Values &values : m_keys) {
        ValueWalk walk{values.source, request, buffer};
        if (walk.advance() && values.listed.contains(walk.value()) && !walk.advance())
            return true;
    }
    return false;
}

} // namespace weir::policy

// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/access_list.h"

#include <algorithm>

#include "core/policy/folded_path.h"
#include "core/policy/value_hash.h"

namespace weir::policy {
namespace {

bool isIn(const std::vector<PathPattern> &patterns, std::string_view path)
{
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const PathPattern &pattern) { return pattern.matches(path); });
}

} // namespace

AccessTable::AccessTable(const config::AccessList &list, bool folds)
    : m_folds{folds}, m_networks{list.networks}, m_paths{list.paths.begin(), list.paths.end()}
{
    for (const std::string &path : list.paths)
        if (folds)
            m_foldedPaths.emplace_back(foldedPattern(path));
    for (const config::KeyValue &key : list.keys) {
        const ValueSource source{key.part};
        Values &values = valuesOf(source);
        values.listed.insert(valueFor(source, key.value));
        values.hasHash = values.hasHash || isValueHash(key.value);
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

// The hash of a bucket is that of the folded value where limits fold.
bool AccessTable::isListed(const Values &values, std::string_view value) const
{
    return values.listed.contains(value)
           || (values.hasHash && values.listed.contains(valueHash(m_folds ? lowerOf(value) : std::string{value})));
}

bool AccessTable::mayMean(const RequestView &request, std::string &buffer) const
{
    if (m_networks.contains(request.client) || isIn(m_paths, request.path) || isIn(m_foldedPaths, request.folded))
        return true;
    for (const Values &values : m_keys) {
        ValueWalk walk{values.source, request, buffer};
        while (walk.advance())
            if (isListed(values, walk.value()))
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
        if (walk.advance() && isListed(values, walk.value()) && !walk.advance())
            return true;
    }
    return false;
}

} // namespace weir::policy

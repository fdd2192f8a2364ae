// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/matcher.h"

#include <algorithm>

#include "core/policy/folded_path.h"

namespace weir::policy {
namespace {

Match matchHeader(const config::HeaderMatch &wanted, std::span<const HeaderField> headers)
{
    int fields = 0;
    bool isFound = false;
    for (const HeaderField &field : headers) {
        if (!isNamed(field, wanted.name))
            continue;
        ++fields;
        isFound = isFound || field.value == wanted.value
                  || std::find(wanted.others.begin(), wanted.others.end(), field.value) != wanted.others.end();
    }
    if (wanted.kind != config::HeaderMatch::Kind::Value)
        return (fields > 0) == (wanted.kind == config::HeaderMatch::Kind::Present) ? Match::Yes : Match::No;
    if (!isFound)
        return Match::No;
    return fields == 1 ? Match::Yes : Match::Maybe;
}

} // namespace

Matcher::Matcher(const config::RequestMatch &entry, bool folds)
    : m_path{entry.path}, m_methods{entry.methods}, m_networks{entry.networks}, m_headers{entry.headers}
{
    if (folds && asksPath())
        m_folded.emplace(foldedPattern(entry.path));
    for (config::HeaderMatch &header : m_headers)
        header.name = lowerOf(header.name);
    m_matchesAll = m_path.matchesAll() && m_methods.empty() && m_networks.isEmpty() && m_headers.empty();
}

Match Matcher::match(const RequestView &request) const
{
    if (m_matchesAll)
        return Match::Yes;
    if (!hasMethod(request.method) || (!m_networks.isEmpty() && !m_networks.contains(request.client)))
        return Match::No;
    const Match path = matchPath(request);
    return path == Match::No ? path : std::min(path, matchHeaders(request.headers));
}

// A folded path ends in "/"; a pattern may or may not.
Match Matcher::matchPath(const RequestView &request) const
{
    if (m_path.matches(request.path))
        return Match::Yes;
    if (!m_folded || request.folded.empty())
        return Match::No;
    const bool isSpelling =
        m_folded->matches(request.folded) || m_folded->matches(request.folded.substr(0, request.folded.size() - 1));
    return isSpelling ? Match::Maybe : Match::No;
}

bool Matcher::hasMethod(std::string_view method) const
{
    return m_methods.empty() || std::find(m_methods.begin(), m_methods.end(), method) != m_methods.end();
}

Match Matcher::matchHeaders(std::span<const HeaderField> headers) const
{
    Match all = Match::Yes;
    for (const config::HeaderMatch &wanted : m_headers)
        all = std::min(all, matchHeader(wanted, headers));
    return all;
}

bool Matcher::mayMeet(const Matcher &other) const
{
    if (m_matchesAll || other.m_matchesAll)
        return true;
    const bool haveMethod = m_methods.empty() || other.m_methods.empty()
                            || std::any_of(m_methods.begin(), m_methods.end(),
                                           [&other](const std::string &method) { return other.hasMethod(method); });
    return haveMethod && mayMeetPath(other)
           && (m_networks.isEmpty() || other.m_networks.isEmpty() || m_networks.meets(other.m_networks));
}

// Spellings of one path may be anywhere.
bool Matcher::mayMeetPath(const Matcher &other) const
{
    return m_folded || other.m_folded || m_path.mayMeet(other.m_path);
}

} // namespace weir::policy

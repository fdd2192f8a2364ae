// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/limit_set.h"

#include <algorithm>
#include <optional>

#include "core/config/client_header.h"
#include "core/config/key_text.h"

namespace weir::config {
namespace {

// Text of the same kind is the same bits first; an IPv4 network has no IPv6 addresses in it and the other way round.
bool contains(const Network &outer, const Network &inner)
{
    return outer.prefixBits <= inner.prefixBits && outer.contains(inner.base);
}

bool isWithin(const Network &network, const std::vector<Network> &networks)
{
    return std::any_of(networks.begin(), networks.end(),
                       [&](const Network &outer) { return contains(outer, network); });
}

bool areWithin(const std::vector<Network> &inner, const std::vector<Network> &outer)
{
    return std::all_of(inner.begin(), inner.end(), [&](const Network &network) { return isWithin(network, outer); });
}

// Of one pattern with one star at its end, which begins all that the other one matches. Percent-encoding is left alone:
// one path has several spellings there.
bool coversPath(const std::string &outer, const std::string &inner)
{
    if (outer.empty() || outer == "*" || outer == inner)
        return true;
    const std::size_t star = outer.find('*');
    return star != std::string::npos && star + 1 == outer.size() && outer.find('%') == std::string::npos
           && inner.compare(0, star, outer, 0, star) == 0;
}

bool coversMethods(const std::vector<std::string> &outer, const std::vector<std::string> &inner)
{
    const auto isKnown = [&](const std::string &method) {
        return std::find(outer.begin(), outer.end(), method) != outer.end();
    };
    return outer.empty() || (!inner.empty() && std::all_of(inner.begin(), inner.end(), isKnown));
}

bool isSameHeader(const HeaderMatch &a, const HeaderMatch &b)
{
    return lowerCased(a.name) == lowerCased(b.name) && a.kind == b.kind && a.value == b.value && a.others == b.others;
}

bool coversHeaders(const std::vector<HeaderMatch> &outer, const std::vector<HeaderMatch> &inner)
{
    return std::all_of(outer.begin(), outer.end(), [&](const HeaderMatch &wanted) {
        return std::any_of(inner.begin(), inner.end(), [&](const HeaderMatch &said) {
            const bool isAnyValue = wanted.kind == HeaderMatch::Kind::Present && said.kind == HeaderMatch::Kind::Value
                                    && lowerCased(wanted.name) == lowerCased(said.name);
            return isAnyValue || isSameHeader(wanted, said);
        });
    });
}

// A request may lack a part of the key, and then the limit is not for it.
bool mayLeaveOut(const LimitEntry &limit)
{
    return limit.withoutKey == WithoutKey::Unlimited && std::any_of(limit.key.begin(), limit.key.end(), mayBeMissing);
}

// Certain for every algorithm: with the same interval and the same costs the stricter one has at most as much left, at
// every moment and for every key, and refuses whatever the other one would. A bucket that starts empty can be behind.
bool isAtLeastAsStrict(const LimitEntry &a, const LimitEntry &b)
{
    return a.isOn && !a.isShadow && !a.isOtherwise && !mayLeaveOut(a) && covers(a.match, b.match) && a.key == b.key
           && a.cost == b.cost && a.onStoreFailure == b.onStoreFailure && a.spec.algorithm == b.spec.algorithm
           && a.spec.interval == b.spec.interval && a.spec.capacity <= b.spec.capacity && a.spec.refill <= b.spec.refill
           && b.spec.start == limit::StartLevel::Full;
}

// Whoever it is, a client can be somebody else there with each request.
bool isOfOwnChoice(const KeyPart &part)
{
    return part.kind == KeyPart::Kind::Header && isUsualClientHeader(part.name);
}

bool costsNothing(const RequestCost &cost)
{
    return cost.cost == 0 && cost.header.empty()
           && std::all_of(cost.routes.begin(), cost.routes.end(),
                          [](const RouteCost &route) { return route.cost == 0; });
}

class LimitSetWarnings {
public:
    explicit LimitSetWarnings(const LimitSet &limitSet) : m_set{limitSet} {}

    [[nodiscard]] std::vector<ConfigIssue> all() &&
    {
        for (std::size_t i = 0; i < m_set.limits.size(); ++i)
            if (m_set.limits[i].isOn)
                limit(i);
        exemptions();
        return std::move(m_issues);
    }

private:
    void warn(std::string path, std::string problem, std::string hint)
    {
        m_issues.push_back({std::move(path), std::move(problem), std::move(hint)});
    }

    static std::string pathOf(std::size_t index) { return "limit[" + std::to_string(index + 1) + "]"; }
    static std::string named(const LimitEntry &limit) { return "\"" + limit.name + "\""; }

    void limit(std::size_t index)
    {
        const LimitEntry &limit = m_set.limits[index];
        if (isBlocked(limit.match))
            warn(pathOf(index), named(limit) + " is never asked: [block] turns away all its requests first", {});
        else if (isWholly(limit.match, m_set.allow.networks))
            warn(pathOf(index), named(limit) + " is never asked: [allow] lets all its requests through first", {});
        else if (const auto earlier = takenBefore(index))
            warn(pathOf(index),
                 named(limit) + " is never asked: " + named(m_set.limits[*earlier])
                     + " above it is for the same requests",
                 {});
        else if (costsNothing(limit.cost))
            warn(pathOf(index), named(limit) + " never refuses: its requests cost 0", {});
        else if (const auto stricter = stricterThan(index))
            warn(pathOf(index),
                 named(limit) + " never decides: " + named(m_set.limits[*stricter])
                     + " is at least as strict for the same requests and keys",
                 {});
        keys(index);
        routes(index);
        headers(pathOf(index) + ".match", limit.match);
    }

    // What other programs mean by it.
    void headers(const std::string &path, const RequestMatch &match)
    {
        for (const HeaderMatch &header : match.headers) {
            if (header.kind != HeaderMatch::Kind::Value || !header.others.empty())
                continue;
            const std::string at = path + ".header." + header.name;
            if (header.value == "*")
                warn(at, "\"*\" is compared as it stands, and few clients send a star", "true for any value");
            else if (header.value.empty())
                warn(at, "\"\" is a field that is sent and says nothing",
                     "false for a request without it, true for any value");
        }
    }

    void keys(std::size_t index)
    {
        const LimitEntry &limit = m_set.limits[index];
        const bool isPathAlone = limit.key.size() == 1 && limit.key.front().kind == KeyPart::Kind::Path;
        if (isPathAlone && (limit.match.path.empty() || limit.match.path == "*" || limit.match.path == "/*"))
            warn(pathOf(index) + ".key",
                 "a client that makes paths up has a new bucket with each of them, up to keys.max_live",
                 "\"ip\" beside it, or a match with the paths that there are");
        for (const KeyPart &part : limit.key)
            if (isOfOwnChoice(part))
                warn(pathOf(index) + ".key",
                     "every client can write " + part.name + " itself, and has a new bucket with each value",
                     "\"ip\", with that field as client_header in [server]");
    }

    // All clients of `match` are in `networks`.
    static bool isWholly(const RequestMatch &match, const std::vector<Network> &networks)
    {
        const Network allIpv4{parseIpAddress("0.0.0.0").value_or(IpAddress{}), 96}, allIpv6{IpAddress{}, 0};
        return !networks.empty()
               && areWithin(match.networks.empty() ? std::vector{allIpv4, allIpv6} : match.networks, networks);
    }

    // A header that is sent twice blocks as well; it would not exempt.
    [[nodiscard]] bool isBlocked(const RequestMatch &match) const
    {
        const auto isListed = [&](const HeaderMatch &header) {
            return std::any_of(m_set.block.keys.begin(), m_set.block.keys.end(), [&](const KeyValue &key) {
                return key.part.kind == KeyPart::Kind::Header && isSameHeader(header, {key.part.name, key.value});
            });
        };
        return isWholly(match, m_set.block.networks)
               || std::any_of(match.headers.begin(), match.headers.end(), isListed);
    }

    // A limit above one that is only for what is left over.
    [[nodiscard]] std::optional<std::size_t> takenBefore(std::size_t index) const
    {
        const LimitEntry &limit = m_set.limits[index];
        for (std::size_t i = 0; i < index && limit.isOtherwise; ++i) {
            const LimitEntry &earlier = m_set.limits[i];
            if (earlier.isOn && !earlier.isOtherwise && !mayLeaveOut(earlier) && earlier.match.headers.empty()
                && covers(earlier.match, limit.match))
                return i;
        }
        return std::nullopt;
    }

    // Of two that are equally strict the first one decides. One that only counts decides nothing anyway.
    [[nodiscard]] std::optional<std::size_t> stricterThan(std::size_t index) const
    {
        const LimitEntry &limit = m_set.limits[index];
        for (std::size_t i = 0; i < m_set.limits.size() && !limit.isShadow; ++i) {
            const LimitEntry &other = m_set.limits[i];
            const bool isTie = i > index && !other.isShadow && isAtLeastAsStrict(limit, other);
            if (i != index && !isTie && isAtLeastAsStrict(other, limit))
                return i;
        }
        return std::nullopt;
    }

    // The first route that matches counts. Of a header sent twice it is not known which value counts, so a route that
    // asks for one hides nothing for certain.
    void routes(std::size_t index)
    {
        const std::vector<RouteCost> &routes = m_set.limits[index].cost.routes;
        for (std::size_t later = 1; later < routes.size(); ++later)
            for (std::size_t earlier = 0; earlier < later; ++earlier)
                if (routes[earlier].match.headers.empty() && covers(routes[earlier].match, routes[later].match)) {
                    const std::string path = pathOf(index) + ".cost_by_route[";
                    warn(path + std::to_string(later + 1) + "]",
                         "it never counts: cost_by_route[" + std::to_string(earlier + 1)
                             + "] comes first for the same requests",
                         "the special routes first");
                    break;
                }
    }

    void exemptions()
    {
        const std::vector<Network> &networks = m_set.allow.networks;
        for (std::size_t i = 0; i < networks.size(); ++i)
            if (isWithin(networks[i], m_set.block.networks))
                warn("allow.networks[" + std::to_string(i + 1) + "]",
                     printNetwork(networks[i]) + " has no effect: [block] turns it away first", {});
        for (std::size_t i = 0; i < m_set.allow.keys.size(); ++i)
            if (std::find(m_set.block.keys.begin(), m_set.block.keys.end(), m_set.allow.keys[i])
                != m_set.block.keys.end())
                warn("allow.keys[" + std::to_string(i + 1) + "]",
                     "it has no effect: [block] has the same key and goes first", {});
            else if (isOfOwnChoice(m_set.allow.keys[i].part))
                warn("allow.keys[" + std::to_string(i + 1) + "]",
                     "it lets every client through that writes " + m_set.allow.keys[i].part.name + " itself",
                     "networks, with that field as client_header in [server]");
    }

    const LimitSet &m_set;
    std::vector<ConfigIssue> m_issues;
};

} // namespace

bool covers(const RequestMatch &outer, const RequestMatch &inner)
{
    return coversPath(outer.path, inner.path) && coversMethods(outer.methods, inner.methods)
           && (outer.networks.empty() || (!inner.networks.empty() && areWithin(inner.networks, outer.networks)))
           && coversHeaders(outer.headers, inner.headers);
}

std::vector<ConfigIssue> warningsOf(const LimitSet &limitSet)
{
    return LimitSetWarnings{limitSet}.all();
}

} // namespace weir::config

// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/network_table.h"

#include <algorithm>

namespace weir::policy {
namespace {

// Two networks are one within the other or apart: so it is enough to look at the one before.
void keepOutermost(std::vector<Network> &networks)
{
    std::sort(networks.begin(), networks.end(), [](const Network &a, const Network &b) {
        return a.base.bytes != b.base.bytes ? a.base.bytes < b.base.bytes : a.prefixBits < b.prefixBits;
    });
    std::vector<Network> outermost;
    for (const Network &network : networks)
        if (outermost.empty() || !outermost.back().contains(network.base))
            outermost.push_back(network);
    networks = std::move(outermost);
}

bool isIn(const std::vector<Network> &networks, const IpAddress &address)
{
    const auto after = std::upper_bound(
        networks.begin(), networks.end(), address,
        [](const IpAddress &wanted, const Network &network) { return wanted.bytes < network.base.bytes; });
    return after != networks.begin() && std::prev(after)->contains(address);
}

bool haveCommon(const std::vector<Network> &some, const std::vector<Network> &others)
{
    auto a = some.begin();
    auto b = others.begin();
    while (a != some.end() && b != others.end()) {
        if (a->contains(b->base) || b->contains(a->base))
            return true;
        if (a->base.bytes < b->base.bytes)
            ++a;
        else
            ++b;
    }
    return false;
}

} // namespace

NetworkTable::NetworkTable(std::span<const Network> networks)
{
    for (const Network &network : networks)
        (network.base.isIpv4() ? m_ipv4 : m_ipv6).push_back(network);
    keepOutermost(m_ipv4);
    keepOutermost(m_ipv6);
}

bool NetworkTable::contains(const IpAddress &address) const
{
    return isIn(address.isIpv4() ? m_ipv4 : m_ipv6, address);
}

bool NetworkTable::meets(const NetworkTable &other) const
{
    return haveCommon(m_ipv4, other.m_ipv4) || haveCommon(m_ipv6, other.m_ipv6);
}

} // namespace weir::policy

// SPDX-License-Identifier: GPL-3.0-only
// IPv6 addresses that carry an IPv4 address inside: the IPv4 client came through a translator or a tunnel, and is itself.
#pragma once

#include <optional>

#include "core/base/ip_address.h"

namespace weir {

/// The IPv4 address that such an address is the client of: of a translator (64:ff9b::/96 of RFC 6052, ::ffff:0:0:0/96 of RFC
/// 2765), of 6to4 (2002::/16, where it is the whole site), of Teredo (2001::/32, where it is inverted) and the IPv4-compatible
/// ones (::/96). Otherwise all who come through one translator would be one client, cut to /64, and one 6to4 site 65,536 of them.
///
/// Nothing for what is IPv4 already (IpAddress::isIpv4()), for ISATAP and all other places in an interface identifier, which
/// anybody may choose who has a network, and when the IPv4 address is none of the public internet: then it is not what a
/// translator or tunnel makes, and nobody becomes 127.0.0.1 by it.
[[nodiscard]] std::optional<IpAddress> carriedIpv4(const IpAddress &address);

/// Who a peer is: the carried address, else the address.
[[nodiscard]] IpAddress clientOf(const IpAddress &address);

/// The IPv4 network that is meant by one written in such a form; nothing when it is in none, or carries no public addresses.
[[nodiscard]] std::optional<Network> carriedNetwork(const Network &network);

/// Is it the whole of such a form, or of a part that no IPv4 network can say? Nobody is in it: its clients are IPv4.
[[nodiscard]] bool carriesAllIpv4(const Network &network);

} // namespace weir

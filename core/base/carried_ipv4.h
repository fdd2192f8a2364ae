// SPDX-License-Identifier: GPL-3.0-only
// IPv6 addresses with an IPv4 address inside, as translators and tunnels make them: the client is the one with the IPv4
// address.
#pragma once

#include <optional>

#include "core/base/ip_address.h"

namespace weir {

/// Return the IPv4 address inside `address`: of a translator (64:ff9b::/96 of RFC 6052, ::ffff:0:0:0/96 of RFC 2765),
/// of 6to4 (2002::/16, where it is that of a whole site), of Teredo (2001::/32, where its bits are inverted) or
/// IPv4-compatible (::/96). Without this all clients of one translator would count as one, because IPv6 addresses are
/// cut to /64, and one 6to4 site as 65,536 clients.
///
/// Nothing for an address that is IPv4 already (IpAddress::isIpv4()); for ISATAP and all other forms within the
/// interface identifier, which the owner of a network chooses freely; and when the IPv4 address is not public, which no
/// translator or tunnel makes: nobody can pass for 127.0.0.1.
[[nodiscard]] std::optional<IpAddress> carriedIpv4(const IpAddress &address);

/// Return the address that a peer counts as: that of carriedIpv4(), else `address`.
[[nodiscard]] IpAddress clientOf(const IpAddress &address);

/// Return the IPv4 network that an IPv6 network in one of these forms stands for; nothing when it is in none of them,
/// or its IPv4 addresses are not public.
[[nodiscard]] std::optional<Network> carriedNetwork(const Network &network);

/// Tell whether `network` is a whole form, or a part of one that no IPv4 network can express. No client is in such a
/// network, because its clients count as IPv4.
[[nodiscard]] bool carriesAllIpv4(const Network &network);

} // namespace weir

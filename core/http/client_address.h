// SPDX-License-Identifier: GPL-3.0-only
// Whose request it is when a proxy brings it: by the one field that the proxy writes, believed as far as trust goes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ip_address.h"

namespace weir::http {

/// Who is believed about the clients of a server, and in which field. The others are not looked at: a proxy passes on
/// what it does not write itself as the client sent it.
struct ProxyTrust {
    ProxyTrust() = default;
    /// `fieldName` in any case: "X-Forwarded-For", "Forwarded"; of any other name the field holds one address.
    ProxyTrust(std::vector<Network> trusted, std::string_view fieldName);

    enum class Form : std::uint8_t {
        Addresses, ///< X-Forwarded-For: each proxy adds whom it was connected to
        Elements,  ///< Forwarded (RFC 7239): the same in pairs
        OneAddress ///< X-Real-IP, CF-Connecting-IP and the like: the proxy sets it
    };
    std::vector<Network> networks;        ///< none: nobody is believed
    std::string field{"x-forwarded-for"}; ///< in lower case
    Form form{Form::Addresses};
};

/// The address of the client that `peer`, the other end of the connection, speaks for. `said`: what the request has in
/// the field of `trust`; several fields of that name are their values in order, with "," between, as RFC 9110, 5.3 says.
/// Nothing: there is no such field.
///
/// An untrusted peer speaks for itself, whatever it says. So does a trusted one that says nothing, as for a health check.
///
/// Of a list: each proxy writes on the right whom it was connected to; everything left of that was there before and may
/// be made up. So the walk begins at the peer and goes left. As long as the address that was reached is trusted, and a hop
/// is left, the next hop to the left is believed. The result is the first address that is not trusted, or the leftmost hop
/// when all are.
///
/// - A hop that is no address (empty, "unknown", "_hidden", a name, garbage) ends the walk at the address before it, on
///   its right: that proxy does not say whom it speaks for. No client gains by that. What it sends stands left of its own
///   address, which the first proxy wrote: unless that address is trusted nobody reads on, and if it is, the walk ends
///   there at the latest. Whoever has a trusted address can name anybody, so only proxies should have one.
/// - A hop is "192.0.2.1", "192.0.2.1:4711", "[2001:db8::1]:4711", "[2001:db8::1]" or "2001:db8::1"; a port is 0 to 65535
///   or, hidden, "_" and letters, digits, dots, underscores, dashes. Spaces and tabs around a hop do not count. A bare
///   IPv6 address has no port: what looks like one is its last group.
/// - An element of Forwarded is pairs NAME=VALUE with ";" between, in any order, names in any case. Exactly one is
///   "for"; none, or two, make the whole element unreadable, and so does anything else that is no such list. Empty pairs
///   and spaces around ";" are let pass. A value is a quoted-string with its escapes or anything visible without
///   quotes, commas, semicolons and backslashes: proxies often leave out the quotes that ":" and "[" would need. A hop of
///   more than 63 characters, once unquoted, is unreadable.
/// - Commas within quoted-strings do not separate elements. Quotes are matched from the right too, so that one which a
///   client left open cannot swallow what a proxy wrote behind it.
///
/// Of one address: it is the client, trusted or not, written as a hop is. What is no address is the peer, as for a list.
/// A comma makes it several: the proxy adds to what the client sent instead of setting it. Which one is the client's is
/// not known then, and the peer would be a client's own choice: there is no result, and the request is to be refused.
///
/// Any thread; takes time in proportion to the length of the field (times the number of networks), no memory.
[[nodiscard]] std::optional<IpAddress> clientAddress(const IpAddress &peer, std::optional<std::string_view> said,
                                                     const ProxyTrust &trust);

} // namespace weir::http

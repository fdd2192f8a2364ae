// SPDX-License-Identifier: GPL-3.0-only
// Finds the client of a request that came by proxies, from the one header field that they write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ip_address.h"

namespace weir::http {

/// Which proxies are believed about their clients, and in which field. Other fields are ignored: a proxy forwards those
/// that it does not write as the client sent them.
struct ProxyTrust {
    ProxyTrust() = default;
    /// `fieldName` in any case: "X-Forwarded-For", "Forwarded"; of any other name the field holds one address.
    ProxyTrust(std::vector<Network> trusted, std::string_view fieldName);

    enum class Form : std::uint8_t {
        Addresses, ///< X-Forwarded-For: each proxy appends the address of its peer
        Elements,  ///< Forwarded (RFC 7239): the same in pairs
        OneAddress ///< X-Real-IP, CF-Connecting-IP and the like: set by the proxy
    };
    std::vector<Network> networks;        ///< none: nobody is believed
    std::string field{"x-forwarded-for"}; ///< in lower case
    Form form{Form::Addresses};
};

/// Return the address of the client behind `peer`, the other end of the connection. `said`: the value of the field of
/// `trust`; several fields of that name are joined in order by "," (RFC 9110, 5.3). Nothing: there is no such field.
///
/// An untrusted peer is the client, whatever it sends. So is a trusted one without the field, as in a health check.
///
/// A list: each proxy appends the address of its peer on the right; everything left of that was there before and may be
/// forged. So the walk begins at the peer and goes left. As long as the current address is trusted, and a hop is left,
/// the next hop to the left is believed. The result is the first address that is not trusted, or the leftmost hop when
/// all are.
///
/// - A hop that is no address (empty, "unknown", "_hidden", a name, garbage) ends the walk at the address on its right:
///   that proxy does not name its peer. No client gains by that. What a client sends stands left of its own address,
///   which the first proxy wrote: unless that address is trusted, the walk ends before it, and if it is, the walk ends
///   there at the latest. A host with a trusted address can name any client, so only proxies should have one.
/// - A hop is "192.0.2.1", "192.0.2.1:4711", "[2001:db8::1]:4711", "[2001:db8::1]" or "2001:db8::1"; a port is 0 to
///   65535 or, hidden, "_" and letters, digits, dots, underscores, dashes. Spaces and tabs around a hop do not count. A
///   bare IPv6 address has no port: what looks like one is its last group.
/// - An element of Forwarded is pairs NAME=VALUE with ";" between, in any order, names in any case. Exactly one is
///   "for"; none, or two, make the whole element unreadable, and so does anything else that is no such list. Empty
///   pairs and spaces around ";" are allowed. A value is a quoted-string with its escapes or anything visible without
///   quotes, commas, semicolons and backslashes: proxies often leave out the quotes that ":" and "[" would need. A hop
///   of more than 63 characters, once unquoted, is unreadable.
/// - Commas within quoted-strings do not separate elements. Quotes are matched from the right too, so that a quote that
///   a client left open cannot hide what a proxy appended.
///
/// One address: it is the client, trusted or not, written like a hop. If it is no address, the client is the peer, as
/// for a list. A comma means that the proxy appends to what the client sent instead of setting the field. Then the
/// client is not known, and taking the peer would leave the choice to clients: there is no result, and the request is
/// to be refused.
///
/// Any thread. Linear in the length of the field times the number of networks; no memory.
[[nodiscard]] std::optional<IpAddress> clientAddress(const IpAddress &peer, std::optional<std::string_view> said,
                                                     const ProxyTrust &trust);

} // namespace weir::http

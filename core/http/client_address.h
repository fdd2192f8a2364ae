// SPDX-License-Identifier: GPL-3.0-only
// Whose request it is when a proxy brings it: X-Forwarded-For and Forwarded (RFC 7239), believed as far as trust goes.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/base/ip_address.h"

namespace weir::http {

/// What a request says about the way it came. Several fields of one name: their values in order, with "," between, as
/// RFC 9110, 5.3 says. Nothing: there is no such field, which is not the same as an empty one.
struct ForwardedFields {
    std::optional<std::string_view> xForwardedFor;
    std::optional<std::string_view> forwarded;
};

/// The address of the client that `peer`, the other end of the connection, speaks for.
///
/// Each proxy writes on the right whom it was connected to; everything left of that was there before and may be made
/// up. So the walk begins at the peer and goes left. As long as the address that was reached is in one of `trusted`, and
/// a hop is left, the next hop to the left is believed. The result is the first address that is not trusted, or the
/// leftmost hop when all are.
///
/// - An untrusted peer speaks for itself: both fields are ignored. With no networks in `trusted` that is every peer.
/// - A hop that is no address (empty, "unknown", "_hidden", a name, garbage) ends the walk at the address before it, on
///   its right: that proxy does not say whom it speaks for.
/// - Both fields are there and lead to different addresses: the result is the peer. A proxy that writes one of them
///   passes the other on as the client sent it, and which one it writes cannot be seen.
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
/// Any thread; takes time in proportion to the length of the fields (times the number of networks), no memory.
[[nodiscard]] IpAddress clientAddress(const IpAddress &peer, const ForwardedFields &fields,
                                      std::span<const Network> trusted);

} // namespace weir::http

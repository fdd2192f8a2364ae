// SPDX-License-Identifier: GPL-3.0-only
// IP addresses and networks as values: however one is written, it is one value with one spelling.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/value_fault.h"

namespace weir {

/// 16 bytes in network order. An IPv4 address is held as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), so that a client is one
/// address whether it came through an IPv4 socket or through one that takes both.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{}; ///< ::

    [[nodiscard]] bool isIpv4() const;
    [[nodiscard]] bool isLoopback() const; ///< 127.0.0.0/8 or ::1
    friend bool operator==(const IpAddress &, const IpAddress &) = default;
};

/// Read "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1"; groups of an IPv6 address may have leading zeros, as RFC 4291
/// allows. Nothing for all else: names, short forms ("127.1"), octets with leading zeros (octal for some), zones
/// ("fe80::1%eth0"), brackets, ports, spaces.
[[nodiscard]] std::optional<IpAddress> parseIpAddress(std::string_view text);

/// Return the spelling of RFC 5952, "2001:db8::1", and "10.0.0.1" for all that is IPv4. At most 39 characters.
[[nodiscard]] std::string printIpAddress(const IpAddress &address);

/// The addresses that share the first `prefixBits` bits with `base`; default: the address :: alone.
struct Network {
    IpAddress base;      ///< all bits beyond the prefix are 0
    int prefixBits{128}; ///< 0 to 128, of the 16 bytes: 96 more than an IPv4 network is written with

    /// Tell whether `address` is in this network. An IPv4 network has IPv4 addresses only, an IPv6 one none of them:
    /// ::/0 does not contain 10.0.0.1.
    [[nodiscard]] bool contains(const IpAddress &address) const;
    friend bool operator==(const Network &, const Network &) = default;
};

/// Tell whether one of `networks` contains `address`. Linear in their number.
[[nodiscard]] bool isInAny(std::span<const Network> networks, const IpAddress &address);

/// Read CIDR (RFC 4632): "10.0.0.0/8", "2001:db8::/32"; an address alone is the network of that one address. Bits set
/// beyond the prefix ("10.0.0.1/8") are a fault: either the address or the prefix is not what was meant. An IPv6
/// network with IPv4 addresses inside (core/base/carried_ipv4.h) becomes the network of those.
[[nodiscard]] std::variant<Network, ValueFault> parseNetwork(std::string_view text);

/// Return what parseNetwork reads back: "10.0.0.0/8", "::1/128".
[[nodiscard]] std::string printNetwork(const Network &network);

} // namespace weir

template<>
struct std::hash<weir::IpAddress> {
    std::size_t operator()(const weir::IpAddress &address) const noexcept;
};

// SPDX-License-Identifier: GPL-3.0-only
// Fields to begin with, when looking for some that break the properties of the client's address.
#pragma once

#include <array>
#include <string_view>

namespace weir::test {

/// One of every kind of hop, of list and of mischief; as brokenClientAddressProperty() takes them.
inline constexpr std::array<std::string_view, 22> kClientAddressSeeds{
    "198.51.100.7",
    "198.51.100.7, 10.0.0.2",
    "1.1.1.1, 198.51.100.7:443,\t10.0.0.3:_a, 10.0.0.2",
    "2001:db8::7, [2001:db8:1::2]:4711, 10.0.0.2",
    "2a00::7, ::ffff:10.0.0.3, [::ffff:127.0.0.1]",
    "198.51.100.7, unknown, 10.0.0.2",
    "198.51.100.7, , _hidden",
    "10.0.0.4, 10.0.0.3, 127.0.0.1",
    "for=198.51.100.7",
    "for=198.51.100.7;proto=http;by=203.0.113.43, for=10.0.0.2",
    "For=\"[2a00::7]:4711\", for=\"10.0.0.3:80\";host=\"a,b\", proto=https ; FOR=10.0.0.2",
    "for=\"198\\.51.100.7\";x=\"\\\"\\\\\", for=10.0.0.2;y=\"for=1.1.1.1, for=2.2.2.2\"",
    "for=unknown, for=\"_hidden\", for=10.0.0.2",
    "for=1.1.1.1;for=2.2.2.2, for=10.0.0.2",
    "for=\"1.1.1.1, for=198.51.100.7, for=10.0.0.2",
    "for=2001:db8::1, for=[2001:db8::2]:80, for=10.0.0.2",
    "198.51.100.7,",
    "[2a00::7]:4711",
    "::ffff:198.51.100.7",
    "x, for=198.51.100.7",
    "for=10.0.0.2\", for=\"198.51.100.7:80\", for=10.0.0.3",
    "fe80::1%eth0, 01.2.3.4, 1.2.3.4:65536,;;for=10.0.0.2; ;, for=",
};

} // namespace weir::test

// SPDX-License-Identifier: GPL-3.0-only
#include "core/base/carried_ipv4.h"

#include <algorithm>

namespace weir {
namespace {

using Octets = std::array<std::uint8_t, 4>;

struct Form {
    std::array<std::uint8_t, 12> prefix; ///< of which so many bytes count
    std::size_t prefixBytes;
    std::size_t at; ///< of the first octet
    bool isInverted{false};
};

constexpr std::array kForms{
    Form{{0x00, 0x64, 0xff, 0x9b}, 12, 12},             // NAT64, RFC 6052, 2.1
    Form{{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 12, 12}, // SIIT, RFC 2765, 2.1: ::ffff:0:a.b.c.d
    Form{{}, 12, 12},                                   // IPv4-compatible, RFC 4291, 2.5.5.1
    Form{{0x20, 0x02}, 2, 2},                           // 6to4, RFC 3056, 2
    Form{{0x20, 0x01}, 4, 12, true},                    // Teredo, RFC 4380, 4: the outer address of the client's NAT
};

const Form *formOf(const IpAddress &address)
{
    const auto form = std::find_if(kForms.begin(), kForms.end(), [&](const Form &one) {
        return std::equal(one.prefix.begin(), one.prefix.begin() + one.prefixBytes, address.bytes.begin());
    });
    return form == kForms.end() ? nullptr : &*form;
}

Octets octetsOf(const Form &form, const IpAddress &address)
{
    Octets octets{};
    for (std::size_t i = 0; i < octets.size(); ++i)
        octets[i] = static_cast<std::uint8_t>(address.bytes[form.at + i] ^ (form.isInverted ? 0xff : 0));
    return octets;
}

// RFC 6890: not this network, private, shared, loopback, link-local, multicast or reserved.
bool isPublic(const Octets &octets)
{
    const int first = octets[0], second = octets[1];
    return first != 0 && first != 10 && first != 127 && first < 224 && !(first == 100 && second >= 64 && second < 128)
           && !(first == 169 && second == 254) && !(first == 172 && second >= 16 && second < 32)
           && !(first == 192 && second == 168);
}

IpAddress ipv4Of(const Octets &octets)
{
    IpAddress address;
    address.bytes[10] = address.bytes[11] = 0xff;
    std::copy(octets.begin(), octets.end(), address.bytes.begin() + 12);
    return address;
}

} // namespace

std::optional<IpAddress> carriedIpv4(const IpAddress &address)
{
    const Form *form = formOf(address);
    if (!form)
        return std::nullopt;
    const Octets octets = octetsOf(*form, address);
    return isPublic(octets) ? std::optional{ipv4Of(octets)} : std::nullopt;
}

IpAddress clientOf(const IpAddress &address)
{
    return carriedIpv4(address).value_or(address);
}

std::optional<Network> carriedNetwork(const Network &network)
{
    const Form *form = formOf(network.base);
    const auto ipv4 = carriedIpv4(network.base);
    const int first = form ? static_cast<int>(form->at) * 8 : 0;
    if (!ipv4 || network.prefixBits <= first || (form->isInverted && network.prefixBits < 128))
        return std::nullopt;
    return Network{*ipv4, std::min(96 + network.prefixBits - first, 128)};
}

bool carriesAllIpv4(const Network &network)
{
    const Form *form = formOf(network.base);
    // ::/96 has :: and ::1 in it.
    if (!form || form->prefix == std::array<std::uint8_t, 12>{}
        || network.prefixBits < static_cast<int>(form->prefixBytes) * 8)
        return false;
    return form->isInverted ? network.prefixBits <= 96 : octetsOf(*form, network.base) == Octets{};
}

} // namespace weir

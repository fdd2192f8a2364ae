// SPDX-License-Identifier: GPL-3.0-only
#include "core/base/ip_address.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

#include "core/base/carried_ipv4.h"

namespace weir {
namespace {

constexpr int kAllBits = 128;
constexpr int kMappedBits = 96; // of ::ffff:0:0/96, where IPv4 is
constexpr std::size_t kMappedBytes = kMappedBits / 8;
constexpr std::array<std::uint8_t, kMappedBytes> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string printIpv4(const IpAddress &address)
{
    std::string text;
    for (std::size_t at = kMappedBytes; at < address.bytes.size(); ++at)
        text += (text.empty() ? "" : ".") + std::to_string(address.bytes[at]);
    return text;
}

constexpr std::size_t kGroups = 8; // of 16 bits

struct GroupRun {
    std::size_t begin{0};
    std::size_t size{0};
};

std::uint16_t groupOf(const IpAddress &address, std::size_t index)
{
    return static_cast<std::uint16_t>(address.bytes[2 * index] << 8 | address.bytes[2 * index + 1]);
}

// RFC 5952, 4.2: the longest run of zero groups becomes "::", the first of equals, never a single one.
GroupRun zerosToShorten(const IpAddress &address)
{
    GroupRun longest;
    GroupRun run;
    for (std::size_t index = 0; index < kGroups; ++index) {
        run = groupOf(address, index) == 0 ? GroupRun{run.begin, run.size + 1} : GroupRun{index + 1, 0};
        if (run.size > longest.size)
            longest = run;
    }
    return longest.size > 1 ? longest : GroupRun{kGroups, 0};
}

std::string printIpv6(const IpAddress &address)
{
    const GroupRun zeros = zerosToShorten(address);
    std::string text;
    for (std::size_t index = 0; index < kGroups; ++index) {
        if (index == zeros.begin) {
            text += "::";
            index += zeros.size - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':')
            text += ':';
        std::array<char, 4> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), groupOf(address, index), 16).ptr;
        text.append(digits.data(), end);
    }
    return text;
}

// The mask of the byte at `index`, for a prefix of `bits`.
std::uint8_t maskOf(int bits, std::size_t index)
{
    const int bitsOfByte = std::clamp(bits - static_cast<int>(index) * 8, 0, 8);
    return static_cast<std::uint8_t>(0xff00 >> bitsOfByte);
}

Network networkOf(IpAddress address, int bits)
{
    for (std::size_t index = 0; index < address.bytes.size(); ++index)
        address.bytes[index] &= maskOf(bits, index);
    return {address, bits};
}

// The number behind the slash: no sign, no leading zeros.
std::optional<int> parsePrefix(std::string_view text, int most)
{
    int bits = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error != std::errc{} || end != text.data() + text.size() || bits < 0 || bits > most
        || text != std::to_string(bits))
        return std::nullopt;
    return bits;
}

ValueFault bitsBeyondPrefix(const IpAddress &address, int bits)
{
    return {"has bits set beyond its prefix", printNetwork(networkOf(address, bits)) + " for the network or "
                                                  + printIpAddress(address) + " for the one address"};
}

// ::ffff:10.0.0.0/8, where /104 is right: the prefix is that of the IPv4 spelling.
ValueFault prefixOfMapped(const IpAddress &address, int bits)
{
    const int bitsOfIpv4 = std::min(bits + kMappedBits, kAllBits);
    return {"is IPv4 with a prefix below 96", printNetwork(networkOf(address, bitsOfIpv4))};
}

} // namespace

bool IpAddress::isIpv4() const
{
    return std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
}

bool IpAddress::isLoopback() const
{
    constexpr std::array<std::uint8_t, 16> kOne{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return bytes == kOne || (isIpv4() && bytes[kMappedBytes] == 127);
}

std::optional<IpAddress> parseIpAddress(std::string_view text)
{
    std::array<char, INET6_ADDRSTRLEN> ended{}; // inet_pton wants an end
    if (text.size() >= ended.size() || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    std::copy(text.begin(), text.end(), ended.begin());
    IpAddress address;
    const bool isIpv6 = text.find(':') != std::string_view::npos;
    if (!isIpv6)
        std::copy(kMapped.begin(), kMapped.end(), address.bytes.begin());
    void *const out = isIpv6 ? address.bytes.data() : address.bytes.data() + kMappedBytes;
    if (inet_pton(isIpv6 ? AF_INET6 : AF_INET, ended.data(), out) != 1)
        return std::nullopt;
    return address;
}

std::string printIpAddress(const IpAddress &address)
{
    return address.isIpv4() ? printIpv4(address) : printIpv6(address);
}

bool Network::contains(const IpAddress &address) const
{
    if (address.isIpv4() != base.isIpv4())
        return false;
    const auto whole = static_cast<std::size_t>(prefixBits / 8);
    if (!std::equal(base.bytes.begin(), base.bytes.begin() + whole, address.bytes.begin()))
        return false;
    return prefixBits % 8 == 0 || (address.bytes[whole] & maskOf(prefixBits, whole)) == base.bytes[whole];
}

std::variant<Network, ValueFault> parseNetwork(std::string_view text)
{
    const std::size_t slash = text.find('/');
    const auto address = parseIpAddress(text.substr(0, slash));
    if (!address)
        return ValueFault{"is not an address or a network", "one such as 127.0.0.1, 10.0.0.0/8 or 2001:db8::/32"};
    if (slash == std::string_view::npos)
        return Network{clientOf(*address), kAllBits};
    const bool isIpv6Spelling = text.substr(0, slash).find(':') != std::string_view::npos;
    const int most = isIpv6Spelling ? kAllBits : kAllBits - kMappedBits;
    const auto prefix = parsePrefix(text.substr(slash + 1), most);
    if (!prefix)
        return ValueFault{"has no prefix that is right",
                          "a prefix from 0 to " + std::to_string(most) + " after the slash"};
    const int bits = isIpv6Spelling ? *prefix : *prefix + kMappedBits;
    if (address->isIpv4() && bits < kMappedBits)
        return prefixOfMapped(*address, bits);
    const Network network = networkOf(*address, bits);
    if (network.base != *address)
        return bitsBeyondPrefix(*address, bits);
    if (carriesAllIpv4(network))
        return ValueFault{"carries IPv4 addresses, which count as themselves", "the IPv4 networks that are meant"};
    return carriedNetwork(network).value_or(network);
}

std::string printNetwork(const Network &network)
{
    const int bits = network.prefixBits - (network.base.isIpv4() ? kMappedBits : 0);
    return printIpAddress(network.base) + "/" + std::to_string(bits);
}

bool isInAny(std::span<const Network> networks, const IpAddress &address)
{
    return std::any_of(networks.begin(), networks.end(),
                       [&address](const Network &network) { return network.contains(address); });
}

} // namespace weir

std::size_t std::hash<weir::IpAddress>::operator()(const weir::IpAddress &address) const noexcept
{
    const auto *const bytes = reinterpret_cast<const char *>(address.bytes.data());
    return std::hash<std::string_view>{}({bytes, address.bytes.size()});
}

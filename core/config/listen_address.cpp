// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/config.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace weir::config {
namespace {

// The shortest spelling of an address literal, so that two spellings of one address compare equal.
std::optional<std::string> canonical(int family, const std::string &host)
{
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (inet_pton(family, host.c_str(), bytes.data()) != 1)
        return std::nullopt;
    if (!inet_ntop(family, bytes.data(), text.data(), text.size()))
        return std::nullopt;
    return std::string{text.data()};
}

std::optional<std::uint16_t> parsePort(std::string_view text)
{
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return port;
}

} // namespace

std::optional<ListenAddress> parseListenAddress(std::string_view text)
{
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    const auto port = parsePort(text.substr(colon + 1));
    std::string_view host = text.substr(0, colon);
    const bool isBracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (isBracketed)
        host = host.substr(1, host.size() - 2);
    const auto literal = canonical(isBracketed ? AF_INET6 : AF_INET, std::string{host});
    if (!port || !literal)
        return std::nullopt;
    return ListenAddress{*literal, *port};
}

std::string printListenAddress(const ListenAddress &address)
{
    const bool isIpv6 = address.host.find(':') != std::string::npos;
    return (isIpv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

} // namespace weir::config

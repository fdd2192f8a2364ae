// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/config.h"

#include <charconv>

namespace weir::config {
namespace {

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
    const bool isIpv6 = host.find(':') != std::string_view::npos;
    const auto literal = parseIpAddress(host);
    if (!port || !literal || isIpv6 != isBracketed)
        return std::nullopt;
    // One spelling, so that two spellings of one address compare equal.
    return ListenAddress{printIpAddress(*literal), *port};
}

std::string printListenAddress(const ListenAddress &address)
{
    const bool isIpv6 = address.host.find(':') != std::string::npos;
    return (isIpv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

} // namespace weir::config

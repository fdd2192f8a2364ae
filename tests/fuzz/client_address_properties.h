// SPDX-License-Identifier: GPL-3.0-only
// What holds for the client's address whatever the fields say. No Qt: the fuzzer is built from this alone.
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "core/http/client_address.h"

namespace weir::test {

/// Calls clientAddress() with the fields that a fuzzer's bytes stand for, and looks at what comes of it.
class ClientAddressProbe {
public:
    /// Which property `fields` break; empty: none.
    [[nodiscard]] std::string broken(const http::ForwardedFields &fields) const
    {
        const IpAddress client = clientOf(fields);
        if (client != m_proxy && !isHop(client, fields))
            return "comes to " + printIpAddress(client) + ", which nobody named";
        if (http::clientAddress(m_stranger, fields, m_trusted) != m_stranger
            || http::clientAddress(m_proxy, fields, {}) != m_proxy)
            return "believes a stranger";
        if (std::string what = brokenByMoreOnTheRight(fields); !what.empty())
            return what;
        if (std::string what = brokenByLessOnTheLeft(fields, client); !what.empty())
            return what;
        if (fields.xForwardedFor && fields.forwarded && client != agreedClient(fields))
            return "believes one field against the other";
        return brokenByPrinting(client);
    }

    [[nodiscard]] bool isTrusted(const IpAddress &address) const
    {
        return std::any_of(m_trusted.begin(), m_trusted.end(),
                           [&](const Network &network) { return network.contains(address); });
    }

private:
    [[nodiscard]] IpAddress clientOf(const http::ForwardedFields &fields) const
    {
        return http::clientAddress(m_proxy, fields, m_trusted);
    }

    [[nodiscard]] IpAddress agreedClient(const http::ForwardedFields &fields) const
    {
        const IpAddress byX = clientOf({fields.xForwardedFor, {}});
        return byX == clientOf({{}, fields.forwarded}) ? byX : m_proxy;
    }

    // Is there a word in the fields that can be read as this address? Coarser than the grammars: no walk, no quotes.
    [[nodiscard]] static bool isHop(const IpAddress &client, const http::ForwardedFields &fields)
    {
        return hasWordOf(client, fields.xForwardedFor.value_or("")) || hasWordOf(client, fields.forwarded.value_or(""));
    }

    [[nodiscard]] static bool hasWordOf(const IpAddress &client, std::string_view field)
    {
        std::string word;
        for (const char c : std::string{field} + ',') {
            if (c == '\\')
                continue;
            if (std::string_view{",;=\" \t"}.find(c) == std::string_view::npos) {
                word += c;
                continue;
            }
            if (isSpellingOf(client, word))
                return true;
            word.clear();
        }
        return false;
    }

    [[nodiscard]] static bool isSpellingOf(const IpAddress &client, std::string_view word)
    {
        const std::string_view withoutPort = word.substr(0, word.rfind(':'));
        const bool isBracketed = word.starts_with('[') && word.find(']') != std::string_view::npos;
        const std::string_view inside = isBracketed ? word.substr(1, word.find(']') - 1) : word;
        return parseIpAddress(inside) == client || (!isBracketed && parseIpAddress(withoutPort) == client);
    }

    // A trusted peer that adds an untrusted hop is believed, whatever stood there before.
    [[nodiscard]] std::string brokenByMoreOnTheRight(const http::ForwardedFields &fields) const
    {
        const std::string x = std::string{fields.xForwardedFor.value_or("")} + ", 198.51.100.7:80";
        const std::string forwarded =
            std::string{fields.forwarded.value_or("")} + R"(, host="a,\"b\\";for="198.51.100.7:80")";
        http::ForwardedFields more;
        if (fields.xForwardedFor)
            more.xForwardedFor = x;
        if (fields.forwarded)
            more.forwarded = forwarded;
        const bool isAny = fields.xForwardedFor || fields.forwarded;
        return !isAny || clientOf(more) == m_client ? std::string{} : "does not believe the hop on the right";
    }

    // An untrusted hop decides, whatever stands left of it: so the end of one field decides like the whole. Only a few
    // ends, because each costs a walk.
    [[nodiscard]] std::string brokenByLessOnTheLeft(const http::ForwardedFields &fields, const IpAddress &client) const
    {
        if (fields.xForwardedFor.has_value() == fields.forwarded.has_value())
            return {};
        constexpr int kMostEnds = 12;
        const std::string_view whole = fields.forwarded ? *fields.forwarded : *fields.xForwardedFor;
        std::size_t comma = whole.rfind(',');
        for (int i = 0; i < kMostEnds && comma != std::string_view::npos; ++i) {
            http::ForwardedFields end;
            (fields.forwarded ? end.forwarded : end.xForwardedFor) = whole.substr(comma + 1);
            const IpAddress decided = clientOf(end);
            if (!isTrusted(decided) && decided != client)
                return "comes to " + printIpAddress(client) + " though " + printIpAddress(decided)
                       + " stands right of it";
            comma = comma == 0 ? std::string_view::npos : whole.rfind(',', comma - 1);
        }
        return {};
    }

    [[nodiscard]] static std::string brokenByPrinting(const IpAddress &client)
    {
        const std::string printed = printIpAddress(client);
        const bool isPlain = std::all_of(printed.begin(), printed.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '.' || c == ':';
        });
        const bool isOneKind = client.isIpv4() == (printed.find(':') == std::string::npos);
        return isPlain && isOneKind && parseIpAddress(printed) == client ? std::string{} : "prints " + printed;
    }

    const IpAddress m_proxy = *parseIpAddress("10.0.0.1");
    const IpAddress m_stranger = *parseIpAddress("203.0.113.9");
    const IpAddress m_client = *parseIpAddress("198.51.100.7");
    const std::array<Network, 3> m_trusted{std::get<Network>(parseNetwork("10.0.0.0/8")),
                                           std::get<Network>(parseNetwork("127.0.0.1")),
                                           std::get<Network>(parseNetwork("2001:db8::/32"))};
};

/// Which property `bytes` break as X-Forwarded-For, as Forwarded, and, cut at the first line feed, as both; empty: none.
inline std::string brokenClientAddressProperty(std::string_view bytes)
{
    static const ClientAddressProbe kProbe;
    const std::size_t cut = bytes.find('\n');
    const std::string_view x = bytes.substr(0, cut);
    const std::string_view forwarded = cut == std::string_view::npos ? bytes : bytes.substr(cut + 1);
    for (const http::ForwardedFields &fields :
         {http::ForwardedFields{x, {}}, http::ForwardedFields{{}, forwarded}, http::ForwardedFields{x, forwarded},
          http::ForwardedFields{forwarded, {}}, http::ForwardedFields{{}, x}})
        if (std::string what = kProbe.broken(fields); !what.empty())
            return what;
    return {};
}

} // namespace weir::test

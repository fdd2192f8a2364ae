// SPDX-License-Identifier: GPL-3.0-only
// What holds for the client's address whatever the fields say. No Qt: the fuzzer is built from this alone.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/carried_ipv4.h"
#include "core/http/client_address.h"

namespace weir::test {

/// Calls clientAddress() with a field that a fuzzer's bytes stand for, and looks at what comes of it.
class ClientAddressProbe {
public:
    explicit ClientAddressProbe(std::string_view fieldName) : m_trust{{kTrusted.begin(), kTrusted.end()}, fieldName} {}

    /// Which property the field breaks; empty: none.
    [[nodiscard]] std::string broken(std::string_view field) const
    {
        if (http::clientAddress(m_stranger, field, m_trust) != m_stranger
            || http::clientAddress(m_proxy, field, http::ProxyTrust{{}, m_trust.field}) != m_proxy)
            return "believes a stranger";
        const auto client = clientOf(field);
        if (isOneAddress() != (m_trust.field == "x-real-ip"))
            return "reads the field in another way";
        if (client.has_value() == (isOneAddress() && field.find(',') != std::string_view::npos))
            return "refuses without need, or does not";
        if (!client)
            return {};
        if (*client != m_proxy && !hasWordOf(*client, field))
            return "comes to " + printIpAddress(*client) + ", which nobody named";
        if (std::string what = isOneAddress() ? std::string{} : brokenByNeighbours(field, *client); !what.empty())
            return what;
        return brokenByPrinting(*client);
    }

private:
    [[nodiscard]] bool isOneAddress() const { return m_trust.form == http::ProxyTrust::Form::OneAddress; }

    [[nodiscard]] std::optional<IpAddress> clientOf(std::string_view field) const
    {
        return http::clientAddress(m_proxy, field, m_trust);
    }

    [[nodiscard]] std::string brokenByNeighbours(std::string_view field, const IpAddress &client) const
    {
        std::string what = brokenByMoreOnTheRight(field);
        return what.empty() ? brokenByLessOnTheLeft(field, client) : what;
    }

    // Is there a word in the field that can be read as this address? Coarser than the grammars: no walk, no quotes.
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
        const auto isOf = [&client](std::string_view text) {
            const auto address = parseIpAddress(text);
            return address && weir::clientOf(*address) == client; // or carries it
        };
        return isOf(inside) || (!isBracketed && isOf(withoutPort));
    }

    // A trusted peer that adds an untrusted hop is believed, whatever stood there before.
    [[nodiscard]] std::string brokenByMoreOnTheRight(std::string_view field) const
    {
        // No raw string: moc 6.4 loses its way in one with quotes and backslashes.
        const bool isElements = m_trust.form == http::ProxyTrust::Form::Elements;
        const std::string more =
            std::string{field} + (isElements ? ", host=\"a,\\\"b\\\\\";for=\"198.51.100.7:80\"" : ", 198.51.100.7:80");
        return clientOf(more) == m_client ? std::string{} : "does not believe the hop on the right";
    }

    // An untrusted hop decides, whatever stands left of it: so the end of a field decides like the whole. Only a few
    // ends, because each costs a walk.
    [[nodiscard]] std::string brokenByLessOnTheLeft(std::string_view field, const IpAddress &client) const
    {
        constexpr int kMostEnds = 12;
        std::size_t comma = field.rfind(',');
        for (int i = 0; i < kMostEnds && comma != std::string_view::npos; ++i) {
            const IpAddress decided = clientOf(field.substr(comma + 1)).value_or(m_proxy);
            if (!isInAny(kTrusted, decided) && decided != client)
                return "comes to " + printIpAddress(client) + " though " + printIpAddress(decided)
                       + " stands right of it";
            comma = comma == 0 ? std::string_view::npos : field.rfind(',', comma - 1);
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

    inline static const std::array<Network, 3> kTrusted{std::get<Network>(parseNetwork("10.0.0.0/8")),
                                                        std::get<Network>(parseNetwork("127.0.0.1")),
                                                        std::get<Network>(parseNetwork("2001:db8::/32"))};
    const IpAddress m_proxy = *parseIpAddress("10.0.0.1");
    const IpAddress m_stranger = *parseIpAddress("203.0.113.9");
    const IpAddress m_client = *parseIpAddress("198.51.100.7");
    const http::ProxyTrust m_trust;
};

/// Which property `bytes` break as X-Forwarded-For, as Forwarded, or as a field of one address; empty: none.
inline std::string brokenClientAddressProperty(std::string_view bytes)
{
    static const std::array<ClientAddressProbe, 3> kProbes{
        ClientAddressProbe{"X-Forwarded-For"}, ClientAddressProbe{"Forwarded"}, ClientAddressProbe{"X-Real-IP"}};
    for (const ClientAddressProbe &probe : kProbes)
        if (std::string what = probe.broken(bytes); !what.empty())
            return what;
    return {};
}

} // namespace weir::test

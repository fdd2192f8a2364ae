// SPDX-License-Identifier: GPL-3.0-only
// Many networks, asked for one address in logarithmic time.
#pragma once

#include <span>
#include <vector>

#include "core/base/ip_address.h"

namespace weir::policy {

/// Immutable: any thread. At most 20 bytes a network, those within others not kept.
class NetworkTable {
public:
    NetworkTable() = default;
    explicit NetworkTable(std::span<const Network> networks);

    [[nodiscard]] bool isEmpty() const { return m_ipv4.empty() && m_ipv6.empty(); }
    [[nodiscard]] std::size_t size() const { return m_ipv4.size() + m_ipv6.size(); }

    /// The same answer as isInAny() of all the networks.
    [[nodiscard]] bool contains(const IpAddress &address) const;

    /// Whether some address is in both; linear in the sizes.
    [[nodiscard]] bool meets(const NetworkTable &other) const;

private:
    // By family, because ::/0 has no IPv4 address in it; each sorted and without overlap.
    std::vector<Network> m_ipv4;
    std::vector<Network> m_ipv6;
};

} // namespace weir::policy

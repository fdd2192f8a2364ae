// SPDX-License-Identifier: GPL-3.0-only
// Networks sorted for look-up of an address in logarithmic time.
#pragma once

#include <span>
#include <vector>

#include "core/base/ip_address.h"

namespace weir::policy {

/// Immutable: any thread. At most 20 bytes a network; those within others are dropped.
class NetworkTable {
public:
    NetworkTable() = default;
    explicit NetworkTable(std::span<const Network> networks);

    [[nodiscard]] bool isEmpty() const { return m_ipv4.empty() && m_ipv6.empty(); }
    [[nodiscard]] std::size_t size() const { return m_ipv4.size() + m_ipv6.size(); }

    /// Tell whether one of the networks contains `address`, as isInAny() does.
    [[nodiscard]] bool contains(const IpAddress &address) const;

    /// Tell whether some address is in both. Linear in the sizes.
    [[nodiscard]] bool meets(const NetworkTable &other) const;

private:
    // By family, because ::/0 has no IPv4 address in it; each sorted and without overlap.
    std::vector<Network> m_ipv4;
    std::vector<Network> m_ipv6;
};

} // namespace weir::policy

// SPDX-License-Identifier: GPL-3.0-only
// What all connections that come in by one port share: the data port, or the admin port.
#pragma once

#include <utility>

#include "core/http/admin_desk.h"
#include "core/http/client_address.h"
#include "core/http/connection_limits.h"

namespace weir::http {

/// Outlives its workers. Any thread.
struct Door {
    Door(const config::HttpLimits &limits, ProxyTrust itsTrust, AdminDesk itsDesk = nullptr)
        : census{limits}, trust{std::move(itsTrust)}, desk{std::move(itsDesk)}
    {
    }
    [[nodiscard]] bool isAdmin() const { return desk != nullptr; }

    ConnectionCensus census;
    const ProxyTrust trust; ///< the proxies that are believed about their clients
    const AdminDesk desk;   ///< none: the data port
};

} // namespace weir::http

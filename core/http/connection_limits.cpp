// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/connection_limits.h"

#include <algorithm>

#include <sys/resource.h>

namespace weir::http {
namespace {

// Redis, listeners, event loops, files, farewells; under a limit too small for that, half of it.
constexpr rlim_t kOtherDescriptors = 64;

// At the door, all workers together: they need descriptors that nobody has counted on.
constexpr int kMaxFarewells = 8;

} // namespace

config::HttpLimits fittedToDescriptors(config::HttpLimits limits)
{
    rlimit descriptors{};
    if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0 || descriptors.rlim_cur == RLIM_INFINITY)
        return limits;
    const rlim_t most = descriptors.rlim_cur;
    const rlim_t left = std::max(most / 2, most > kOtherDescriptors ? most - kOtherDescriptors : 0);
    if (left < static_cast<rlim_t>(limits.maxConnections))
        limits.maxConnections = static_cast<int>(left);
    return limits;
}

bool ConnectionCensus::enter(const IpAddress &address)
{
    if (m_open.fetch_add(1) >= m_limits.maxConnections) {
        m_open.fetch_sub(1);
        return false;
    }
    if (address.isLoopback())
        return true;
    const std::lock_guard lock{m_mutex};
    int &count = m_perAddress[address];
    if (count < m_limits.maxConnectionsPerAddress) {
        ++count;
        return true;
    }
    m_open.fetch_sub(1);
    return false;
}

bool ConnectionCensus::enterFarewell()
{
    if (m_farewells.fetch_add(1) < kMaxFarewells)
        return true;
    m_farewells.fetch_sub(1);
    return false;
}

void ConnectionCensus::leave(const IpAddress &address)
{
    m_open.fetch_sub(1);
    if (address.isLoopback())
        return;
    const std::lock_guard lock{m_mutex};
    const auto it = m_perAddress.find(address);
    if (it != m_perAddress.end() && --it->second == 0)
        m_perAddress.erase(it);
}

} // namespace weir::http

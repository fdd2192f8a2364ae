// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/front_notes.h"

#include <array>

namespace weir::http {
namespace {

// Loopback, link-local and the private networks (RFC 1918, 3927, 4193, 4291, 6598).
bool isNeighbour(const IpAddress &address)
{
    static const std::array<Network, 8> kNear = [] {
        std::array<Network, 8> near;
        std::size_t i = 0;
        for (const std::string_view text : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
                                            "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "fe80::/10"})
            near[i++] = std::get<Network>(parseNetwork(text));
        return near;
    }();
    return address.isLoopback() || isInAny(kNear, address);
}

} // namespace

void FrontNotes::noteForwarder(const IpAddress &peer, std::string_view field)
{
    const Kept kept = m_kept.load(std::memory_order_relaxed);
    if (kept == Kept::Neighbour)
        return;
    const Kept kind = isNeighbour(peer) ? Kept::Neighbour : Kept::Stranger;
    if (kind == kept)
        return;
    const std::lock_guard lock{m_mutex};
    if (m_kept.load(std::memory_order_relaxed) >= kind)
        return;
    m_forwarder = {peer, field, kind == Kept::Neighbour};
    m_kept.store(kind, std::memory_order_relaxed);
}

std::optional<FrontNotes::Forwarder> FrontNotes::forwarder() const
{
    const std::lock_guard lock{m_mutex};
    if (m_kept.load(std::memory_order_relaxed) == Kept::None)
        return std::nullopt;
    return m_forwarder;
}

} // namespace weir::http

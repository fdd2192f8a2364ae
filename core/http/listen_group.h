// SPDX-License-Identifier: GPL-3.0-only
// Sockets that share one address and port, one for each worker; the kernel spreads connections over them.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/config.h"

namespace weir::http {

/// Owns listening sockets; closes those that were not taken.
class ListenGroup {
public:
    ListenGroup(config::ListenAddress address, std::vector<int> descriptors);
    ~ListenGroup();
    ListenGroup(ListenGroup &&other) noexcept;
    ListenGroup &operator=(ListenGroup &&) = delete;

    /// Return the address with the real port.
    [[nodiscard]] const config::ListenAddress &address() const { return m_address; }
    void addDescriptor(int descriptor);
    /// Take the next one; the caller closes it.
    [[nodiscard]] int takeDescriptor();

private:
    config::ListenAddress m_address;
    std::vector<int> m_descriptors;
};

/// Open `count` sockets. Taken: another process listens there, also another Weir (SO_REUSEPORT alone would silently
/// share the port with it). Io: no such address, no permission. `isDual`: sockets on [::] accept IPv4 as well.
[[nodiscard]] Result<ListenGroup> openListenGroup(const config::ListenAddress &address, int count, bool isDual = false);

/// Tell whether sockets on [::] should accept IPv4: unless another of `all` listens on the same port of IPv4.
[[nodiscard]] bool takesIpv4(const config::ListenAddress &address, const std::vector<config::ListenAddress> &all);

} // namespace weir::http

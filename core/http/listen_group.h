// SPDX-License-Identifier: GPL-3.0-only
// Sockets that share one address and port, one for each worker; the kernel spreads connections over them.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/config.h"

namespace weir::http {

/// Listening sockets; closes those that nobody has taken.
class ListenGroup {
public:
    ListenGroup(config::ListenAddress address, std::vector<int> descriptors);
    ~ListenGroup();
    ListenGroup(ListenGroup &&other) noexcept;
    ListenGroup &operator=(ListenGroup &&) = delete;

    /// With the real port.
    [[nodiscard]] const config::ListenAddress &address() const { return m_address; }
    void addDescriptor(int descriptor);
    /// The next one; the caller closes it.
    [[nodiscard]] int takeDescriptor();

private:
    config::ListenAddress m_address;
    std::vector<int> m_descriptors;
};

/// `count` sockets. Taken: somebody listens there already, another Weir included (SO_REUSEPORT alone
/// would silently share the port with it). Io: no such address, no permission.
/// `isDual`: one on [::] takes connections over IPv4 as well.
[[nodiscard]] Result<ListenGroup> openListenGroup(const config::ListenAddress &address, int count, bool isDual = false);

/// Whether the one on [::] should: unless another of `all` listens on the same port of IPv4.
[[nodiscard]] bool takesIpv4(const config::ListenAddress &address, const std::vector<config::ListenAddress> &all);

} // namespace weir::http

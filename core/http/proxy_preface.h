// SPDX-License-Identifier: GPL-3.0-only
// The PROXY protocol, versions 1 and 2 (haproxy, doc/proxy-protocol.txt): what a proxy sends before the first request.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ip_address.h"

namespace weir::http {

/// Reads the header of the PROXY protocol. Not thread safe.
class ProxyPreface {
public:
    enum class State { Incomplete, Complete, Broken };

    /// Take bytes until the header is whole; return how many were taken. Holds at most kMostBytes.
    std::size_t feed(std::string_view bytes);
    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool hasBegun() const { return !m_bytes.empty(); }
    /// Return the address of the client; nothing when the proxy itself is (LOCAL, UNKNOWN), or not over IP.
    [[nodiscard]] const std::optional<IpAddress> &source() const { return m_source; }

    /// Version 1: 107 bytes, 2.1; version 2 has a length of 16 bits, of which addresses of IPv6 take 36 and what else
    /// may follow (TLVs) is skipped.
    static constexpr std::size_t kMostLine = 107;
    static constexpr std::size_t kMostBytes = 16 + 4'096;

private:
    void readLine(std::string_view line);
    void readBinary();

    State m_state{State::Incomplete};
    std::string m_bytes;
    std::optional<IpAddress> m_source;
};

} // namespace weir::http

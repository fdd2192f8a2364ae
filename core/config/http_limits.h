// SPDX-License-Identifier: GPL-3.0-only
// What one client may ask of the data port: how much, how slowly, how often.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace weir::config {

/// The defaults are those of newer Qt (QHttpServerConfiguration 6.10 to 6.12), where it has them.
struct HttpLimits {
    std::size_t maxUrlBytes{65'536};    ///< of the request target as sent; more is 414
    std::size_t maxHeaderBytes{65'536}; ///< of all field lines together, their line ends included; more is 431
    int maxHeaderFields{100}; ///< more is 431; QHttpServer 6.4 drops all fields of a request with more than 100
    std::uint64_t maxBodyBytes{1'048'576};           ///< of content, without the framing of chunks; more is 413
    int maxConnections{10'000};                      ///< all workers together
    int maxConnectionsPerAddress{1'000};             ///< loopback exempt: a proxy there speaks for many
    std::chrono::milliseconds headerTimeout{10'000}; ///< from a request's first byte to the end of its head
    std::chrono::milliseconds bodyTimeout{30'000};   ///< from there to the end of its body
    std::chrono::milliseconds idleTimeout{15'000};   ///< without a request
    std::size_t maxUnreadBytes{262'144};             ///< of answers that the client does not read; more and it is cut
};

} // namespace weir::config

// SPDX-License-Identifier: GPL-3.0-only
// What one client may ask of the data port: how much, how slowly, how often.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/config/range.h"

namespace weir::config {

/// The defaults are those of QHttpServerConfiguration (Qt 6.10 to 6.12) where it has them.
struct HttpLimits {
    std::size_t maxUrlBytes{65'536};    ///< of the request target as sent; more is 414
    std::size_t maxHeaderBytes{65'536}; ///< of all field lines together, their line ends included; more is 431
    int maxHeaderFields{100}; ///< more is 431; QHttpServer 6.4 drops all fields of a request with more than 100
    std::uint64_t maxBodyBytes{1'048'576};           ///< of content, without the framing of chunks; more is 413
    int maxConnections{10'000};                      ///< all workers together
    int maxConnectionsPerAddress{1'000};             ///< loopback exempt: a proxy there has many clients
    std::chrono::milliseconds headerTimeout{10'000}; ///< from a request's first byte to the end of its head
    std::chrono::milliseconds bodyTimeout{30'000};   ///< from there to the end of its body
    std::chrono::milliseconds idleTimeout{75'000};   ///< without a request; load balancers keep theirs for 60 s
    std::size_t maxUnreadBytes{262'144};             ///< of answers that the client does not read; more and it is cut
    std::vector<std::string> hosts{};                ///< HOST or HOST:PORT; another Host is 421. Empty: any Host
    std::vector<std::string> corsOrigins{}; ///< pages of these origins may ask and read, "*": all; empty: no CORS
    bool refusesCrossSite{false};           ///< 403 for what a page of another site makes a browser send
    bool takesProxyProtocol{false};         ///< trusted peers begin each connection with it
    std::chrono::seconds retrySpread{0};    ///< a refused client is told up to so much more than it has to wait
    friend bool operator==(const HttpLimits &, const HttpLimits &) = default;
};

// The least sizes let a plain request of curl through.
inline constexpr Range<std::uint64_t> kUrlBytes{256, 196'608};
inline constexpr Range<std::uint64_t> kHeaderBytes{256, 196'608};
/// Of URL and header together: QHttpServer 6.4 reads heads of at most 256 KiB, the rest of the request line and the
/// final empty line among it.
inline constexpr std::uint64_t kMostHeadBytes = 245'760;
inline constexpr Range<int> kHeaderFields{1, 100};
inline constexpr Range<std::uint64_t> kBodyBytes{0, 1'073'741'824}; // more within the body's time is no body
inline constexpr Range<int> kConnections{1, 1'000'000}; // nr_open of Linux, the most descriptors of a process, is 2^20
inline constexpr Range<std::chrono::milliseconds> kTimeouts{std::chrono::milliseconds{100}, std::chrono::hours{24}};
inline constexpr Range<std::chrono::seconds> kRetrySpreads{std::chrono::seconds{0}, std::chrono::hours{1}};
inline constexpr Range<std::uint64_t> kUnreadBytes{65'536, 67'108'864}; // least: 64 answers, pipelined, of 1 KiB each
/// Each of them is compared with each hop of a forwarded request.
inline constexpr std::size_t kMostTrustedProxies = 256;

} // namespace weir::config

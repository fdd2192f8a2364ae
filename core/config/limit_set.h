// SPDX-License-Identifier: GPL-3.0-only
// The check of all that decides requests, for files, the panel and the admin port alike.
#pragma once

#include <vector>

#include "core/config/config.h"

namespace weir::config {

// All of these are asked for every request, or kept for every limit.
inline constexpr std::size_t kMostLimits = 100;
inline constexpr std::size_t kMostRoutes = 100;      // of one limit
inline constexpr std::size_t kMostNetworks = 256;    // of one list, as of trusted proxies
inline constexpr std::size_t kMostKeyValues = 1'000; // of one list
inline constexpr std::size_t kMostKeyParts = 8;
inline constexpr std::size_t kMostHeaders = 16;    // of one match
inline constexpr std::size_t kMostMethods = 32;    // of one match; RFC 9110 has 8
inline constexpr std::size_t kLongestPath = 1'024; // bytes
inline constexpr std::size_t kLongestName = 64;
inline constexpr Range<int> kIpv6Prefixes{32, 128};
inline constexpr Range<std::int64_t> kLiveKeys{1, 10'000'000};

/// Every reason why `limitSet` cannot be used; empty = usable. `where` is the path that a file would have, counted from 1:
/// "limit[2].match.path".
[[nodiscard]] std::vector<ConfigIssue> check(const LimitSet &limitSet);

/// What can be used and cannot be meant: limits that never decide, never are asked or never refuse, entries and routes
/// that others hide. Each is certain; there may be more that nobody can tell. Needs `limitSet` that check() has passed.
[[nodiscard]] std::vector<ConfigIssue> warningsOf(const LimitSet &limitSet);

/// Whether each request that `inner` is for is certainly one that `outer` is for.
[[nodiscard]] bool covers(const RequestMatch &outer, const RequestMatch &inner);

} // namespace weir::config

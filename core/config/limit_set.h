// SPDX-License-Identifier: GPL-3.0-only
// The check of all that decides requests, for files, the panel and the admin port alike.
#pragma once

#include <vector>

#include "core/config/config.h"

namespace weir::config {

// Bounds of work for each request and of memory for each limit.
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

/// Return every reason why `limitSet` cannot be used; empty = usable. `where` is the path that a file would have,
/// counted from 1: "limit[2].match.path".
[[nodiscard]] std::vector<ConfigIssue> check(const LimitSet &limitSet);

/// Return what can be used but is hardly meant: limits that never decide, are never asked or never refuse, entries and
/// routes that others hide. Each warning is certain; not every such mistake is found. `limitSet` must have passed
/// check().
[[nodiscard]] std::vector<ConfigIssue> warningsOf(const LimitSet &limitSet);

/// Tell whether `outer` certainly matches every request that `inner` matches.
[[nodiscard]] bool covers(const RequestMatch &outer, const RequestMatch &inner);

} // namespace weir::config

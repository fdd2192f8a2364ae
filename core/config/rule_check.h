// SPDX-License-Identifier: GPL-3.0-only
// The check of all that decides requests, and the words of keys: pure functions, for whoever lets people write a limit.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/config/config.h"
#include "core/config/limit_rule.h"

namespace weir::config {

// All of these are asked for every request, or kept for every limit.
inline constexpr std::size_t kMostLimits = 100;
inline constexpr std::size_t kMostRoutes = 100;      // of one limit
inline constexpr std::size_t kMostNetworks = 256;    // of one list, as of trusted proxies
inline constexpr std::size_t kMostKeyValues = 1'000; // of one list
inline constexpr std::size_t kMostKeyParts = 8;
inline constexpr std::size_t kLongestPath = 1'024; // bytes
inline constexpr std::size_t kLongestName = 64;
inline constexpr Range<int> kIpv6Prefixes{32, 128};
inline constexpr Range<std::int64_t> kLiveKeys{1, 10'000'000};

/// Why a text is no key part, or no value of one.
struct KeyFault {
    std::string problem; ///< a sentence without the final stop
    std::string hint;
};

/// Reads one part: "ip", "header:X-Api-Key", "cookie:sid", "query:token".
[[nodiscard]] std::variant<KeyPart, KeyFault> parseKeyPart(std::string_view text);

/// What parseKeyPart reads back.
[[nodiscard]] std::string printKeyPart(const KeyPart &part);

/// Reads "header:X-Api-Key=abc": a part other than ip, and what is after the first "=".
[[nodiscard]] std::variant<KeyValue, KeyFault> parseKeyValue(std::string_view text);

/// What parseKeyValue reads back.
[[nodiscard]] std::string printKeyValue(const KeyValue &value);

/// A token of RFC 9110, 5.6.2: what names of header fields, of cookies and of methods are made of.
[[nodiscard]] bool isToken(std::string_view text);

/// Every reason why `rules` cannot be used; empty = usable. `where` is the path that a file would have, counted from 1:
/// "limit[2].match.path", "block.keys[1]", "keys.ipv6_prefix".
[[nodiscard]] std::vector<ConfigIssue> check(const LimitSet &rules);

} // namespace weir::config

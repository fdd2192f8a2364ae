// SPDX-License-Identifier: GPL-3.0-only
// One [[limit]] of a configuration: for which requests, with one bucket for each key, how much, and what when the store
// is away.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/ip_address.h"
#include "core/config/store_failure_policy.h"
#include "core/limit/limit.h"

namespace weir::config {

struct HeaderMatch {
    enum class Kind : std::uint8_t {
        Value,   ///< it is `value`, or one of `others`
        Present, ///< whatever it says
        Absent,
    };
    std::string name;  ///< as written; compared without case
    std::string value; ///< the whole value, compared with case
    Kind kind{Kind::Value};
    std::vector<std::string> others{};
    friend bool operator==(const HeaderMatch &, const HeaderMatch &) = default;
};

/// Which requests a limit is for: all that is said must hold; what is empty holds for every request.
struct RequestMatch {
    std::string path;                 ///< "/api/*": * stands for any characters, also none; else the path itself
    std::vector<std::string> methods; ///< upper case; one of them
    std::vector<Network> networks;    ///< the client's address is in one of them
    std::vector<HeaderMatch> headers; ///< each of them
    friend bool operator==(const RequestMatch &, const RequestMatch &) = default;
};

/// A part of the key of a bucket; without any part all requests share one bucket.
struct KeyPart {
    enum class Kind : std::uint8_t { Ip, Header, Cookie, Query, Method, Path };
    Kind kind{Kind::Ip};
    std::string
        name; ///< of the header, cookie or query parameter; of a path its segment, "1" for the first, or empty: all
    friend bool operator==(const KeyPart &, const KeyPart &) = default;
};

struct RouteCost {
    RequestMatch match;
    limit::Tokens cost{1};
    friend bool operator==(const RouteCost &, const RouteCost &) = default;
};

/// What a request costs: the header's number if a trusted peer sent it, else that of the first route that matches,
/// else `cost`.
struct RequestCost {
    limit::Tokens cost{1}; ///< 0 to the capacity
    std::vector<RouteCost> routes;
    std::string header; ///< empty: none; else its name, believed of trusted proxies only
    friend bool operator==(const RequestCost &, const RequestCost &) = default;
};

/// What becomes of a request that lacks a part of the key.
enum class WithoutKey : std::uint8_t {
    Bucket,    ///< all such requests share one bucket
    Unlimited, ///< the limit is not for it
    Refused,   ///< it is turned away: 403
};

/// Which values of a key are kept as hashes, in Redis, files, log and window.
enum class HashKey : std::uint8_t {
    Credentials, ///< of the header Authorization or Proxy-Authorization, and of cookies
    Never,
    Always, ///< all but methods and paths
};

struct LimitEntry {
    std::string name{"global"}; ///< 1 to 64 of [a-z0-9-], unique
    bool isOn{true};
    RequestMatch match;
    std::vector<KeyPart> key; ///< empty: one bucket for all
    limit::LimitSpec spec;
    RequestCost cost;
    StoreFailurePolicy onStoreFailure{StoreFailurePolicy::Local};
    bool isShadow{false};    ///< counts and shows, never refuses
    bool isOtherwise{false}; ///< only for requests that no earlier limit is for; limits that are off do not count
    WithoutKey withoutKey{WithoutKey::Bucket};
    HashKey hashKey{HashKey::Credentials};
    friend bool operator==(const LimitEntry &, const LimitEntry &) = default;
};

/// One value of one key part: "header:X-Api-Key" and what it must be.
struct KeyValue {
    KeyPart part;      ///< a header, a cookie or a parameter: there are networks and paths for the others
    std::string value; ///< or its hash, "#" and 32 digits, as a bucket is called
    friend bool operator==(const KeyValue &, const KeyValue &) = default;
};

/// Requests that are let through, or turned away, before any limit is asked.
struct AccessList {
    std::vector<Network> networks;
    std::vector<KeyValue> keys;
    std::vector<std::string> paths{}; ///< as RequestMatch::path
    friend bool operator==(const AccessList &, const AccessList &) = default;
};

/// How keys are made, for all limits alike.
struct KeySettings {
    int ipv6Prefix{64};            ///< bits of an IPv6 address that make a client, 32 to 128
    std::int64_t maxLive{100'000}; ///< live keys of one limit before the shared overflow bucket, 1 to 10,000,000
    bool folds{false}; ///< limits by path also match other spellings of it; keys that differ in case only are one
    friend bool operator==(const KeySettings &, const KeySettings &) = default;
};

/// All that decides requests; a running Weir takes over changes without a restart.
struct LimitSet {
    std::vector<LimitEntry> limits; ///< in order; every one that matches must admit
    AccessList allow;
    AccessList block; ///< goes before `allow`
    KeySettings keys;
    friend bool operator==(const LimitSet &, const LimitSet &) = default;
};

} // namespace weir::config

// SPDX-License-Identifier: GPL-3.0-only
// What a Weir is told at its start: plain values, no I/O, and the check of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ip_address.h"
#include "core/config/http_limits.h"
#include "core/config/limit_entry.h"
#include "core/config/log_format.h"
#include "core/config/store_failure_policy.h"
#include "core/limit/limit.h"

namespace weir::config {

/// One thing that is wrong: where it was said, what is wrong, what would be right.
struct ConfigIssue {
    std::string where;   ///< "--capacity", "WEIR_CAPACITY"
    std::string problem; ///< one sentence, without the final stop
    std::string hint;    ///< what would be right: a noun phrase or a sentence; may be empty
};

/// Return "where: problem. Use HINT." on one line; a hint that begins with a capital is a sentence by itself.
[[nodiscard]] std::string printIssue(const ConfigIssue &issue);

struct ListenAddress {
    std::string host{"127.0.0.1"}; ///< IPv4 or IPv6 literal, without brackets
    std::uint16_t port{8000};      ///< 0 = any free port
    friend bool operator==(const ListenAddress &, const ListenAddress &) = default;
};

/// Read "127.0.0.1:8000" or "[::1]:8000"; nothing when it is neither.
[[nodiscard]] std::optional<ListenAddress> parseListenAddress(std::string_view text);
[[nodiscard]] std::string printListenAddress(const ListenAddress &address);

/// Where the admin port is.
struct AdminPort {
    bool isOn{true};
    bool isSaid{false}; ///< by a person: then Weir does not start when it is taken; else it goes without
    ListenAddress address{"127.0.0.1", 8001};
};

/// The parts of a limit that were said explicitly; the others keep what the store remembers.
struct LimitWish {
    std::optional<limit::Tokens> capacity;
    std::optional<limit::Tokens> refill;
    std::optional<Micros> interval;
    std::optional<limit::StartLevel> start;
    std::optional<limit::Algorithm> algorithm{};

    /// Return `base` with the explicit parts replaced. A refill that was left out beside a capacity is the capacity, as
    /// that of a window always is.
    [[nodiscard]] limit::LimitSpec appliedTo(limit::LimitSpec base) const;
    [[nodiscard]] bool isEmpty() const { return !capacity && !refill && !interval && !start && !algorithm; }
};

/// PEM files for rediss://; empty: none.
struct RedisTlsFiles {
    std::string ca;
    std::string certificate;
    std::string key;
    friend bool operator==(const RedisTlsFiles &, const RedisTlsFiles &) = default;
};

struct Config {
    std::vector<ListenAddress> listen{ListenAddress{}};
    bool isPublic{false};    ///< addresses other than loopback are meant
    std::string redisUrl;    ///< empty: a private redis-server
    std::string redisPrefix; ///< of the names of all keys, behind "weir:"; empty: none
    RedisTlsFiles redisTls;
    bool waitForRedis{true}; ///< starts without a Redis that does not answer, and goes on trying; false: does not start
    LimitWish limit;
    StoreFailurePolicy onStoreFailure{StoreFailurePolicy::Local};
    limit::TokenMode onChange{limit::TokenMode::Keep}; ///< what a change in the file makes of the tokens; never Drain
    int threads{0};                                    ///< 0: one per core but one, 1 to kMaxThreads
    limit::Tokens lease{0}; ///< most tokens of a bucket that a worker takes ahead, 0 to kMaxLease; 0: none
    HttpLimits http;
    std::vector<Network> trustedProxies;         ///< believed about the client's address; empty: none is
    std::string clientHeader{"X-Forwarded-For"}; ///< the field that they write it in; others are not believed
    std::string dataDir;                         ///< absolute
    AdminPort admin;
    bool keepsHistory{true};             ///< in history.sqlite of the data folder
    std::vector<std::string> adminHosts; ///< HOST or HOST:PORT that it answers to, besides its own addresses
    LogFormat logFormat{LogFormat::Text};
    LimitSet limitSet;      ///< without limits in it: one limit, `global`, of `limit` and `onStoreFailure`
    std::string file;       ///< the configuration file that was read, absolute; empty: none
    std::string fileToMake; ///< where to make one when the panel changes the limits; empty: nowhere
};

/// Return the limits that `config` asks for, at least one.
[[nodiscard]] LimitSet limitsOf(const Config &config);

inline constexpr int kMaxThreads = 8;
/// Tokens unused for 0.1 s are given back: a worker that answers 100,000 requests a second could use no more.
inline constexpr limit::Tokens kMaxLease = 10'000;

/// Return every reason why `spec` cannot be a limit; `where` names the field: capacity, refill, every.
[[nodiscard]] std::vector<ConfigIssue> check(const limit::LimitSpec &spec);

/// Tell why `name` cannot be the header field in which a proxy names its client (`where` is "client-header"); empty: it
/// can.
[[nodiscard]] std::vector<ConfigIssue> checkClientHeader(std::string_view name);

/// Return the usual name of such a field that `name` probably means; empty: it is one already, or is like none.
[[nodiscard]] std::string meantClientHeader(std::string_view name);

/// Return every reason why `config` cannot be used; `where` is an option, "--max-url"; empty = usable.
[[nodiscard]] std::vector<ConfigIssue> check(const Config &config);

} // namespace weir::config

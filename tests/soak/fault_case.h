// SPDX-License-Identifier: GPL-3.0-only
// One fault of the store under load: what is done to it, and what Weir has promised for that.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/soak/fleet.h"
#include "tests/soak/stall_meter.h"
#include "tests/soak/table.h"
#include "tests/support/chaos_proxy.h"
#include "tests/support/redis_server.h"

namespace weir::test {

// Refilled with less than the clients want, so that every token too many shows; and full after 5 s only, so that
// a bucket that was forgotten would be missed.
constexpr limit::LimitSpec kSoakSpec{1000, 20, std::chrono::milliseconds{100}, limit::StartLevel::Full};

// Promised: a decision is never later than this.
constexpr std::chrono::milliseconds kPromisedAnswer{100};
// And from the store's return it decides again within this.
constexpr std::chrono::milliseconds kPromisedReturn{1000};
/// What a machine of two cores that also runs the clients and Redis needs besides; and twice what it was
/// seen to stand still meanwhile.
constexpr std::chrono::milliseconds kMargin{100};
[[nodiscard]] std::chrono::milliseconds marginFor(const StallMeter &stall);

/// What is there for a case. Thread: the main thread.
struct Stage {
    RedisServer redis;
    std::unique_ptr<ChaosProxy> proxy; ///< when the case is about the way to it
    Fleet fleet;

    /// Waits and lets the children talk.
    static void wait(std::chrono::milliseconds time);
};

struct FaultCase {
    enum class Without {
        Never,   ///< the store decides all the time; one missed deadline is the machine's
        Some,    ///< some are decided without it, by the policy
        Rejects, ///< and some are answered 503 whatever the policy is: a person has to look
        May,
    };
    std::string name;
    Without without{Without::Some};
    /// Returns as soon as the store could decide again; false: the fault could not be made.
    std::function<bool(Stage &)> fault;
    const char *policy{"local"};
    QStringList redisArguments{};
    bool isProxied{false};
    bool forgets{false};                    ///< the store has lost something, and Weir must count it
    std::function<QString(Stage &)> url{};  ///< none: the Unix socket, or the proxy
    std::function<bool(Stage &)> prepare{}; ///< after the start of Redis, before Weir

    std::size_t instances{1};
    bool isPrivate{false}; ///< no Redis but Weir's own
    /// The fault comes once more after each: one Weir ends like this, and begins again.
    std::vector<Fleet::End> ends{};
    /// Not refilled: so many tokens in all; all Weirs know of each other. 0: kSoakSpec.
    limit::Tokens cap{0};
    double rate{0}; ///< requests a second, of all; 0: as many as can be
};

/// One of `asked` is a part of the name, or nothing is asked for.
[[nodiscard]] bool isAsked(const std::string &name, const QStringList &asked);
/// The columns of runCase().
[[nodiscard]] std::vector<Table::Column> faultColumns();
void runCase(const FaultCase &each, LimitSetup::Kind kind, Table &table);

} // namespace weir::test

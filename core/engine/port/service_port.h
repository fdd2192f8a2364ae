// SPDX-License-Identifier: GPL-3.0-only
// All that the panel sees of a running Weir and may ask of it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/config.h"
#include "core/engine/presence/circuit_breaker.h"
#include "core/config/limit_entry.h"
#include "core/engine/port/bucket_peek.h"
#include "core/engine/port/harm.h"
#include "core/engine/port/limit_status.h"
#include "core/history/history_rows.h"
#include "core/limit/limit.h"
#include "core/telemetry/decided_by.h"
#include "core/telemetry/history.h"
#include "core/telemetry/latest_requests.h"
#include "core/telemetry/request_record.h"
#include "core/telemetry/worker_telemetry.h"

class QObject;

namespace weir::engine {

struct StoreStatus {
    enum class State { Starting, Ready, Down };
    State state{State::Starting};
    bool isPrivate{true};              ///< our own redis-server child
    std::string address;               ///< without password, for people
    bool isAwaited{false};             ///< it has not answered once since Weir started
    std::string version;               ///< "7.0.15"; empty when the server does not tell
    Micros roundTrip{0};               ///< of the last PING; zero before the first
    std::string problem;               ///< Down: one sentence
    std::vector<std::string> warnings; ///< lasting risks of this Redis, a sentence each

    // Of the private server.
    int restarts{0};            ///< by itself, since Weir started
    std::string notice;         ///< the last thing that happened to its data, one sentence; it stays
    std::int64_t noticeAtMs{0}; ///< when, milliseconds since 1970; 0: nothing happened
};

struct RefillStatus {
    bool isRunning{false};       ///< the timer is armed and the last tick succeeded
    std::int64_t lastAtMs{0};    ///< milliseconds since 1970 of the last refill that added tokens; 0: none yet
    limit::Tokens lastTokens{0}; ///< what it added
    limit::Tokens lastLevel{0};  ///< level after it
    bool isPaused{false};
    bool isOnDemand{true};      ///< requests add the intervals that are due; false: only refillers do
    std::int64_t tickedAtMs{0}; ///< milliseconds since 1970 of the timer's last answered tick; 0: none yet
    Micros lateness{0};         ///< after the boundary, of the last interval that this refiller applied
    Micros worstLateness{0};    ///< since the start
    std::int64_t lateTicks{0};  ///< by more than 100 ms
    std::string lastBy; ///< who applied the bucket's last interval: "host:pid"; "-": a request; empty: not known
};

/// Decisions while the store is or was away.
struct FailureStatus {
    bool isDegraded{false}; ///< not every decision comes from the store
    std::chrono::steady_clock::time_point since{};
    telemetry::DecidedBy by{telemetry::DecidedBy::Store}; ///< while degraded: Local, Allow or Reject
    CircuitBreaker::State breaker{};                      ///< the worst of all workers'
    std::int64_t liveInstances{1};                        ///< that share the bucket, as last counted
    bool isUnheard{false};                                ///< Local: no bucket has been heard of yet
    std::int64_t shareOf{1};                              ///< Local: this process has 1 / shareOf of the bucket
    limit::Tokens spentLocally{0};                        ///< Local: in this outage
    std::int64_t outages{0};                              ///< times that this process went on locally
    std::int64_t exactReturns{0};   ///< of them, those that ended with nothing lost and nothing overspent
    limit::Tokens excess{0};        ///< that all instances may have taken beyond level + refills, found at the returns
    limit::Tokens tokensInDoubt{0}; ///< of takes without an answer, since the start
    limit::Tokens foundTaken{0};    ///< of those, the ones that turned out to be taken; they were given to nobody
    std::int64_t statesLost{0};     ///< times that the store had forgotten the bucket, or a part of it
    std::int64_t clockRegressions{0}; ///< times that its clock went back by a second or more
    std::string undecidedWhy;         ///< why requests are answered 503 just now; empty: none are
    bool isAllUndecided{false};       ///< every request is answered 503
    std::chrono::steady_clock::time_point undecidedSince{};
};

/// Tokens that workers take ahead, so that busy buckets need fewer calls. What is held counts as taken in the store.
struct LeaseStatus {
    limit::Tokens most{0};  ///< of a bucket, by each worker; 0: none are taken ahead
    limit::Tokens held{0};  ///< of all buckets, by this process, now; weir_lease_held_tokens
    limit::Tokens bound{0}; ///< of a bucket, by all workers of all live instances, if all have the same `most`
};

/// A bucket's level as last reported by the store; old by the time it is read.
struct LevelApprox {
    bool isKnown{false};
    limit::Tokens tokens{0};
    Micros nextRefill{0}; ///< at `observedAt`
    std::chrono::steady_clock::time_point observedAt{};
    std::int64_t admittedLifetime{0}; ///< of the bucket, all instances
    std::int64_t refusedLifetime{0};
};

struct Status {
    std::string elsewhere;         ///< the admin port by which a Weir of another process is seen; empty: it is this one
    std::string noContact;         ///< why nothing newer than this is known of it: a sentence; empty: there is contact
    std::vector<std::string> urls; ///< "http://127.0.0.1:8000", at least one
    std::string adminUrl;          ///< empty: there is no admin port
    limit::Limit limit;            ///< in force: the one whose bucket is shown
    std::string subject;           ///< of that bucket; empty: all requests share it
    LevelApprox level;
    StoreStatus store;
    RefillStatus refill;
    FailureStatus failure;
    LeaseStatus lease;
    Harm harm;                       ///< what is broken on purpose now
    std::vector<LimitCounts> limits; ///< in the order of ServicePort::limits()
    ConfigStatus config;
    LimitNotice notice;
    std::string
        proxyWarning; ///< a proxy seems to be in front and is not trusted, so its clients are one: a sentence; or empty
    std::vector<LimitNotice> deeds; ///< what other Weirs of this Redis have done, oldest first; at most kMostDeeds
    config::StoreFailurePolicy onStoreFailure{};
    telemetry::Totals totals;          ///< of this process since its start
    history::Lifetime before;          ///< of all processes before it, as far as the history knows
    std::string historyProblem;        ///< why no history is kept: a sentence; empty: it is, or is switched off
    std::uint64_t requestsNotShown{0}; ///< records that the ring had no room for
    Micros decisionP50{0};             ///< last minute; zero: no request in it
    Micros decisionP99{0};
    std::chrono::steady_clock::time_point startedAt{};
    int workers{0};
};

/// Cheap to get. Changes whenever there is something new to show: a request, a connection, another level, anything that
/// the service has published; not as time passes.
struct News {
    std::uint64_t published{0};
    std::int64_t requests{0};
    std::int64_t turnedAway{0};
    std::int64_t connections{0};
    limit::Tokens leaseHeld{0};
    limit::Tokens tokens{0};
    bool areWaiting{false}; ///< takeRequests() has something to give

    friend bool operator==(const News &, const News &) = default;
};

/// The answers to requests sent through our own port.
struct SendReport {
    int admitted{0};
    int refused{0};
    int other{0};        ///< any other status
    int failed{0};       ///< no answer at all
    std::string problem; ///< of the last failure
};

/// Thread: the GUI thread. Nothing here blocks. Each `done` runs later in the GUI thread, once; not at all when
/// `context` has died before.
class ServicePort {
public:
    virtual ~ServicePort() = default;

    [[nodiscard]] virtual Status status() = 0;
    [[nodiscard]] virtual News news() = 0;
    /// Take the requests answered since the last call, oldest first; bounded by the ring.
    [[nodiscard]] virtual std::vector<telemetry::RequestRecord> takeRequests() = 0;
    /// Return the requests behind number `after`, at most `most`, oldest first; takes nothing from takeRequests(). The
    /// workers' rings are emptied by whoever asks: when nobody has for a while, they hold what came first, and the rest
    /// is among Status::requestsNotShown.
    [[nodiscard]] virtual telemetry::RequestPage requestsAfter(std::uint64_t after, std::size_t most) = 0;
    /// Return the last hour, never null: a new object each second while watched, else an empty one.
    [[nodiscard]] virtual std::shared_ptr<const telemetry::History> history() = 0;
    /// Ask what was counted and what happened in any stretch of time, also before this start. Unavailable: no history is
    /// kept, and why.
    virtual void askHistory(const history::Question &question, QObject *context,
                            std::function<void(Result<history::Answer>)> done) = 0;
    /// Say whether the panel is visible. While it is, the level is asked for even without traffic (four times a second
    /// while it changes, else once), and there is a history.
    virtual void setWatched(bool isWatched) = 0;

    /// Return all limits in force with the access lists; never null, another object after each change.
    [[nodiscard]] virtual std::shared_ptr<const config::LimitSet> limits() = 0;
    /// Replace all limits; once confirmed, `next` holds for every request that starts afterwards. `mode` says what
    /// becomes of the tokens of limits that keep their name and change their numbers. Written to the configuration file
    /// if there is one. An Error (Invalid with all reasons, Unavailable, ...) changes nothing.
    virtual void changeLimits(const config::LimitSet &next, limit::TokenMode mode, QObject *context,
                              std::function<void(Result<Done>)> done) = 0;
    /// Show this bucket in status() from now on; if its limit is gone, that of the first limit.
    virtual void showBucket(const std::string &limit, const std::string &subject) = 0;
    /// List the buckets of this limit whose subjects contain `search` in buckets() from now on; an empty name: none.
    virtual void watchBuckets(const std::string &limit, const std::string &search) = 0;
    /// Return the buckets of the watched limit, as of the last second; never null.
    [[nodiscard]] virtual std::shared_ptr<const BucketList> buckets() = 0;
    /// List the buckets of this limit whose subjects contain `search` once, whatever is watched. Invalid: there is no such
    /// limit.
    virtual void listBuckets(const std::string &limit, const std::string &search, QObject *context,
                             std::function<void(Result<BucketList>)> done) = 0;
    /// Look at these buckets, one answer for each. Nothing is taken or counted, but a bucket that is not there yet begins.
    /// An Error (Invalid, Unavailable, ...) when one of them cannot be looked at.
    virtual void peekBuckets(const std::vector<BucketQuestion> &questions, QObject *context,
                             std::function<void(Result<std::vector<BucketPeek>>)> done) = 0;
    /// Set one bucket to so many tokens; more than the capacity fills it. `done` gets the new level.
    virtual void setBucketLevel(const std::string &limit, const std::string &subject, limit::Tokens tokens,
                                QObject *context, std::function<void(Result<limit::Tokens>)> done) = 0;
    /// Set the failure policy of the limit in status(), and of no other. In turn with other changes of the limits, and
    /// written to the configuration file if there is one; needs no store. An Error (Io, State, ...) changes nothing.
    virtual void setStoreFailurePolicy(config::StoreFailurePolicy policy, QObject *context,
                                       std::function<void(Result<Done>)> done) = 0;
    /// Tell whether Weir can be broken on purpose from here. False: all that follows below does nothing, or fails, but for
    /// sendRequests().
    [[nodiscard]] virtual bool canBreak() const = 0;
    /// Stop the refill timer of this process, or start it again.
    virtual void pauseRefiller(bool isPaused) = 0;
    /// Say whether requests through this process add the intervals that are due; off: only refillers do.
    virtual void setRefillOnDemand(bool isOn) = 0;

    /// Break exactly `harm` from now on; Harm{} repairs. Harm to the private server has no effect on another Redis.
    virtual void setHarm(const Harm &harm) = 0;
    /// Make the private server lose all buckets, once (FLUSHALL). Invalid when the Redis is not ours.
    virtual void makeStoreForget(QObject *context, std::function<void(Result<Done>)> done) = 0;
    /// Kill the private server, once (SIGKILL); it is started again as after any other end.
    virtual void killStore(QObject *context, std::function<void(Result<Done>)> done) = 0;
    /// Send `count` GET / over HTTP to the first of our own addresses, as any client would.
    virtual void sendRequests(int count, QObject *context, std::function<void(SendReport)> done) = 0;
    /// Send one request with this method and target there, without fields and body of its own. Failed when the target
    /// cannot be sent as it is written.
    virtual void sendAgain(const std::string &method, const std::string &target, QObject *context,
                           std::function<void(SendReport)> done) = 0;
};

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// What this process knows of all buckets, and what it decides while the store is away; shared by all workers.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

#include <QObject>

#include "core/engine/presence/circuit_breaker.h"
#include "core/engine/batch/batch.h"
#include "core/engine/known/known_buckets.h"
#include "core/engine/port/limit_status.h"
#include "core/engine/known/limit_tally.h"
#include "core/engine/known/local_buckets.h"

namespace weir::engine {

/// Any thread: a lock is held for a look-up or two for each bucket of a batch.
///
/// A take is counted as in flight before it is sent, and none is sent once this process decides by itself; takes in
/// flight at that moment count as taken. So no token is spent both here and in the store.
class BucketTable : public QObject {
    Q_OBJECT
public:
    using Instant = std::chrono::steady_clock::time_point;
    enum class Mode : std::uint8_t {
        Store,    ///< the store decides
        Local,    ///< this process decides
        Settling, ///< nobody decides for a moment: the last settlement is under way
    };

    explicit BucketTable(QObject *parent = nullptr);

    /// Take over the limits of `policies`; what is known of limits that keep their name stays.
    void adopt(const Policies &policies, Instant now);

    /// Sort requests into batches: at most store::kMaxRuns requests and store::kMaxBuckets buckets each; if the store
    /// is spread, of one group or one bucket each.
    [[nodiscard]] std::vector<Batch> sort(const ChargedRequests &requests, const PoliciesPtr &policies, bool isSpread,
                                          Instant now);

    // send() before a call: true when it may be sent, with `batch.sent` as what is known. Then hear() or lose(), once.
    [[nodiscard]] bool send(Batch &batch);
    /// Take in the answer to a call. False when an outage has begun since the call was sent: its tokens count as in
    /// doubt then, and its requests are to be decided anew.
    bool hear(const Batch &batch, const limit::TakeOutput &output, Instant now);
    void lose(const Batch &batch, bool mayBeDone);
    /// Count requests that were granted ahead, as hear() counts those of a call.
    void countServed(const Batch &batch, const limit::TakeOutput &output, Instant now);
    /// Count requests that `limit` does not decide because the store does not.
    void countUndecided(const limit::Limit &limit, std::int64_t requests);
    /// Count that our refiller added what was due to the bucket of `limit` that all requests share.
    void countRefill(const limit::Limit &limit);

    /// Return what a call of somebody else in this process is to say of a bucket; learn() takes its answer in.
    [[nodiscard]] limit::Known knownOf(const std::string &name, const limit::LimitSpec &spec) const
    {
        const std::lock_guard lock{m_mutex};
        return m_known.knownFor(name, spec);
    }
    /// Learn from the answer to such a call, given at `time` of the store's clock. No effect in an outage, which has
    /// begun with what was known before.
    void learn(const std::string &name, const limit::BucketCall &call, const limit::BucketOutput &told, Micros time,
               Instant now);

    /// Begin an outage: this process decides from here on. If it has never heard of a bucket, what was taken before is
    /// not known, and each begins at its start level, as in an empty store; by the clock of this machine if that of the
    /// store is not known either. The settlement finds the excess that this, and other instances in the same state,
    /// have caused.
    void begin(Instant now);
    /// Learn that the store's clock was `time` at a moment between `from` and `to`. No effect once a bucket has been
    /// heard of.
    void hearTime(Micros time, Instant from, Instant to);
    /// Decide a batch in this process; nothing when the mode is not Local (any more). `appliesDue` as for the store.
    [[nodiscard]] std::optional<limit::TakeOutput> takeLocally(const Batch &batch, bool appliesDue, Instant now);

    [[nodiscard]] Mode mode() const { return m_mode.load(); }
    /// Note that this process has set a level or a limit, or has heard of a newer one. Workers then forget answers to
    /// calls that they sent at an earlier count. To be called before the change is confirmed to anybody.
    void noteChange() { ++m_changes; }
    [[nodiscard]] std::uint64_t changes() const { return m_changes.load(); }
    /// Add the breaker state of a worker; never removed. That worker writes it, all read it.
    [[nodiscard]] std::atomic<CircuitBreaker::State> &joinBreaker();
    [[nodiscard]] CircuitBreaker::State worstBreaker() const;
    /// Set how many instances share the buckets, this one included; for the next outage.
    void setInstances(std::int64_t instances) { m_instances = instances; }

    // The return to the store; service thread.
    struct Settlement {
        std::vector<LocalBuckets::Work> work; ///< at most store::kMaxBuckets
        std::vector<limit::Known> known;      ///< likewise, the newest
        bool isLast{false};                   ///< nothing is left after it, and the mode is Settling
    };
    /// Take the next buckets to settle. `isCounted`: the instances have just been counted, so that the settlement can
    /// be exact if there is no other one.
    [[nodiscard]] Settlement takeWork(bool isCounted);
    /// Note that the settlement is entered; return the excess that was not reported before.
    limit::Tokens confirm(const Settlement &settlement, const std::vector<limit::SettleOutput> &outputs, Instant now);
    /// End the outage after the last settlement was confirmed: Settling becomes Store. False when more was decided
    /// since.
    bool finish(bool wasExact);
    void thaw(); ///< Settling becomes Local again
    /// Block a bucket that cannot be settled although the store is there (wrong type, broken content: a person has to
    /// look): its requests are rejected until it is settled.
    void block(const LocalBuckets::Work &work, const Error &why);
    /// Take the blocked buckets, to try to settle them again; `isCounted` as for takeWork().
    [[nodiscard]] Settlement takeBlocked(bool isCounted);
    /// Tell whether any bucket is blocked. Any thread; cheap.
    [[nodiscard]] bool hasBlocked() const { return m_hasBlocked.load(std::memory_order_relaxed); }
    /// Tell why the bucket of that name is blocked; nothing when it is not.
    [[nodiscard]] std::optional<Error> blockedBy(const std::string &name) const;

    /// Of the present outage, or of none; and of all so far.
    struct Status {
        Mode mode{Mode::Store};
        Instant since{};
        bool isUnheard{false};        ///< it began before any bucket had been heard of
        std::int64_t instances{1};    ///< that the share is reckoned by
        limit::Tokens spent{0};       ///< in this outage
        std::int64_t outages{0};      ///< lifetime of this process, this one included
        std::int64_t exactReturns{0}; ///< of them, settled with nothing lost and nothing overspent
        limit::Tokens excess{0};      ///< lifetime: that all instances may have taken too much
        limit::Tokens foundTaken{0};  ///< lifetime: tokens in doubt that turned out to be taken
        std::int64_t statesLost{0};   ///< lifetime: times that the store had forgotten a bucket, or a part of it
        std::size_t known{0};         ///< buckets
    };
    [[nodiscard]] Status status() const;
    [[nodiscard]] std::vector<LimitCounts> counts(const std::vector<limit::Limit> &limits, Instant now) const;
    [[nodiscard]] BucketList list(const limit::Limit &limit, const std::string &search, Instant now) const;

Q_SIGNALS:
    void begun();    ///< in the thread that called begin()
    void released(); ///< Settling has ended: held requests may go on
    /// worstBreaker() may be another; in the thread of the worker whose breaker it was.
    void breakerChanged();

private:
    /// Returns the subject of the bucket of each charge of each run.
    [[nodiscard]] std::vector<std::string_view> subjectsOf(const ChargedRequests &requests, const Policies &policies,
                                                           Instant now);
    // Under the lock:
    [[nodiscard]] LimitTally &tally(const limit::Limit &limit);
    [[nodiscard]] std::string_view enter(const limit::Limit &limit, std::string_view subject, Instant now);
    [[nodiscard]] Micros storeTime(Instant now) const;
    [[nodiscard]] bool isAlone() const;
    void tell(const Batch &batch, const limit::TakeOutput &output, Instant now);
    [[nodiscard]] std::optional<limit::Tokens> roomOf(const limit::Limit &limit, Instant now) const;
    void doubt(KnownBuckets::Entry &entry, const Batch &batch, const Batch::Bucket &bucket) const;

    mutable std::mutex m_mutex;
    std::atomic<Mode> m_mode{Mode::Store};
    std::atomic<std::uint64_t> m_changes{0};
    std::atomic<std::int64_t> m_instances{1};
    std::deque<std::atomic<CircuitBreaker::State>> m_breakers;
    KnownBuckets m_known;
    LocalBuckets m_local;
    std::map<std::string, Error, std::less<>> m_blocked; ///< by bucket; those that m_local has put aside
    std::atomic<bool> m_hasBlocked{false};
    std::map<std::string, LimitTally, std::less<>> m_tallies; ///< by limit
    std::int64_t m_mostLive{config::KeySettings{}.maxLive};
    bool m_refillsOnDemand{true};
    Micros m_heardUs{0}; ///< of the store's clock, the last time; 0: never
    Instant m_heardAt{};
    std::optional<Micros> m_firstHeardUs; ///< of a bucket
    Micros m_apart{0}; ///< how far our clock counts as ahead of the store's in an outage that began before it was known
    Status m_status;
};

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// What this process knows of all buckets, and what it decides of them while the store is away: one truth for all workers.
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

/// Any thread: a lock is held for the time of a look-up or two for each bucket of a batch, not of a request.
///
/// A take is counted as in flight before it is sent, and none is sent once this process decides by itself: what was
/// sent before counts as taken then. So a token is never spent here and there.
class BucketTable : public QObject {
    Q_OBJECT
public:
    using Instant = std::chrono::steady_clock::time_point;
    enum class Mode : std::uint8_t {
        Store,    ///< the store decides
        Local,    ///< this process does
        Settling, ///< nobody for a moment: the last of what was decided here is being entered in the store
    };

    explicit BucketTable(QObject *parent = nullptr);

    /// From now on these limits; what is known of those that keep their name stays.
    void adopt(const Policies &policies, Instant now);

    /// Requests as batches: at most store::kMaxRuns requests and store::kMaxBuckets buckets each; if the store is spread,
    /// of one group or one bucket each.
    [[nodiscard]] std::vector<Batch> sort(const ChargedRequests &requests, const PoliciesPtr &policies, bool isSpread,
                                          Instant now);

    // A call on its way: true when it may be sent, with `batch.sent`; then one of the two others once.
    [[nodiscard]] bool send(Batch &batch);
    /// False when an outage has begun since it went out, which counts what it took as in doubt: such an answer is as good as
    /// none, its requests are to be decided anew.
    bool hear(const Batch &batch, const limit::TakeOutput &output, Instant now);
    void lose(const Batch &batch, bool mayBeDone);
    /// What hear() does for requests that it takes in; for those that are admitted as the store has granted them ahead.
    void countServed(const Batch &batch, const limit::TakeOutput &output, Instant now);

    /// The store is away: from here on this process decides. When no bucket has ever been heard of, what was taken before is not
    /// known: each begins at its start level, as for a store that knows of none, by the clock of this machine if the store's has
    /// not been heard of either. What turns out to have been too much, here and by others who did the same, is the excess that
    /// the settlement finds.
    void begin(Instant now);
    /// The store's clock was `time` at a moment between the two. Counts for nothing once a bucket has been heard of.
    void hearTime(Micros time, Instant from, Instant to);
    /// Nothing when the mode is not Local (any more). `appliesDue` as for the store.
    [[nodiscard]] std::optional<limit::TakeOutput> takeLocally(const Batch &batch, bool appliesDue, Instant now);

    [[nodiscard]] Mode mode() const { return m_mode.load(); }
    /// This process has set a level or a limit, or has heard of a newer one. What a worker remembers of an answer to a call
    /// that it sent at an earlier count says nothing any more. To be noted before anybody hears that it is done.
    void noteChange() { ++m_changes; }
    [[nodiscard]] std::uint64_t changes() const { return m_changes.load(); }
    /// One for each worker; never removed. Its owner writes, all read.
    [[nodiscard]] std::atomic<CircuitBreaker::State> &joinBreaker();
    [[nodiscard]] CircuitBreaker::State worstBreaker() const;
    /// How many share the buckets, this instance included; for the next outage.
    void setInstances(std::int64_t instances) { m_instances = instances; }

    // The way back; service thread.
    struct Settlement {
        std::vector<LocalBuckets::Work> work; ///< at most store::kMaxBuckets
        std::vector<limit::Known> known;      ///< likewise, the newest
        bool isLast{false};                   ///< nothing is left then, and the mode is Settling
    };
    /// `isCounted`: the instances have just been counted; the settlement can be exact when there is no other.
    [[nodiscard]] Settlement takeWork(bool isCounted);
    /// Returns the excess that had not been told yet.
    limit::Tokens confirm(const Settlement &settlement, const std::vector<limit::SettleOutput> &outputs, Instant now);
    /// Confirmed the last: Settling becomes Store. False when more was decided since.
    bool finish(bool wasExact);
    void thaw(); ///< Settling becomes Local again
    /// The store is there but cannot be told of this bucket, and a person has to look (a wrong type, broken content): until
    /// it has been told, nobody decides of it here or there.
    void block(const LocalBuckets::Work &work, const Error &why);
    /// What is blocked, to be tried again.
    [[nodiscard]] Settlement takeBlocked();
    /// Any thread; cheap while there are none.
    [[nodiscard]] bool hasBlocked() const { return m_hasBlocked.load(std::memory_order_relaxed); }
    /// Why the bucket of that name is not decided of; nothing: it is.
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
    [[nodiscard]] std::vector<LimitCounts> counts(const std::vector<limit::Limit> &limits) const;
    [[nodiscard]] BucketList list(const limit::Limit &limit, const std::string &search, Instant now) const;

Q_SIGNALS:
    void begun();    ///< in the thread that called begin()
    void released(); ///< no longer Settling: what waited may go on
    /// worstBreaker() may be another; in the thread of the worker whose breaker it was.
    void breakerChanged();

private:
    /// Of each charge of each run, as its bucket is called.
    [[nodiscard]] std::vector<std::string_view> subjectsOf(const ChargedRequests &requests, const Policies &policies,
                                                           Instant now);
    // Under the lock:
    [[nodiscard]] LimitTally &tally(const limit::Limit &limit);
    [[nodiscard]] std::string_view enter(const limit::Limit &limit, std::string_view subject, Instant now);
    [[nodiscard]] Micros storeTime(Instant now) const;
    [[nodiscard]] bool isAlone() const;
    void tell(const Batch &batch, const limit::TakeOutput &output, Instant now);
    void doubt(KnownBuckets::Entry &entry, const Batch &batch, const Batch::Bucket &bucket) const;

    mutable std::mutex m_mutex;
    std::atomic<Mode> m_mode{Mode::Store};
    std::atomic<std::uint64_t> m_changes{0};
    std::atomic<std::int64_t> m_instances{1};
    std::deque<std::atomic<CircuitBreaker::State>> m_breakers;
    KnownBuckets m_known;
    LocalBuckets m_local;
    std::map<std::string, Error, std::less<>> m_blocked; ///< by bucket; of m_local, those that were put aside
    std::atomic<bool> m_hasBlocked{false};
    std::map<std::string, LimitTally, std::less<>> m_tallies; ///< by limit
    std::int64_t m_mostLive{config::KeySettings{}.maxLive};
    Micros m_heardUs{0}; ///< of the store's clock, the last time; 0: never
    Instant m_heardAt{};
    std::optional<Micros> m_firstHeardUs; ///< of a bucket
    Micros m_apart{0}; ///< that our clock is ahead of the store's in an outage that began without having heard of it
    Status m_status;
};

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// What stands in for the store while it is away: one bucket for the whole process, and the way into it and back.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include <QObject>

#include "core/base/result.h"
#include "core/engine/circuit_breaker.h"
#include "core/limit/local_bucket.h"
#include "core/telemetry/level_board.h"

namespace weir::engine {

/// What one thread tells about its dealings with the store. Its owner writes, all read.
struct StandbySlot {
    explicit StandbySlot(const telemetry::LevelBoard &board) : levels{board} {}
    const telemetry::LevelBoard &levels;
    std::mutex hearing; ///< held by who begins to decide without the store, and by its owner while it takes an answer in
    std::atomic<std::int64_t> inFlight{0}; ///< tokens of takes that are under way
    std::atomic<std::int64_t> inDoubt{0};  ///< tokens of takes that got no answer, since the last one that did
    std::atomic<CircuitBreaker::State> breaker{CircuitBreaker::State::Closed};
};

/// While the mode is not Store, no worker takes from the store: the tokens would be spent twice.
///
/// The order of things makes that exact without a lock on the way of a request: a worker first adds its
/// take to `inFlight` and then looks at the mode; begin() first sets the mode, then reads `inFlight`,
/// then the levels. So a take is seen, or not sent. An answer is taken in, level and all, before begin() looks or after it; what
/// comes after it counts as in doubt, and is as good as none: its requests are decided anew.
class Standby : public QObject {
    Q_OBJECT
public:
    using Instant = std::chrono::steady_clock::time_point;
    enum class Mode : std::uint8_t {
        Store,    ///< the store decides
        Local,    ///< this process does
        Settling, ///< nobody for a moment: what was decided here is being entered in the store
    };

    explicit Standby(QObject *parent = nullptr);

    /// Any thread. `levels` must outlive this.
    StandbySlot &join(const telemetry::LevelBoard &levels);
    [[nodiscard]] Mode mode() const { return m_mode.load(); }

    /// Any thread: this process has set a level or a limit, or has heard of a newer one. What a worker remembers of an
    /// answer to a call that it sent at an earlier count says nothing any more. To be noted before anybody hears that it
    /// is done.
    void noteChange() { ++m_changes; }
    [[nodiscard]] std::uint64_t changes() const { return m_changes.load(); }

    /// Any thread: how many times this process has begun to decide by itself. Who took an answer in under `hearing`, with the
    /// same number as when the call went out, can give it to its clients.
    [[nodiscard]] std::int64_t outages() const { return m_outages.load(); }

    /// Any thread: the store is away; from here on this process decides, from the last known level with
    /// its share. False when nothing was ever known of the bucket: then nothing can be decided here.
    bool begin(const limit::Limit &limit, Instant now);

    /// Any thread. Nothing when the mode is not Local (any more). `appliesDue` as for the store.
    [[nodiscard]] std::optional<limit::TakeOutput> take(std::span<const limit::CostRun> runs, bool appliesDue,
                                                        Instant now);

    struct Work {
        std::string limit; ///< its name
        limit::LastSeen seen;
        limit::Settlement settlement;
        telemetry::KnownReport known; ///< the newest in this process
    };
    /// Service thread: every worker can reach the store again.
    [[nodiscard]] bool isReadyToSettle() const;
    /// Service thread. Local becomes Settling; nothing when it is not Local. `isCounted`: the instances have just been
    /// counted; the settlement can be exact when there is no other.
    [[nodiscard]] std::optional<Work> freeze(bool isCounted);
    /// Service thread. Settling becomes Local again: the store does not confirm in time.
    void thaw();
    /// Service thread. Confirmed: Settling becomes Store. False when it was thawed meanwhile, so that
    /// more may have been decided here: freeze and settle again.
    bool finish(const limit::SettleOutput &output);
    /// Service thread: the store is there but cannot be told, and a person has to look (a wrong type,
    /// broken content): nobody decides here until it is settled.
    void block(const Error &why);
    /// Any thread. Why nobody decides here.
    [[nodiscard]] std::optional<Error> blockedBy() const;
    /// Service thread: how many share the bucket, this instance included; for the next outage.
    void setInstances(std::int64_t instances) { m_instances = instances; }

    /// Of the present outage, or of none; and of all so far.
    struct Status {
        Mode mode{Mode::Store};
        Instant since{};
        std::int64_t instances{1};    ///< that the share is reckoned by
        limit::Tokens spent{0};       ///< in this outage
        std::int64_t outages{0};      ///< lifetime of this process, this one included
        std::int64_t exactReturns{0}; ///< settled with nothing lost and nothing overspent
        limit::Tokens excess{0};      ///< lifetime: that all instances may have taken too much
        limit::Tokens foundTaken{0};  ///< lifetime: tokens in doubt that turned out to be taken
    };
    [[nodiscard]] Status status() const;
    /// Any thread: not closed if one worker's is not.
    [[nodiscard]] CircuitBreaker::State worstBreaker() const;

Q_SIGNALS:
    void begun();    ///< in the thread that called begin()
    void released(); ///< no longer Settling: what waited may go on
    /// worstBreaker() may be another; in the thread of the worker whose breaker it was.
    void breakerChanged();

private:
    // Under the lock:
    [[nodiscard]] limit::Tokens inDoubt();
    [[nodiscard]] telemetry::KnownReport newestKnown() const;
    [[nodiscard]] Micros storeTime(Instant now) const;

    mutable std::mutex m_mutex;
    std::deque<StandbySlot> m_slots; ///< never removed: references stay
    std::atomic<Mode> m_mode{Mode::Store};
    std::atomic<std::uint64_t> m_changes{0};
    std::atomic<std::int64_t> m_outages{0};
    std::atomic<std::int64_t> m_instances{1};
    std::optional<Error> m_blockedBy;
    std::optional<limit::LocalBucket> m_bucket; ///< not in mode Store
    std::string m_limit;                        ///< the name of its limit
    telemetry::KnownReport m_base;              ///< what m_bucket began with
    limit::Tokens m_excess{0};                  ///< that the store has told of this outage
    Status m_status;
};

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// Decides requests: which bucket, what cost, one store call per batch, and what when the store is away.
#pragma once

#include <functional>
#include <vector>

#include <QObject>
#include <QTimer>

#include "core/engine/batcher.h"
#include "core/engine/decision.h"
#include "core/engine/empty_bucket.h"
#include "core/engine/lease_returns.h"
#include "core/engine/standby.h"
#include "core/engine/store_presence.h"
#include "core/engine/token_lease.h"
#include "core/store/bucket_store.h"
#include "core/telemetry/worker_telemetry.h"

namespace weir::engine {

class GroupLimiter;

/// Thread: lives in one thread, with its store. `standby`, `telemetry` and `levels` are read by others and outlive it.
class Limiter : public QObject {
    Q_OBJECT
public:
    using Decided = std::function<void(Ticket, const Decision &)>;

    /// `decided` is called once for every decide(), never from inside it.
    Limiter(store::BucketStore &store, PoliciesPtr policies, Standby &standby, telemetry::WorkerTelemetry &telemetry,
            telemetry::LevelBoard &levels, Decided decided, QObject *parent = nullptr);

    /// Who decides what turns out to be no token bucket: another instance has changed the algorithm, or this one while a
    /// call was under way. Outlives this. Without it such requests are turned away.
    void handOverTo(GroupLimiter &other) { m_other = &other; }

    /// While the bucket is known to be empty, for kRefusalHolds at most, it is refused without the store, which is told
    /// of it afterwards. What the store has granted ahead (Policies::lease) is admitted without another call.
    void decide(Ticket ticket, limit::Tokens cost);
    /// When what decide() was asked goes to the store.
    [[nodiscard]] TurnEnd &turn() { return m_batcher.turn(); }

    /// Tells the store now of what was refused without it, if the store is there. True while it has not confirmed.
    bool report();
    /// Before the link closes: gives back what is held ahead, and report().
    bool handBack();

    /// From now on. An older epoch than the present one changes nothing but the failure policy and the
    /// way of refilling.
    void adopt(const PoliciesPtr &policies);
    [[nodiscard]] const Policies &policies() const { return *m_policies; }
    [[nodiscard]] const CircuitBreaker &breaker() const { return m_presence.breaker(); }

Q_SIGNALS:
    /// The store knows a newer limit than we did; this limiter goes by it already.
    void newerLimitFound(const weir::limit::Limit &limit);

private:
    /// When a call went out, and by what.
    struct Sent {
        EmptyBucket::Instant at;
        std::uint64_t changes;
        std::int64_t outages;
        PoliciesPtr policies;
        limit::Tokens tokens{0}; ///< that were asked for, those ahead included
        TokenLease::Ahead ahead{};
    };

    [[nodiscard]] bool isStoreDeciding() const;
    void submit(Batch batch, int attempt);
    void handOver(const Batch &batch);
    [[nodiscard]] static store::TakeRequest requestFor(std::vector<limit::CostRun> runs, const Policies &policies);
    [[nodiscard]] Sent sending() const;
    void onTaken(const Batch &batch, Result<limit::TakeOutput> result, const Sent &sent, int attempt);
    /// An answer that is not stale: from here on `output` is one to `batch` alone. Returns the tokens that were granted
    /// besides; nothing when an outage has begun since the call went out, and its requests are to be decided anew.
    [[nodiscard]] std::optional<limit::Tokens> takeIn(const Batch &batch, limit::TakeOutput &output, const Sent &sent);
    void lose(const Sent &sent, bool mayBeDone);
    void askAnew(Batch batch, const limit::TakeOutput &output, int attempt);
    void learn(const limit::TakeOutput &output, const Sent &sent);
    /// A stale answer to what was asked by `asked`: by what it is to be asked again.
    PoliciesPtr learnNewer(const limit::TakeOutput &output, const PoliciesPtr &asked);
    /// Counts them, and shows the level. `ahead`: tokens that the call took besides.
    void book(const Batch &batch, const limit::TakeOutput &output, Decision::By by, limit::Tokens ahead);
    void count(const Batch &batch, const limit::TakeOutput &output, Decision::By by);
    void tell(const Batch &batch, const limit::TakeOutput &output, Decision::By by, const limit::Limit &limit);

    // While the bucket is known to be empty.
    [[nodiscard]] bool refuse(Batch &batch);
    void tellByItself(Batch batch, limit::TakeOutput output);
    void noteSuccess();
    void reportSoon();
    using Told = LeaseReturns::Told;
    void tellStore(store::TakeRequest request, const Told &told);
    void onTold(const Told &told, const Result<limit::TakeOutput> &result, const Sent &sent);

    // What is held ahead; in limiter_ahead.cpp.
    void serve(Batch &batch);
    limit::Tokens hearAhead(const Batch &batch, limit::TakeOutput &output, const Sent &sent);
    void sendBack();

    // Without the store.
    void resumeLater(Batch batch);
    void resume(Batch batch);
    void resumeHeld();
    void decideWithout(const Batch &batch, const Error &error);
    void decideLocally(const Batch &batch, const Error &error);
    void fail(const Batch &batch, Decision::By by, const Error &error);

    void probe();
    void onProbed(const Result<limit::TakeOutput> &result, const PoliciesPtr &asked);

    store::BucketStore &m_store;
    PoliciesPtr m_policies;
    Standby &m_standby;
    telemetry::WorkerTelemetry &m_telemetry;
    telemetry::LevelBoard &m_levels;
    StandbySlot &m_slot;
    Decided m_decided;
    GroupLimiter *m_other{nullptr};
    Batcher m_batcher;
    std::vector<Batch> m_held; ///< wait for the standby to be settled
    StorePresence m_presence;
    EmptyBucket m_empty;
    TokenLease m_ahead;
    bool m_isDeciding{false}; ///< decide() is being called
    std::int64_t m_owed{0};   ///< requests refused without the store that it has not been told of
    int m_reports{0};         ///< under way, and what is given back
    QTimer m_reportTimer;
    LeaseReturns m_returns;
};

} // namespace weir::engine

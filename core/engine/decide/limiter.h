// SPDX-License-Identifier: GPL-3.0-only
// Decides requests: by one store call for each batch, or by the failure policy while the store is away.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <QObject>
#include <QTimer>

#include "core/engine/known/bucket_table.h"
#include "core/engine/ahead/batch_lease.h"
#include "core/engine/ahead/known_refusals.h"
#include "core/engine/ahead/owed_refusals.h"
#include "core/engine/ahead/lease_returns.h"
#include "core/engine/presence/store_presence.h"
#include "core/engine/batch/turn_end.h"
#include "core/store/bucket_store.h"
#include "core/telemetry/level_board.h"
#include "core/telemetry/worker_telemetry.h"

namespace weir::engine {

/// Thread: lives in one thread, with its store. `table`,
/// `telemetry` and `levels` are read by others and outlive it.
class Limiter : public QObject {
    Q_OBJECT
public:
    using Decided = std::function<void(Ticket, const Decision &)>;

    /// `decided` is called once for every decide(), never from inside it.
    Limiter(store::BucketStore &store, PoliciesPtr policies, BucketTable &table, telemetry::WorkerTelemetry &telemetry,
            telemetry::LevelBoard &levels, Decided decided, QObject *parent = nullptr);

    /// Decide the request `ticket`. `charges`: at least one, from Plan::decide() of the policies in force. A request
    /// that the store is known to refuse is refused without a call for kRefusalHolds at most, and the store is told of
    /// it afterwards. One that the store has granted ahead (Policies::lease) is admitted without a call.
    void decide(Ticket ticket, std::span<const policy::Charge> charges);
    /// Tell when the requests of a turn go to the store.
    [[nodiscard]] TurnEnd &turn() { return m_turn; }

    /// Tell the store now what was refused without it, if the store is there. True while it has not confirmed.
    bool report();
    /// Give back what is held ahead, and report(); to be called before the link closes. True while the store has not
    /// confirmed.
    bool handBack();

    /// Decide by `policies` from now on. A limit with an older epoch than the present one does not replace its numbers.
    void adopt(const PoliciesPtr &policies);

Q_SIGNALS:
    /// The store had a newer limit of that name; this limiter decides by it already.
    void newerLimitFound(const weir::limit::Limit &limit);

private:
    /// When a call went out.
    struct Sent {
        KnownRefusals::Instant at;
        std::uint64_t changes;
        BatchLease::Ahead ahead{};
    };

    void flush();
    [[nodiscard]] bool isStoreDeciding() const;
    void submit(Batch batch, int attempt);
    void onTaken(Batch batch, Result<limit::TakeOutput> result, const Sent &sent, int attempt);
    void lose(Batch &batch, const Sent &sent, bool mayBeDone);
    void learn(const Batch &batch, const limit::TakeOutput &output, const Sent &sent);
    void learnNewer(const Batch &batch, const limit::TakeOutput &output);
    /// `ahead`: tokens that the call took besides, by bucket; may be empty.
    void deliver(const Batch &batch, limit::TakeOutput output, Decision::By by,
                 const std::vector<limit::Tokens> &ahead = {});
    std::int64_t count(const Batch &batch, const limit::TakeOutput &output, Decision::By by);
    void postLevel(const Batch &batch, const limit::TakeOutput &output, const std::vector<limit::Tokens> &ahead = {});

    // What the store is known to refuse.
    void refuseKnown(Batch &batch);
    void noteSuccess();
    void reportSoon();
    void sendReport(Batch report);
    /// A call that tells the store something; `told` gets true when it surely does not know.
    using Told = LeaseReturns::Told;
    void tellStore(Batch report, const Told &told);
    void onTold(const Batch &report, const Told &told, const Result<limit::TakeOutput> &result);

    // What is held ahead; in limiter_ahead.cpp.
    void serve(Batch &batch);
    std::vector<limit::Tokens> hearAhead(const Batch &batch, limit::TakeOutput &output, const Sent &sent);
    void sendBack();

    /// Answers the requests on blocked buckets (BucketTable::block()), and takes them out of the batch.
    void rejectBlocked(Batch &batch);
    template<class Tell>
    void answer(Tell tell);

    // Without the store.
    void resumeLater(Batch batch);
    void resume(Batch batch);
    void resumeHeld();
    void decideWithout(Batch batch, const Error &error);
    void decideLocally(Batch batch, const Error &error);
    void fail(const Batch &batch, Decision::By by, const Error &error);
    void countUndecided(const Batch &batch, const limit::AskRun &run, bool withoutLocal);

    void probe();

    store::BucketStore &m_store;
    PoliciesPtr m_policies;
    BucketTable &m_table;
    telemetry::WorkerTelemetry &m_telemetry;
    telemetry::LevelBoard &m_levels;
    Decided m_decided;
    ChargedRequests m_requests; ///< of this turn of the event loop
    TurnEnd m_turn{*this, [this] { flush(); }};
    std::vector<Batch> m_held; ///< requests that wait until Settling ends
    bool m_isAdopting{false};  ///< answers are queued
    StorePresence m_presence;
    KnownRefusals m_known; ///< by m_policies
    OwedRefusals m_owed;
    BatchLease m_ahead; ///< likewise
    int m_reports{0};   ///< under way, and what is given back
    QTimer m_reportTimer;
    LeaseReturns m_returns;
};

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// Tells the store after an outage what was decided without it.
#pragma once

#include <optional>

#include <QObject>
#include <QTimer>

#include "core/engine/known/bucket_table.h"
#include "core/engine/presence/instance_count.h"
#include "core/store/bucket_store.h"

namespace weir::engine {

/// Settles many buckets call by call while this process goes on deciding, and holds requests only during the last call.
/// Thread: lives in one thread, with its store; one per process.
class Settler : public QObject {
    Q_OBJECT
public:
    /// `count` outlives this.
    Settler(store::BucketStore &store, PoliciesPtr policies, BucketTable &table, InstanceCount &count,
            QObject *parent = nullptr);

    void adopt(const PoliciesPtr &policies) { m_policies = policies; }
    /// Stop or resume settling; held while the limits of the buckets in the store are not known yet.
    void hold(bool isHeld) { m_isHeld = isHeld; }

Q_SIGNALS:
    /// The store decides all buckets again. `isExact`: no other instance used one meanwhile; `excess`: most tokens that
    /// may have been overspent.
    void settled(bool isExact, weir::limit::Tokens excess);
    void newerLimitFound(const weir::limit::Limit &limit);
    /// A bucket of that limit cannot be settled: its requests are rejected until it can.
    void blocked(const std::string &limit, const weir::Error &why);

private:
    /// What came of settlements.
    struct Outcome {
        bool isExact{true};
        limit::Tokens excess{0};
    };

    void look();
    void settleSome();
    void settleBlocked();
    void sendRound();
    void sendNext(std::size_t first);
    void onError(const std::vector<std::size_t> &places, const Error &error, std::size_t next);
    void onSettled(const std::vector<std::size_t> &places, const Result<std::vector<limit::SettleOutput>> &result,
                   std::size_t next);
    void finishRound();
    void giveUpRound();
    [[nodiscard]] std::string groupOf(const LocalBuckets::Work &work) const;

    store::BucketStore &m_store;
    PoliciesPtr m_policies;
    BucketTable &m_table;
    InstanceCount &m_count;
    QTimer m_timer;
    QTimer m_thaw;
    BucketTable::Settlement m_round;
    std::vector<std::vector<std::size_t>> m_calls; ///< places in m_round.work, by call
    BucketTable::Instant m_notBefore{};
    bool m_isUnderWay{false};
    bool m_isHeld{false};
    bool m_isCounted{false};       ///< for this round
    bool m_isOfBlocked{false};     ///< the round is about those that are blocked, while the store decides all others
    Outcome m_return;              ///< of the present outage
    bool m_isBlocking{false};      ///< a bucket could not be settled in this return
    std::optional<Outcome> m_late; ///< of outages that ended with blocked buckets: to be told once none is
};

} // namespace weir::engine

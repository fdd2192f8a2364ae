// SPDX-License-Identifier: GPL-3.0-only
// The study's timer for several limits: keeps the pictures of the buckets that all share moving, and refills them.
#pragma once

#include <QObject>
#include <QTimer>

#include "core/engine/bucket_table.h"
#include "core/engine/refiller.h"
#include "core/store/bucket_store.h"
#include "core/telemetry/level_board.h"

namespace weir::engine {

/// Only buckets without a key have one; the others are refilled by the requests on them. Thread: lives in one thread,
/// with its store.
class GroupRefiller : public QObject {
    Q_OBJECT
public:
    GroupRefiller(store::BucketStore &store, PoliciesPtr policies, BucketTable &table, telemetry::LevelBoard &levels,
                  std::string name, QObject *parent = nullptr);

    void start() { tick(); }
    void adopt(const PoliciesPtr &policies);
    void pause(bool isPaused);
    /// Asks once for the levels, without refilling unless refill on demand is on.
    void look() { ask(m_policies->refillsOnDemand); }
    [[nodiscard]] const RefillerPulse &pulse() const { return m_pulse; }

Q_SIGNALS:
    void newerLimitFound(const weir::limit::Limit &limit);

private:
    void tick();
    void ask(bool appliesDue);
    void onAnswer(const GroupBatch &batch, const Result<limit::GroupOutput> &result, bool isTick);
    void noteRefill(const limit::Limit &limit, Micros now);
    void armFor(Micros wait);

    store::BucketStore &m_store;
    PoliciesPtr m_policies;
    BucketTable &m_table;
    telemetry::LevelBoard &m_levels;
    std::string m_name; ///< as RefillerPulse::lastRefiller has it
    RefillerPulse m_pulse;
    QTimer m_timer;
};

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// Brings the decisions back to the store after an outage: looks whether it is there, then enters what was decided without it.
#pragma once

#include <QObject>
#include <QTimer>

#include "core/engine/instance_count.h"
#include "core/engine/policies.h"
#include "core/engine/standby.h"
#include "core/store/bucket_store.h"

namespace weir::engine {

/// Thread: lives in one thread, with its store; one per process.
class Settler : public QObject {
    Q_OBJECT
public:
    /// `count` lives in the same thread, as long as this.
    Settler(store::BucketStore &store, PoliciesPtr policies, Standby &standby, telemetry::LevelBoard &levels,
            InstanceCount &count, QObject *parent = nullptr);

    void adopt(const PoliciesPtr &policies) { m_policies = policies; }

Q_SIGNALS:
    /// The store decides again.
    void settled(const weir::limit::SettleOutput &output);
    void newerLimitFound(const weir::limit::Limit &limit);
    /// As GroupSettler::blocked().
    void blocked(const std::string &limit, const weir::Error &why);

private:
    void look();
    void settle(bool isCounted);
    [[nodiscard]] limit::Limit inForce(const std::string &name, const limit::LastSeen &seen) const;
    void onSettled(const std::string &name, const Result<limit::SettleOutput> &result);
    void tryAgain();

    store::BucketStore &m_store;
    PoliciesPtr m_policies;
    Standby &m_standby;
    telemetry::LevelBoard &m_levels;
    InstanceCount &m_count;
    QTimer m_timer;
    QTimer m_thaw;
    Standby::Instant m_notBefore{};
    bool m_isUnderWay{false};
};

} // namespace weir::engine

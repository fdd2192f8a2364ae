// SPDX-License-Identifier: GPL-3.0-only
// The QTimer that refills the bucket at every interval, whether or not anybody asks.
#pragma once

#include <functional>

#include <QObject>
#include <QTimer>

#include "core/engine/policies.h"
#include "core/store/bucket_store.h"
#include "core/telemetry/level_board.h"

namespace weir::engine {

/// Thread: lives in one thread, with its store. Any number of refillers may serve one bucket: the
/// script applies each interval once, whoever calls.
class Refiller : public QObject {
    Q_OBJECT
public:
    Refiller(store::BucketStore &store, PoliciesPtr policies, telemetry::LevelBoard &levels, QObject *parent = nullptr);

    void start();
    void adopt(const PoliciesPtr &policies);
    /// A tick now: brings the level up to date. One at a time; one asked for meanwhile follows.
    void tick();
    [[nodiscard]] bool isRunning() const { return m_isRunning; }

Q_SIGNALS:
    void ticked(); ///< the store answered
    void failed(const QString &why);
    void newerLimitFound(const weir::limit::Limit &limit);

private:
    void onTaken(const Result<limit::TakeOutput> &result);
    void armFor(Micros wait);

    store::BucketStore &m_store;
    PoliciesPtr m_policies;
    telemetry::LevelBoard &m_levels;
    QTimer m_timer;
    bool m_isInFlight{false};
    bool m_isTickDue{false};
    bool m_isRunning{false};
};

} // namespace weir::engine

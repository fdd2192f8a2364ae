// SPDX-License-Identifier: GPL-3.0-only
// The QTimer that refills the bucket at every interval, whether or not anybody asks.
#pragma once

#include <string>

#include <QObject>
#include <QTimer>

#include "core/engine/policies.h"
#include "core/engine/standby.h"
#include "core/store/bucket_store.h"
#include "core/telemetry/level_board.h"

namespace weir::engine {

/// How the refiller is doing.
struct RefillerPulse {
    bool isRunning{false}; ///< armed, and the last tick was answered
    bool isPaused{false};
    std::int64_t tickedAtMs{
        0};             ///< milliseconds since 1970, this machine's clock, of the last tick that was answered; 0: none
    Micros lateness{0}; ///< of the last interval that it applied: after the boundary, by the store's clock
    Micros worstLateness{0};   ///< since the start, without the first
    std::int64_t lateTicks{0}; ///< more than kLate
    std::string lastRefiller;  ///< who applied the bucket's last interval; "-": a request
};

/// Thread: lives in one thread, with its store. Any number of refillers may serve one bucket: the
/// script applies each interval once, whoever calls.
class Refiller : public QObject {
    Q_OBJECT
public:
    static constexpr Micros kLate{100'000};

    /// `name`: as TakeRequest::refiller, kept in the bucket with each refill.
    Refiller(store::BucketStore &store, PoliciesPtr policies, Standby &standby, telemetry::LevelBoard &levels,
             std::string name, QObject *parent = nullptr);

    void start();
    void adopt(const PoliciesPtr &policies);
    /// A tick now: brings the level up to date. One at a time; one asked for meanwhile follows. Nothing
    /// while paused.
    void tick();
    /// Looks at the level as a request would, without refilling in anybody's name.
    void look();
    /// While paused nothing is refilled in time; where requests do not refill, the bucket starves.
    void pause(bool isPaused);
    [[nodiscard]] bool isRunning() const { return m_pulse.isRunning; }
    [[nodiscard]] const RefillerPulse &pulse() const { return m_pulse; }

Q_SIGNALS:
    void ticked(); ///< the store answered, or this process has refilled its own bucket
    void failed(const QString &why);
    void newerLimitFound(const weir::limit::Limit &limit);

private:
    void tickLocally();
    void onTaken(const Result<limit::TakeOutput> &result);
    void notePulse(const limit::TakeOutput &output);
    void armFor(Micros wait);

    store::BucketStore &m_store;
    PoliciesPtr m_policies;
    Standby &m_standby;
    telemetry::LevelBoard &m_levels;
    std::string m_name;
    QTimer m_timer;
    RefillerPulse m_pulse;
    std::int64_t m_interval{0}; ///< the last one seen applied
    Micros m_every{0};          ///< its length
    bool m_isInFlight{false};
    bool m_isTickDue{false};
};

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// The timer that refills the buckets without a key at every interval, with or without requests.
#pragma once

#include <string>

#include <QObject>
#include <QTimer>

#include "core/engine/known/bucket_table.h"
#include "core/store/bucket_store.h"
#include "core/telemetry/level_board.h"

namespace weir::engine {

/// How the refiller is doing.
struct RefillerPulse {
    bool isRunning{false}; ///< armed, and the last tick was answered
    bool isPaused{false};
    /// Milliseconds since 1970, this machine's clock, of the last tick that was answered; 0: none.
    std::int64_t tickedAtMs{0};
    Micros lateness{0};        ///< of the last interval that it applied: after the boundary, by the store's clock
    Micros worstLateness{0};   ///< since the start, without the first
    std::int64_t lateTicks{0}; ///< more than kLate
    std::string lastRefiller;  ///< who applied the last interval of the shown bucket; "-": a request; empty: not known
};

/// Only for buckets without a key; requests refill the others. Any number of refillers may serve one bucket: the script
/// applies each interval once. Thread: lives in one thread, with its store.
class Refiller : public QObject {
    Q_OBJECT
public:
    static constexpr Micros kLate{100'000};

    /// `name`: as store::TakeRequest::refiller.
    Refiller(store::BucketStore &store, PoliciesPtr policies, BucketTable &table, telemetry::LevelBoard &levels,
             std::string name, QObject *parent = nullptr);

    void adopt(const PoliciesPtr &policies);
    /// Refill the buckets now. A call during a tick starts another one after it. No effect while paused.
    void tick();
    /// Stop the timer, or start it again. While paused only requests refill, and nothing does where they must not.
    void pause(bool isPaused);
    /// Ask once for the levels, without a refill unless refill on demand is on.
    void look() { ask(m_policies->refillsOnDemand, false); }
    /// The same of one bucket, which others have set.
    void lookAt(const std::string &limit, const std::string &subject);
    [[nodiscard]] const RefillerPulse &pulse() const { return m_pulse; }

Q_SIGNALS:
    void ticked(); ///< a call of a tick was answered or failed
    void newerLimitFound(const weir::limit::Limit &limit);

private:
    void ask(bool appliesDue, bool isTick);
    void send(Batch batch, bool appliesDue, bool isTick);
    void onAnswer(const Batch &batch, const Result<limit::TakeOutput> &result, bool isTick);
    void noteRefiller(const Batch &batch, std::size_t place, const limit::TakeOutput &output);
    [[nodiscard]] bool isShown(const Batch &batch, std::size_t place) const;
    void armFor(Micros wait);

    store::BucketStore &m_store;
    PoliciesPtr m_policies;
    BucketTable &m_table;
    telemetry::LevelBoard &m_levels;
    std::string m_name;
    RefillerPulse m_pulse;
    QTimer m_timer;
    int m_ticks{0}; ///< calls of the last tick that are under way
    bool m_isTickDue{false};
};

} // namespace weir::engine

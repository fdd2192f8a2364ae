// SPDX-License-Identifier: GPL-3.0-only
// How many instances share the buckets: each marks itself once a second in the present window of the store's clock.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <QObject>
#include <QTimer>

#include "core/base/clock.h"
#include "core/engine/known/bucket_table.h"
#include "core/store/bucket_store.h"

namespace weir::engine {

/// Too many are assumed rather than too few. A number that is higher than what is believed is believed at once. A lower one
/// only after two whole windows that told nothing higher and in which nothing happened to the count: the store was asked
/// without a break and forgot no mark, and its clock was not stepped. So the number outlives a store that forgets, an outage
/// and those who come back from it later than this one, as long as they do so within those windows (10 to 15 s).
///
/// What remains: an instance that has just begun, and has heard nothing higher yet, takes itself for as many as it hears of:
/// one, if the store has just forgotten. The others mark themselves again within a second of the store's return, two at
/// most. If it goes away again in that time, each such instance goes on with all of the level instead of its share.
///
/// Thread: lives in one thread, with its store.
class InstanceCount : public QObject {
    Q_OBJECT
public:
    /// `name`: as store::SettleRequest::instance. `table` is told, at once.
    InstanceCount(store::BucketStore &store, BucketTable &table, std::string name, QObject *parent = nullptr);

    /// Looks, now and once a second.
    void start();
    void look();
    /// Looks, or waits for the look that is under way; then `done`, in this thread: false if the store did not tell.
    using Looked = std::function<void(bool)>;
    void lookFor(Looked done);
    [[nodiscard]] const std::string &name() const { return m_name; }
    /// As many as are believed; at least 1.
    [[nodiscard]] std::int64_t instances() const { return m_instances; }

Q_SIGNALS:
    void changed(qint64 instances);
    /// The store's clock has gone forward, or back (below 0), by that much more than time has passed, by a second at least.
    void clockStepped(weir::Micros by);

private:
    void ask(std::int64_t window, int attempt);
    void onCounted(std::int64_t asked, int attempt, SteadyInstant sent, const Result<store::InstanceCounts> &result);
    void watchClock(Micros time, SteadyInstant sent);
    void learn(const store::InstanceCounts &counts);
    void use(std::int64_t instances);

    store::BucketStore &m_store;
    BucketTable &m_table;
    std::string m_name;
    QTimer m_timer;
    std::vector<Looked> m_waiting; ///< for the look that is under way
    /// How far the store's clock is ahead of ours, at least and at most; nothing: it has not told yet.
    std::optional<std::pair<Micros, Micros>> m_ahead;
    std::int64_t m_window{0}; ///< the last one that this instance is marked in, as far as it knows
    std::int64_t m_instances{1};
    std::int64_t m_keptThrough{0}; ///< the window until whose end no lower number is believed
    bool m_isUnderWay{false};
    bool m_wasDisturbed{false}; ///< since the last answer
};

} // namespace weir::engine

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

/// Errs towards too many. A higher number is used at once; a lower one only after two whole windows with nothing higher
/// and nothing that disturbs the count: the store was asked without a break, forgot no mark, and its clock was not
/// stepped. So the number survives a store that forgets, an outage, and instances that return from it later than this
/// one, if they do so within those windows (10 to 15 s).
///
/// A limitation: an instance that has just started uses the first number it hears, which is one if the store has just
/// forgotten. The others mark themselves again within one to two seconds of the return of the store. If the store goes
/// away again in that time, each such instance goes on with the whole level instead of its share.
///
/// Thread: lives in one thread, with its store.
class InstanceCount : public QObject {
    Q_OBJECT
public:
    /// `name`: store::SettleRequest::instance. `table` gets each new number at once.
    InstanceCount(store::BucketStore &store, BucketTable &table, std::string name, QObject *parent = nullptr);

    /// Look now and then once a second.
    void start();
    void look();
    /// Look, or wait for the look under way; then call `done` in this thread, with false if the store did not answer, or if its
    /// clock was stepped so lately that others may have their marks in another window still.
    using Looked = std::function<void(bool)>;
    void lookFor(Looked done);
    [[nodiscard]] const std::string &name() const { return m_name; }
    /// Return the number in use; at least 1.
    [[nodiscard]] std::int64_t instances() const { return m_instances; }
    /// Return how many times the store's clock has gone back, as clockStepped() has told.
    [[nodiscard]] std::int64_t clockRegressions() const { return m_clockRegressions; }

Q_SIGNALS:
    void changed(qint64 instances);
    /// The store's clock has gone forward, or back (below 0), by so much more than the time that has passed, a second
    /// at least.
    void clockStepped(weir::Micros by);

private:
    void ask(std::int64_t window, int attempt);
    void onCounted(std::int64_t asked, int attempt, SteadyInstant sent, const Result<store::InstanceCounts> &result);
    void watchClock(Micros time, SteadyInstant sent);
    void noteStep(Micros by);
    void learn(const store::InstanceCounts &counts);
    void use(std::int64_t instances);

    store::BucketStore &m_store;
    BucketTable &m_table;
    std::string m_name;
    QTimer m_timer;
    std::vector<Looked> m_waiting; ///< for the look that is under way
    /// How far the store's clock is ahead of ours, at least and at most; nothing: it has not told yet.
    std::optional<std::pair<Micros, Micros>> m_ahead;
    SteadyInstant m_unsureUntil{};
    std::int64_t m_window{0}; ///< the last one that this instance is marked in, as far as it knows
    std::int64_t m_instances{1};
    std::int64_t m_clockRegressions{0};
    std::int64_t m_keptThrough{0}; ///< the window until whose end no lower number is used
    bool m_isUnderWay{false};
    bool m_wasDisturbed{false}; ///< since the last answer
};

} // namespace weir::engine

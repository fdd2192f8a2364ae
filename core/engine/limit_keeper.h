// SPDX-License-Identifier: GPL-3.0-only
// The limit in force: found at the start, changed on a wish, learnt from others, kept beyond its bucket.
#pragma once

#include <functional>
#include <string>

#include <QObject>

#include "core/config/config.h"
#include "core/store/bucket_store.h"
#include "core/telemetry/level_board.h"

namespace weir::engine {

/// Thread: lives in one thread, with its store. The only one of an instance that changes a limit.
class LimitKeeper : public QObject {
    Q_OBJECT
public:
    using Done = std::function<void(Result<limit::Limit>)>;

    LimitKeeper(store::BucketStore &store, telemetry::LevelBoard &levels, QObject *parent = nullptr);

    /// What `wish` says explicitly wins over what the store remembers; what it does not say stays, the algorithm as well.
    /// `mode`: as of change(). Invalid when the two together are no limit. Two round trips at most, three when it is a
    /// change.
    void settle(const std::string &name, const config::LimitWish &wish, limit::TokenMode mode, Done done);

    /// `done` with the limit that every request which starts later is decided by, in all instances.
    void change(const limit::LimitSpec &spec, limit::TokenMode mode, Done done);

    /// Full or empty now; `done` gets the level.
    void setLevel(limit::StartLevel level, std::function<void(Result<limit::Tokens>)> done);

    /// Somebody else changed the limit and the store told us. An older one is ignored.
    void learn(const limit::Limit &limit);

    /// Writes the register again if that has failed; to be called now and then.
    void saveIfDue();

    [[nodiscard]] const limit::Limit &limit() const { return m_limit; }

Q_SIGNALS:
    /// After each change, ours or not; `before` are the numbers that held until now.
    void changed(const weir::limit::Limit &limit, const weir::limit::LimitSpec &before);

private:
    void onLoaded(const std::optional<limit::Limit> &known, const std::string &name, const config::LimitWish &wish,
                  limit::TokenMode mode, Done done);
    void tryChange(const limit::LimitSpec &spec, limit::TokenMode mode, int attempt, Done done);
    void changeOver(const limit::Limit &next, limit::TokenMode mode, int attempt, Done done);
    void change(const limit::Limit &next, limit::TokenMode mode, int attempt, Done done);
    void tryAgain(const limit::Limit &wished, limit::TokenMode mode, int attempt, const limit::Limit &inForce,
                  Done done);
    void adopt(const limit::Limit &limit);
    void save();

    store::BucketStore &m_store;
    telemetry::LevelBoard &m_levels;
    limit::Limit m_limit;
    bool m_isUnsaved{false}; ///< the register does not hold m_limit yet
};

} // namespace weir::engine

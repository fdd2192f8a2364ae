// SPDX-License-Identifier: GPL-3.0-only
// The numbers of several limits in force, with their epochs: brought to the store, learnt from others.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <QObject>
#include <QTimer>

#include "core/engine/rule_book.h"
#include "core/store/bucket_store.h"

namespace weir::engine {

/// LimitKeeper's sister for a RuleBook. Thread: lives in one thread, with its store.
class RuleKeeper : public QObject {
    Q_OBJECT
public:
    using Limits = std::vector<limit::Limit>;
    using Done = std::function<void(Result<Limits>)>;
    /// How often the register is looked at for what others have changed: contracts say 100 ms.
    static constexpr std::chrono::milliseconds kLookEvery{80};

    explicit RuleKeeper(store::BucketStore &store, QObject *parent = nullptr);

    /// From now on the limits of `book`, by the numbers that it has. Numbers that the register has already keep their
    /// epoch; others get a larger one. `mode` says what becomes of the tokens in buckets without a key; those by key keep
    /// theirs. `done` with what every request that starts later is decided by. An Error changes nothing here.
    void apply(const RuleBookPtr &book, limit::TokenMode mode, Done done);

    /// From now on the limits of `book`, by the numbers `limits`, which the store has already.
    void follow(const RuleBookPtr &book, const Limits &limits) { adopt(book, limits, {}); }

    /// The bucket of `subject`, full or empty now; `done` gets the level after.
    void setLevel(std::size_t limit, const std::string &subject, limit::StartLevel level,
                  std::function<void(Result<limit::Tokens>)> done);

    /// Somebody else changed the limit of that name. An older one is ignored.
    void learn(const limit::Limit &limit);

    /// Nothing is looked at any more, until the next apply().
    void stop();
    [[nodiscard]] const Limits &limits() const { return m_limits; }

Q_SIGNALS:
    /// Others have changed something.
    void changed();

private:
    void attempt(const RuleBookPtr &book, limit::TokenMode mode, std::size_t attempt, Done done);
    void enact(const RuleBookPtr &book, const Limits &next, std::vector<std::size_t> changed, limit::TokenMode mode,
               std::size_t attempt, Done done);
    void adopt(const RuleBookPtr &book, const Limits &next, const std::vector<std::size_t> &changed);
    void look();
    [[nodiscard]] store::GroupRequest requestFor(const RuleBook &book, std::size_t place, const limit::Limit &limit,
                                                 const std::string &subject, limit::TokenMode mode) const;

    store::BucketStore &m_store;
    RuleBookPtr m_book;
    Limits m_limits;                             ///< as in m_book
    std::map<std::string, std::int64_t> m_ahead; ///< epochs that buckets have and the register has not, by limit
    QTimer m_timer;
    bool m_isLooking{false};
};

} // namespace weir::engine

// SPDX-License-Identifier: GPL-3.0-only
// What is in force, and which bucket is shown: from wishes, and from what other Weirs have changed.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include <QObject>

#include "app/limit_parts.h"
#include "core/config/limit_set.h"

namespace weir::app {

/// Thread: the service thread, as `parts`, which outlives it.
class LimitsInForce : public QObject {
    Q_OBJECT
public:
    using Applied = std::function<void(const Result<Done> &)>;

    /// `lease`: the most tokens of a bucket that a worker takes ahead.
    LimitsInForce(LimitParts &parts, limit::Tokens lease, QObject *parent = nullptr);

    /// Null until limits have been brought into force for the first time.
    [[nodiscard]] const engine::PoliciesPtr &policies() const { return m_policies; }
    /// With the numbers that hold, which other Weirs may have changed.
    [[nodiscard]] config::LimitSet limitSet() const;

    /// Brings the limits of `config` into force. What is not said of the one limit is as the store remembers; a list of
    /// limits says everything. `done` once. What has been assumed so far is brought to the store by this, and its buckets are
    /// not touched: what was decided meanwhile is to be settled first.
    void apply(store::BucketStore &store, const config::Config &config, limit::TokenMode mode, const Applied &done);
    void apply(store::BucketStore &store, const config::LimitSet &limitSet, limit::TokenMode mode, const Applied &done);
    /// From now on what `config` says, without a store; what is not said has its default.
    void assume(const config::Config &config);
    /// It holds still, and the store has not been told.
    [[nodiscard]] bool isAssumed() const { return m_isAssumed; }
    [[nodiscard]] bool has(const std::string &limit) const;
    /// Of one limit its policy. Each process has its own, so that the store is not asked: it is changed while the store is
    /// away. Invalid: there is no limit of that name.
    [[nodiscard]] Result<Done> setPolicy(const std::string &limit, config::StoreFailurePolicy policy);
    void setRefillOnDemand(bool isOn);
    /// The bucket that is shown from now on; where there is none, that of the first limit that has one for all.
    void show(const std::string &limit, const std::string &subject);
    /// As ServicePort::setBucketLevel().
    void setLevel(const std::string &limit, const std::string &subject, limit::StartLevel level,
                  const std::function<void(Result<limit::Tokens>)> &done);
    /// Workers refuse by themselves while they know a bucket to be empty; from here on they ask again.
    void noteChange() { m_parts.table().noteChange(); }

Q_SIGNALS:
    /// policies() are others. `before`: the last ones, null for the first time.
    void changed(const weir::engine::PoliciesPtr &before);
    /// The store knows the limits, which had been assumed.
    void confirmed();

private:
    [[nodiscard]] engine::LimitKeeper::Done whenApplied(const engine::LimitBookPtr &book, const Applied &done);
    void use(const engine::LimitBookPtr &book, const std::vector<limit::Limit> &limits);
    void decideBy(engine::Policies policies);

    LimitParts &m_parts;
    limit::Tokens m_lease;
    engine::PoliciesPtr m_policies;
    bool m_isAssumed{false};
    std::pair<std::string, std::string> m_shown; ///< limit, subject; as wished, if it is there
};

} // namespace weir::app

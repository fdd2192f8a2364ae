// SPDX-License-Identifier: GPL-3.0-only
// The limits in force and the shown bucket, as configured here and changed by other instances.
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

    /// Return the policies in force; null before the first ones.
    [[nodiscard]] const engine::PoliciesPtr &policies() const { return m_policies; }
    /// Return the limits with the numbers in force, which other instances may have changed.
    [[nodiscard]] config::LimitSet limitSet() const;

    /// Bring the limits of `config` into force; `done` once. Numbers that `config` leaves out are those of the store; a
    /// list of limits has all. After assume() the buckets are not told, because what was decided meanwhile must be
    /// settled first.
    void apply(store::BucketStore &store, const config::Config &config, limit::TokenMode mode, const Applied &done);
    void apply(store::BucketStore &store, const config::LimitSet &limitSet, limit::TokenMode mode, const Applied &done);
    /// Decide by `config` from now on, without a store; numbers that it leaves out have their defaults.
    void assume(const config::Config &config);
    /// Tell whether assume() still holds: the store has not been told.
    [[nodiscard]] bool isAssumed() const { return m_isAssumed; }
    [[nodiscard]] bool has(const std::string &limit) const;
    /// Set the failure policy of one limit. It belongs to each process, so the store is not needed. Invalid: there is
    /// no limit of that name.
    [[nodiscard]] Result<Done> setPolicy(const std::string &limit, config::StoreFailurePolicy policy);
    void setRefillOnDemand(bool isOn);
    /// Show this bucket from now on; if its limit is gone, that of the first limit without a key.
    void show(const std::string &limit, const std::string &subject);
    /// As ServicePort::setBucketLevel().
    void setLevel(const std::string &limit, const std::string &subject, limit::Tokens tokens,
                  const std::function<void(Result<limit::Tokens>)> &done);
    /// Make workers forget which buckets are empty, so that they ask the store again.
    void noteChange() { m_parts.table().noteChange(); }

Q_SIGNALS:
    /// policies() have changed. `before`: the last ones, null at first.
    void changed(const weir::engine::PoliciesPtr &before);
    /// The store has the limits that had been assumed.
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

// SPDX-License-Identifier: GPL-3.0-only
// The deciding parts of a running Weir outside the workers: bucket table, instance count, keeper, settler and refiller.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <QObject>

#include "core/engine/keep/limit_keeper.h"
#include "core/engine/keep/refiller.h"
#include "core/engine/keep/settler.h"
#include "core/engine/presence/instance_count.h"

namespace weir::app {

/// Thread: the service thread; table() any.
class LimitParts : public QObject {
    Q_OBJECT
public:
    /// What this process calls itself in the store.
    struct Names {
        std::string instance; ///< store::SettleRequest::instance, and store::Author
        std::string refiller; ///< store::TakeRequest::refiller
    };
    explicit LimitParts(Names names, QObject *parent = nullptr) : QObject{parent}, m_names{std::move(names)} {}

    /// Start all parts. `levels`: the service thread's own. The arguments outlive stop().
    void start(store::BucketStore &store, const engine::PoliciesPtr &policies, telemetry::LevelBoard &levels);
    void stop();
    /// Decide without the store from start() on, because it has not answered yet; settling waits for release(), when
    /// the limits in the store are known.
    void beginAlone();
    void release();
    void adopt(const engine::PoliciesPtr &policies);

    [[nodiscard]] const Names &names() const { return m_names; }
    [[nodiscard]] engine::BucketTable &table() { return m_table; }
    [[nodiscard]] const engine::BucketTable &table() const { return m_table; }
    [[nodiscard]] engine::LimitKeeper *keeper() { return m_keeper.get(); }
    // Null before start().
    [[nodiscard]] engine::Refiller *refiller() { return m_refiller.get(); }
    [[nodiscard]] const engine::InstanceCount *instances() const { return m_instances.get(); }

    /// Return the keeper, made at the first call: limits can be brought into force before requests are decided.
    engine::LimitKeeper &keeperOf(store::BucketStore &store);

Q_SIGNALS:
    /// As Settler::settled().
    void settled(bool isExact, weir::limit::Tokens excess);
    /// As Settler::blocked().
    void blocked(const std::string &limit, const weir::Error &why);
    /// Other instances have changed numbers; LimitKeeper::limits() has them.
    void numbersChanged();
    /// As LimitKeeper::tookOver() and wasOverruled().
    void tookOver(const weir::limit::Limit &before, const weir::limit::Limit &after, const std::string &other);
    void wasOverruled(const weir::limit::Limit &before, const weir::limit::Limit &after, const std::string &other);
    /// As InstanceCount::changed() and clockStepped().
    void instancesChanged(qint64 instances);
    void clockStepped(weir::Micros by);

private:
    Names m_names;
    engine::BucketTable m_table;
    std::unique_ptr<engine::InstanceCount> m_instances;
    std::unique_ptr<engine::LimitKeeper> m_keeper;
    std::unique_ptr<engine::Settler> m_settler;
    std::unique_ptr<engine::Refiller> m_refiller;
};

} // namespace weir::app

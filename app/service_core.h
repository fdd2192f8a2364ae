// SPDX-License-Identifier: GPL-3.0-only
// A running Weir in the service thread: builds the parts and connects them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <QObject>

#include "app/instance_name.h"
#include "app/limit_changes.h"
#include "app/limit_parts.h"
#include "app/limits_file.h"
#include "app/limits_in_force.h"
#include "app/service_status.h"
#include "app/start_up.h"
#include "app/store_connection.h"
#include "core/config/config.h"
#include "core/engine/keep/deed_board.h"
#include "core/http/server_pool.h"

namespace weir::app {

/// Thread: made, used and deleted in the service thread; `boards` and `published` are shared with
/// whoever reads them and outlive it. There is a board for each worker, then one for the admin port if that is on; the
/// last is the service thread's own.
class ServiceCore : public QObject {
    Q_OBJECT
public:
    /// `desk`: answers at the admin port.
    ServiceCore(config::Config config, const Boards &boards, std::atomic<StatePtr> &published, http::AdminDesk desk);
    ~ServiceCore() override;

    /// Start; `done` once, with the addresses that answer, or why none does. After an Error nothing is left running
    /// once this is deleted.
    void start(std::function<void(Result<std::vector<std::string>>)> done);
    /// Drain and end everything; blocks, some seconds at most.
    void stop();

    /// As ServicePort says.
    void changeLimits(const config::LimitSet &next, limit::TokenMode mode, std::function<void(Result<Done>)> done);
    void showBucket(const std::string &limit, const std::string &subject);
    void watchBuckets(const std::string &limit, const std::string &search);
    void setBucketLevel(const std::string &limit, const std::string &subject, limit::Tokens tokens,
                        const std::function<void(Result<limit::Tokens>)> &done);
    /// As Service.
    void readConfigAgain(const std::function<void(Done)> &done);
    void whenTurned(const std::function<void(Done)> &done);
    void setStoreFailurePolicy(config::StoreFailurePolicy policy, std::function<void(Result<Done>)> done);
    void setWatched(bool isWatched);
    void pauseRefiller(bool isPaused);
    void setRefillOnDemand(bool isOn);
    void setHarm(const engine::Harm &harm);
    void askHistory(const history::Question &question, std::function<void(Result<history::Answer>)> done);
    /// Return who knows the buckets; null unless it serves.
    [[nodiscard]] ServiceStatus *teller() { return m_pool ? &m_status : nullptr; }
    [[nodiscard]] HarmSwitches &harm() { return m_store.harm(); }

private:
    [[nodiscard]] Result<std::vector<std::string>> serve(StartUp::Ports ports);
    [[nodiscard]] Result<Done> startPool(StartUp::Ports ports);
    [[nodiscard]] std::size_t workers() const { return m_boards.size() - 1 - (m_config.admin.isOn ? 1 : 0); }
    void keepHistory();
    void whenAdopted(std::function<void()> done);
    void tellDeeds(const engine::PoliciesPtr &before);

    config::Config m_config;
    const Boards &m_boards;
    const http::AdminDesk m_desk;
    StoreConnection m_store;
    LimitParts m_parts{{instanceName(), refillerName()}}; ///< its table outlives the workers
    LimitsInForce m_inForce;
    LimitsFile m_file;
    LimitChanges m_changes;
    std::unique_ptr<engine::DeedBoard> m_deeds; ///< while it serves
    ServiceStatus m_status;
    std::unique_ptr<HistoryFeed> m_history; ///< while it serves, if one is kept
    StartUp m_startUp;
    std::unique_ptr<http::ServerPool> m_pool;
};

} // namespace weir::app

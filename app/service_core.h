// SPDX-License-Identifier: GPL-3.0-only
// The service thread's side of a running Weir: builds and wires the parts.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <QObject>
#include <QTimer>

#include "app/change_queue.h"
#include "app/data_dir.h"
#include "app/file_reload.h"
#include "app/harm_switches.h"
#include "app/level_watch.h"
#include "app/private_store_report.h"
#include "app/limit_parts.h"
#include "app/limits_file.h"
#include "app/sampler.h"
#include "app/service_state.h"
#include "app/store_watch.h"
#include "app/undecided_watch.h"
#include "core/config/config.h"
#include "core/engine/presence/instance_count.h"
#include "core/http/server_pool.h"
#include "core/redis/server/private_server.h"
#include "core/redis/store/redis_store.h"

namespace weir::app {

using Boards = std::vector<std::unique_ptr<telemetry::WorkerBoard>>;
using StatePtr = std::shared_ptr<const ServiceState>;

/// In three files: service_start.cpp until requests are answered, service_limits.cpp what is in force and its changes,
/// service_core.cpp the rest.
/// Thread: made, used and deleted in the service thread; `boards` and `published` are shared with
/// whoever reads them and outlive it. The last board is the service thread's own.
class ServiceCore : public QObject {
    Q_OBJECT
public:
    ServiceCore(config::Config config, const Boards &boards, std::atomic<StatePtr> &published);
    ~ServiceCore() override;

    /// `done` once: the addresses that answer, or the sentence that says why nothing does. After an
    /// Error nothing is left running once the core is deleted.
    void start(std::function<void(Result<std::vector<std::string>>)> done);
    /// Drains and ends everything; blocks, some seconds at most.
    void stop();

    /// As ServicePort says.
    void changeLimits(const config::LimitSet &next, limit::TokenMode mode, std::function<void(Result<Done>)> done);
    void showBucket(const std::string &limit, const std::string &subject);
    void watchBuckets(const std::string &limit, const std::string &search);
    void setBucketLevel(const std::string &limit, const std::string &subject, limit::StartLevel level,
                        const std::function<void(Result<limit::Tokens>)> &done);
    /// Both as Service says.
    void readConfigAgain(const std::function<void(Done)> &done);
    void whenTurned(const std::function<void(Done)> &done);
    void setStoreFailurePolicy(config::StoreFailurePolicy policy, std::function<void(Result<Done>)> done);
    void setWatched(bool isWatched);
    void pauseRefiller(bool isPaused);
    void setRefillOnDemand(bool isOn);
    void setHarm(const engine::Harm &harm);
    [[nodiscard]] HarmSwitches &harm() { return m_harm; }

private:
    void startPrivateServer();
    [[nodiscard]] redis::LinkOptions linkOptions() const;
    void connectStore(const redis::RedisUrl &url);
    void onStoreChanged();
    [[nodiscard]] engine::StoreStatus storeStatus() const;
    void onAttemptFailed(const Error &error);
    void settleLimit();
    using LimitsDone = std::function<void(Result<Done>)>;
    /// Brings `limitSet` into force; `wish`: what of the only limit is said, the rest is as the store remembers.
    void applyLimits(const config::LimitSet &limitSet, const std::optional<config::LimitWish> &wish,
                     limit::TokenMode mode, const LimitsDone &done);
    void useBook(const engine::LimitBookPtr &book, const std::vector<limit::Limit> &limits);
    [[nodiscard]] static std::optional<config::LimitWish> wishOf(const config::Config &config);
    void usePolicy(const std::string &limit, config::StoreFailurePolicy policy, const LimitsDone &done);
    void writeAndApply(const config::LimitSet &next, limit::TokenMode mode, const LimitsDone &done);
    void onBreakerChanged();
    void tellNumbers(const engine::Policies &next);
    [[nodiscard]] std::string startFailure(const Error &error) const;
    void serve();
    void startCount();
    void tellStep(Micros by);
    [[nodiscard]] Result<Done> startPool();
    void startLimits();
    void finishStart(Result<std::vector<std::string>> result);
    void failStart(const Error &error);
    [[nodiscard]] std::string whyNotUsable(const Error &error) const;

    void onNumbersChanged();
    void decideBy(const engine::Policies &policies);
    void noteChange();
    [[nodiscard]] Sample readSample() const;
    void onSettled(bool isExact, limit::Tokens excess);
    static void tellBlocked(const std::string &limit, const Error &why);
    void tellLosses();
    void tellUndecided();
    void tellBegun();
    [[nodiscard]] std::string lastFailure() const;
    void readLimits();
    void showHistory();
    void publish();

    config::Config m_config;
    const Boards &m_boards;
    std::atomic<StatePtr> &m_published;
    ServiceState m_state;
    std::function<void(Result<std::vector<std::string>>)> m_started;
    QTimer m_startDeadline;

    std::optional<DataDir> m_dataDir;
    std::vector<http::ListenGroup> m_groups; ///< until the workers take them
    HarmSwitches m_harm;                     ///< outlives every link
    std::unique_ptr<redis::PrivateServer> m_privateServer;
    std::unique_ptr<PrivateStoreReport> m_privateReport; ///< with the private server only
    std::unique_ptr<redis::RedisStore> m_store;
    std::unique_ptr<StoreWatch> m_storeWatch;
    LimitParts m_parts; ///< its table outlives the workers
    LimitsFile m_limitsFile;
    ChangeQueue m_changes;
    FileReload m_reload;
    engine::PoliciesPtr m_policies;
    bool m_isRefillerPaused{false};
    bool m_isWatched{false};                              ///< by the panel
    std::pair<std::string, std::string> m_watchedBuckets; ///< limit, search
    std::pair<std::string, std::string> m_shownBucket;    ///< limit, subject; as wished, if it is there
    std::unique_ptr<http::ServerPool> m_pool;
    std::unique_ptr<engine::InstanceCount> m_instances;
    std::int64_t m_toldLosses{0};
    UndecidedWatch m_rejected{telemetry::DecidedBy::Reject, "answered 503"};
    UndecidedWatch m_allowed{telemetry::DecidedBy::Allow, "let through without a limit"};
    Sampler m_sampler;
    LevelWatch m_levelWatch;
};

} // namespace weir::app

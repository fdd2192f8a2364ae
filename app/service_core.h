// SPDX-License-Identifier: GPL-3.0-only
// The service thread's side of a running Weir: builds and wires the parts, and is the only one to change limits.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <QObject>
#include <QTimer>

#include "app/data_dir.h"
#include "app/sampler.h"
#include "app/service_state.h"
#include "core/config/config.h"
#include "core/engine/refiller.h"
#include "core/http/server_pool.h"
#include "core/redis/private_server.h"
#include "core/redis/redis_store.h"

namespace weir::app {

using Boards = std::vector<std::unique_ptr<http::WorkerBoard>>;
using StatePtr = std::shared_ptr<const ServiceState>;

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

    void changeLimit(const limit::LimitSpec &spec, limit::TokenMode mode, std::function<void(Result<limit::Limit>)> done);
    void setLevel(limit::StartLevel level, std::function<void(Result<limit::Tokens>)> done);
    void setStoreFailurePolicy(config::StoreFailurePolicy policy);
    void setWatched(bool isWatched);

private:
    using LimitDone = std::function<void(Result<limit::Limit>)>;
    void startPrivateServer();
    void connectStore(const redis::RedisUrl &url);
    void onLinkFailed();
    void onLinkReady();
    void settleLimit();
    void serve();
    void finishStart(Result<std::vector<std::string>> result);
    void failStart(const Error &error);

    void tryChange(const limit::LimitSpec &spec, limit::TokenMode mode, int attempt, LimitDone done);
    void saveLimit();
    void adopt(const limit::Limit &limit);
    void decideBy(const engine::Policies &policies);
    void onNewerLimit(const limit::Limit &limit);
    void askVersion();
    void measureRoundTrip();
    void onStoreDown(const std::string &why);
    [[nodiscard]] Sample readSample() const;
    void publish();

    config::Config m_config;
    const Boards &m_boards;
    std::atomic<StatePtr> &m_published;
    ServiceState m_state;
    std::function<void(Result<std::vector<std::string>>)> m_started;
    QTimer m_startDeadline;

    std::optional<DataDir> m_dataDir;
    std::vector<http::ListenGroup> m_groups; ///< until the workers take them
    std::unique_ptr<redis::PrivateServer> m_privateServer;
    redis::RedisUrl m_url;
    std::unique_ptr<redis::RedisStore> m_store;
    engine::PoliciesPtr m_policies;
    bool m_isUnsaved{false}; ///< the register does not hold the limit in force yet
    std::unique_ptr<http::ServerPool> m_pool;
    std::unique_ptr<engine::Refiller> m_refiller;
    Sampler m_sampler;
    QTimer m_watchTimer;
};

} // namespace weir::app

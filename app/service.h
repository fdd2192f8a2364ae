// SPDX-License-Identifier: GPL-3.0-only
// A running Weir, as the main thread sees it: starts and stops it, and implements ServicePort.
#pragma once

#include <atomic>
#include <memory>

#include <QEventLoop>
#include <QObject>

#include "app/service_core.h"
#include "core/admin/admin_api.h"
#include "core/admin/metrics_text.h"
#include "core/engine/port/service_port.h"
#include "core/http/joined_thread.h"

namespace weir::remote {
class RequestSender;
}

namespace weir::app {

/// Thread: the main (GUI) thread, of which an event loop must run for the callbacks.
class Service final : public QObject, public engine::ServicePort {
    Q_OBJECT
public:
    explicit Service(config::Config config);
    ~Service() override;

    /// Start all threads. Returns the addresses that answer, or why nothing runs. Handles events until then, for a few
    /// seconds, or until the private server has read its data; to be called once, before any window is shown. No
    /// address: giveUpStart() was called meanwhile.
    [[nodiscard]] Result<std::vector<std::string>> start();
    /// End start() early, for example while data are loaded. No effect afterwards.
    void giveUpStart();
    /// Answer what is pending and end everything; blocks.
    void stop();

    [[nodiscard]] engine::Status status() override;
    [[nodiscard]] std::vector<telemetry::RequestRecord> takeRequests() override;
    [[nodiscard]] telemetry::RequestPage requestsAfter(std::uint64_t after, std::size_t most) override;
    [[nodiscard]] std::shared_ptr<const telemetry::History> history() override;
    [[nodiscard]] engine::News news() override;
    void askHistory(const history::Question &question, QObject *context,
                    std::function<void(Result<history::Answer>)> done) override;
    void setWatched(bool isWatched) override;
    void setStoreFailurePolicy(config::StoreFailurePolicy policy, QObject *context,
                               std::function<void(Result<Done>)> done) override;
    [[nodiscard]] bool canBreak() const override { return true; }
    void pauseRefiller(bool isPaused) override;
    void setRefillOnDemand(bool isOn) override;
    std::shared_ptr<const config::LimitSet> limits() override;
    void changeLimits(const config::LimitSet &next, limit::TokenMode mode, QObject *context,
                      std::function<void(Result<Done>)> done) override;
    void showBucket(const std::string &limit, const std::string &subject) override;
    void watchBuckets(const std::string &limit, const std::string &search) override;
    std::shared_ptr<const engine::BucketList> buckets() override;
    void listBuckets(const std::string &limit, const std::string &search, QObject *context,
                     std::function<void(Result<engine::BucketList>)> done) override;
    void peekBuckets(const std::vector<engine::BucketQuestion> &questions, QObject *context,
                     std::function<void(Result<std::vector<engine::BucketPeek>>)> done) override;
    void setBucketLevel(const std::string &limit, const std::string &subject, limit::Tokens tokens, QObject *context,
                        std::function<void(Result<limit::Tokens>)> done) override;
    /// Read the configuration file again, even if it has not changed (SIGHUP); `done` when it is in force, or cannot be
    /// used, or waits for a store that does not answer.
    void readConfigAgain(QObject *context, std::function<void(Done)> done);
    /// Return what admin::metricsText() is made of, as of now.
    [[nodiscard]] admin::MetricsSource metrics();
    /// Call `done` once the event loops of the service thread and all workers have turned.
    void whenTurned(QObject *context, std::function<void(Done)> done);
    void setHarm(const engine::Harm &harm) override;
    void makeStoreForget(QObject *context, std::function<void(Result<Done>)> done) override;
    void killStore(QObject *context, std::function<void(Result<Done>)> done) override;
    void sendRequests(int count, QObject *context, std::function<void(engine::SendReport)> done) override;
    void sendAgain(const std::string &method, const std::string &target, QObject *context,
                   std::function<void(engine::SendReport)> done) override;

private:
    template<class Task>
    void post(Task task);
    [[nodiscard]] http::AdminDesk adminDesk();
    void openAdmin(const std::string &url);
    void send(const std::string &method, const std::string &target, int count,
              const std::function<void(engine::SendReport)> &done);
    void emptyRings();
    template<class Value>
    [[nodiscard]] std::function<void(Value)> inThisThread(QObject *context, std::function<void(Value)> done);

    Boards m_boards;
    telemetry::LatestRequests m_requests; ///< out of the boards' rings
    std::uint64_t m_taken{0};             ///< the newest that takeRequests() has given
    std::uint64_t m_missed{0};            ///< that were gone before it could
    std::atomic<StatePtr> m_published;
    http::JoinedThread m_thread;
    std::unique_ptr<ServiceCore> m_core; ///< lives, and is deleted, in m_thread
    std::unique_ptr<remote::RequestSender> m_sender;
    std::unique_ptr<admin::AdminApi> m_admin;    ///< once it has started, if there is an admin port
    const std::vector<std::string> m_adminHosts; ///< Config::adminHosts
    const std::string m_dataDir;
    std::chrono::steady_clock::time_point m_startedAt{};
    QEventLoop m_starting;
    bool m_isGivenUp{false};
    int m_workers; ///< of the data port
};

} // namespace weir::app

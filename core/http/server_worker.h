// SPDX-License-Identifier: GPL-3.0-only
// One thread's share of the server: its QHttpServer, its listening sockets, its limiter, its store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include <QHttpServer>
#include <QTimer>

#include "core/engine/decide/limiter.h"
#include "core/http/admin_asks.h"
#include "core/http/answers.h"
#include "core/http/door.h"
#include "core/http/guarded_listener.h"
#include "core/http/pending_reply.h"
#include "core/http/request_judge.h"
#include "core/store/bucket_store.h"
#include "core/telemetry/worker_board.h"

namespace weir::http {

using StoreFactory = std::function<std::unique_ptr<store::BucketStore>()>;

/// Thread: made, used and deleted in the worker's own thread.
class ServerWorker : public QObject {
    Q_OBJECT
public:
    /// Take over the listening `descriptors` and serve at once. All references outlive it.
    ServerWorker(std::vector<int> descriptors, const StoreFactory &makeStore, engine::PoliciesPtr policies,
                 engine::BucketTable &table, telemetry::WorkerBoard &board, Door &door);
    ~ServerWorker() override;

    /// Tell whether QHttpServer accepts a request as the guards show it; tried once, before the first client. A Qt that
    /// does not would close every connection without an answer.
    [[nodiscard]] bool takesRequests() const { return m_takesRequests; }

    void adopt(const engine::PoliciesPtr &policies);

    /// Accept no more connections, and answer requests on open ones with "Connection: close". drained() once all are
    /// gone, at the latest after `deadline`.
    void drain(std::chrono::milliseconds deadline);

Q_SIGNALS:
    void newerLimitFound(const weir::limit::Limit &limit);
    void drained();

private:
    void onRequest();
    void onDataRequest(const GuardedSocket &socket, PendingReply reply);
    void onAdminRequest(const GuardedSocket &socket, PendingReply reply);
    void onInquiry(const GuardedSocket &socket, PendingReply reply);
    void decideBy(const policy::Decree &decree, PendingReply reply);
    [[nodiscard]] engine::Ticket await(PendingReply reply);
    void onDecided(engine::Ticket ticket, const engine::Decision &decision);
    /// `decision`: null when no limit applied.
    void finish(PendingReply &reply, const Answer &answer, telemetry::DecidedBy by, const engine::Decision *decision);
    void record(const PendingReply &reply, const Answer &answer, telemetry::DecidedBy by,
                const engine::Decision *decision, Micros took);
    void checkTimes();

    telemetry::WorkerBoard &m_board;
    std::unique_ptr<store::BucketStore> m_store;
    engine::LimitBookPtr m_book;
    RequestJudge m_judge;
    engine::Limiter m_limiter;
    PendingReplies m_pending;
    std::optional<AdminAsks> m_asks; ///< of the admin port only
    std::unique_ptr<QHttpServer> m_server;
    GuardRoom m_room;
    std::int64_t m_keepAliveS; ///< RequestFacts::keepAliveS
    std::int64_t m_retrySpreadS;
    std::minstd_rand m_random; ///< so that workers tell different waits
    std::vector<std::unique_ptr<GuardedListener>> m_listeners;
    QTimer m_deadlineTimer;
    QTimer m_drainTimer;
    std::chrono::steady_clock::time_point m_drainStart{};
    bool m_isOnTrial{false};
    bool m_takesRequests{false};
    bool m_drains{false};
};

} // namespace weir::http

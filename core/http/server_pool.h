// SPDX-License-Identifier: GPL-3.0-only
// All workers: one thread each, sharing the listening addresses.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QObject>

#include "core/base/result.h"
#include "core/http/joined_thread.h"
#include "core/http/listen_group.h"
#include "core/http/server_worker.h"

namespace weir::http {

/// Thread: that of its construction; signals come there.
class ServerPool : public QObject {
    Q_OBJECT
public:
    /// Requests that come by way of proxies that are trusted are those of whom the proxies name.
    explicit ServerPool(const config::HttpLimits &limits, ProxyTrust trust = {}, QObject *parent = nullptr);
    ~ServerPool() override;

    /// One worker per board; every group must hold as many sockets as there are boards. Serving when it
    /// returns; else an Error, and nobody is served. The table and the boards must outlive the pool.
    [[nodiscard]] Result<Done> start(std::vector<ListenGroup> groups, const StoreFactory &makeStore,
                                     const engine::PoliciesPtr &policies, engine::BucketTable &table,
                                     const std::vector<telemetry::WorkerBoard *> &boards);

    /// Every worker decides by `policies` from its next turn of the event loop on.
    void adopt(const engine::PoliciesPtr &policies);

    /// `done`, later and in this thread, once every worker goes by what adopt() was told last.
    void whenAdopted(std::function<void()> done);

    /// Answers what is under way, closes, ends the threads; blocks for about `deadline` at most.
    void stop(std::chrono::milliseconds deadline);

Q_SIGNALS:
    void newerLimitFound(const weir::limit::Limit &limit);

private:
    struct Member {
        std::unique_ptr<JoinedThread> thread;
        ServerWorker *worker{nullptr}; ///< lives, and is deleted, in `thread`
    };
    ConnectionCensus m_census;
    const ProxyTrust m_trust;
    std::vector<Member> m_members;
};

} // namespace weir::http

// SPDX-License-Identifier: GPL-3.0-only
// All workers: one thread each, sharing the listening addresses.
#pragma once

#include <functional>
#include <memory>
#include <optional>
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
    explicit ServerPool(const config::HttpLimits &limits, ProxyTrust trust = {}, QObject *parent = nullptr);
    ~ServerPool() override;

    /// Start a worker for each board; every group must hold as many sockets as there are boards. All serve when it
    /// returns; on an Error none does. The table and the boards must outlive the pool.
    [[nodiscard]] Result<Done> start(std::vector<ListenGroup> groups, const StoreFactory &makeStore,
                                     const engine::PoliciesPtr &policies, engine::BucketTable &table,
                                     const std::vector<telemetry::WorkerBoard *> &boards);

    /// Start one more worker, for the admin port; after start(), and as it says. `group` holds one socket.
    [[nodiscard]] Result<Done> startAdmin(ListenGroup group, const config::HttpLimits &limits, ProxyTrust trust,
                                          AdminDesk desk, const StoreFactory &makeStore,
                                          const engine::PoliciesPtr &policies, engine::BucketTable &table,
                                          telemetry::WorkerBoard &board);

    /// Let every worker decide by `policies` from its next turn of the event loop on.
    void adopt(const engine::PoliciesPtr &policies);

    /// Call `done`, later and in this thread, once every worker decides by the last adopt().
    void whenAdopted(std::function<void()> done);

    /// Return what all workers have met; it lives as long as this object.
    [[nodiscard]] const FrontNotes &notes() { return m_door.census.notes(); }

    /// Answer what is under way, close, end the threads. Blocks for about `deadline` at most.
    void stop(std::chrono::milliseconds deadline);

Q_SIGNALS:
    void newerLimitFound(const weir::limit::Limit &limit);

private:
    struct Member {
        std::unique_ptr<JoinedThread> thread;
        ServerWorker *worker{nullptr}; ///< lives, and is deleted, in `thread`
    };
    [[nodiscard]] Result<Done> startWorker(std::vector<int> descriptors, const StoreFactory &makeStore,
                                           const engine::PoliciesPtr &policies, engine::BucketTable &table,
                                           telemetry::WorkerBoard &board, Door &door);

    Door m_door; ///< the data port
    std::optional<Door> m_adminDoor;
    std::vector<Member> m_members;
};

} // namespace weir::http

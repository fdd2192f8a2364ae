// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/server_pool.h"

#include <utility>

namespace weir::http {
namespace {

// A QObject must be made in the thread that uses it: this one waits until that has happened.
ServerWorker *makeWorkerIn(QThread &thread, std::vector<int> descriptors, const StoreFactory &makeStore,
                           const engine::PoliciesPtr &policies, engine::BucketTable &table,
                           telemetry::WorkerBoard &board, Door &door)
{
    ServerWorker *worker = nullptr;
    QObject gate;
    gate.moveToThread(&thread);
    QMetaObject::invokeMethod(
        &gate,
        [&] {
            worker = new ServerWorker{std::move(descriptors), makeStore, policies, table, board, door};
            gate.moveToThread(nullptr);
        },
        Qt::BlockingQueuedConnection);
    return worker;
}

} // namespace

ServerPool::ServerPool(const config::HttpLimits &limits, ProxyTrust trust, QObject *parent)
    : QObject{parent}, m_door{limits, std::move(trust)}
{
    qRegisterMetaType<weir::limit::Limit>();
}

ServerPool::~ServerPool()
{
    stop(std::chrono::milliseconds{0});
}

Result<Done> ServerPool::start(std::vector<ListenGroup> groups, const StoreFactory &makeStore,
                               const engine::PoliciesPtr &policies, engine::BucketTable &table,
                               const std::vector<telemetry::WorkerBoard *> &boards)
{
    for (std::size_t i = 0; i < boards.size(); ++i) {
        std::vector<int> descriptors;
        descriptors.reserve(groups.size());
        for (ListenGroup &group : groups)
            descriptors.push_back(group.takeDescriptor());
        if (const auto started = startWorker(std::move(descriptors), makeStore, policies, table, *boards[i], m_door);
            !started)
            return started;
    }
    return Done{};
}

Result<Done> ServerPool::startAdmin(ListenGroup group, const config::HttpLimits &limits, ProxyTrust trust,
                                    AdminDesk desk, const StoreFactory &makeStore, const engine::PoliciesPtr &policies,
                                    engine::BucketTable &table, telemetry::WorkerBoard &board)
{
    m_adminDoor.emplace(limits, std::move(trust), std::move(desk));
    return startWorker({group.takeDescriptor()}, makeStore, policies, table, board, *m_adminDoor);
}

Result<Done> ServerPool::startWorker(std::vector<int> descriptors, const StoreFactory &makeStore,
                                     const engine::PoliciesPtr &policies, engine::BucketTable &table,
                                     telemetry::WorkerBoard &board, Door &door)
{
    auto thread = std::make_unique<JoinedThread>();
    thread->setObjectName(door.isAdmin() ? QStringLiteral("weir-admin")
                                         : QStringLiteral("weir-worker-%1").arg(m_members.size()));
    thread->start();
    ServerWorker *worker = makeWorkerIn(*thread, std::move(descriptors), makeStore, policies, table, board, door);
    connect(worker, &ServerWorker::newerLimitFound, this, &ServerPool::newerLimitFound);
    connect(worker, &ServerWorker::drained, worker, &QObject::deleteLater);
    // Direct: quit() may be called from anywhere, and our own thread is waiting by then.
    connect(worker, &QObject::destroyed, thread.get(), &QThread::quit, Qt::DirectConnection);
    m_members.push_back({std::move(thread), worker});
    if (worker->takesRequests())
        return Done{};
    stop(std::chrono::milliseconds{0});
    return Error{Error::Code::Io,
                 std::string{"this Qt ("} + qVersion()
                     + ") does not take requests the way Weir hands them over; use another version of Qt",
                 false};
}

void ServerPool::adopt(const engine::PoliciesPtr &policies)
{
    for (const Member &member : m_members)
        QMetaObject::invokeMethod(
            member.worker, [worker = member.worker, policies] { worker->adopt(policies); }, Qt::QueuedConnection);
}

// Each worker takes its messages in order, so this one comes after the policies.
void ServerPool::whenAdopted(std::function<void()> done)
{
    const auto left = std::make_shared<std::size_t>(m_members.size()); // counted down in this thread only
    const auto count = [left, done = std::move(done)] {
        if (--*left == 0)
            done();
    };
    for (const Member &member : m_members)
        QMetaObject::invokeMethod(
            member.worker, [this, count] { QMetaObject::invokeMethod(this, count, Qt::QueuedConnection); },
            Qt::QueuedConnection);
}

void ServerPool::stop(std::chrono::milliseconds deadline)
{
    for (const Member &member : m_members)
        QMetaObject::invokeMethod(
            member.worker, [worker = member.worker, deadline] { worker->drain(deadline); }, Qt::QueuedConnection);
    for (const Member &member : m_members)
        member.thread->join();
    m_members.clear();
}

} // namespace weir::http

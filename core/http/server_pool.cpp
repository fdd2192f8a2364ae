// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/server_pool.h"

#include <utility>

namespace weir::http {
namespace {

// A QObject must be made in the thread that uses it: this one waits until that has happened.
ServerWorker *makeWorkerIn(QThread &thread, std::vector<int> descriptors, const StoreFactory &makeStore,
                           const engine::PoliciesPtr &policies, engine::BucketTable &table,
                           telemetry::WorkerBoard &board, ConnectionCensus &census, const ProxyTrust &trust)
{
    ServerWorker *worker = nullptr;
    QObject gate;
    gate.moveToThread(&thread);
    QMetaObject::invokeMethod(
        &gate,
        [&] {
            worker = new ServerWorker{std::move(descriptors), makeStore, policies, table, board, census, trust};
            gate.moveToThread(nullptr);
        },
        Qt::BlockingQueuedConnection);
    return worker;
}

} // namespace

ServerPool::ServerPool(const config::HttpLimits &limits, ProxyTrust trust, QObject *parent)
    : QObject{parent}, m_census{limits}, m_trust{std::move(trust)}
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
        auto thread = std::make_unique<JoinedThread>();
        thread->setObjectName(QStringLiteral("weir-worker-%1").arg(i));
        thread->start();
        ServerWorker *worker =
            makeWorkerIn(*thread, std::move(descriptors), makeStore, policies, table, *boards[i], m_census, m_trust);
        connect(worker, &ServerWorker::newerLimitFound, this, &ServerPool::newerLimitFound);
        connect(worker, &ServerWorker::drained, worker, &QObject::deleteLater);
        // Direct: quit() may be called from anywhere, and our own thread is waiting by then.
        connect(worker, &QObject::destroyed, thread.get(), &QThread::quit, Qt::DirectConnection);
        m_members.push_back({std::move(thread), worker});
        if (!worker->takesRequests()) {
            stop(std::chrono::milliseconds{0});
            return Error{Error::Code::Io,
                         std::string{"this Qt ("} + qVersion()
                             + ") does not take requests the way Weir hands them over; use another version of Qt",
                         false};
        }
    }
    return Done{};
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

// SPDX-License-Identifier: GPL-3.0-only
// A whole Weir inside the test: workers on a free port, the tokens in the test's own Redis.
#pragma once

#include <QTest>
#include <QUrl>

#include <functional>
#include <optional>

#include "app/service.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"

namespace weir::test {

class RunningService {
public:
    /// `threads` workers; fails the test when it does not start. `adjust` has the last word on what it is told.
    explicit RunningService(const RedisServer &redis, const limit::LimitSpec &spec, int threads = 2,
                            config::StoreFailurePolicy policy = config::StoreFailurePolicy::Reject,
                            const std::function<void(config::Config &)> &adjust = {})
    {
        config::Config config;
        config.listen = {config::ListenAddress{"127.0.0.1", 0}};
        config.redisUrl = redis.url().toStdString();
        config.limit = {spec.capacity, spec.refill, spec.interval, spec.start};
        config.admin.isOn = false;
        config.keepsHistory = false;
        config.threads = threads;
        config.onStoreFailure = policy;
        config.dataDir = redis.folder().toStdString();
        if (adjust)
            adjust(config);
        m_service.emplace(config);
        const auto urls = m_service->start();
        if (!urls)
            qFatal("the service does not start: %s", urls.error().detail.c_str());
        m_port = static_cast<std::uint16_t>(QUrl{QString::fromStdString(urls.value().front())}.port());
    }

    [[nodiscard]] std::uint16_t port() const { return m_port; }
    app::Service *operator->() { return &*m_service; }

    /// One request on a connection of its own.
    std::optional<RawResponse> get(const QByteArray &target = QByteArrayLiteral("/"))
    {
        RawHttpClient client;
        if (!client.connectTo(m_port) || !client.sendRequest(QByteArrayLiteral("GET"), target))
            return std::nullopt;
        return client.readResponse();
    }

    /// Changes the limit that is shown and waits until that is confirmed.
    bool change(const limit::LimitSpec &spec, limit::TokenMode mode = limit::TokenMode::Keep)
    {
        std::optional<bool> isDone;
        QObject context;
        config::LimitSet next = *m_service->limits();
        for (config::LimitEntry &entry : next.limits)
            if (entry.name == m_service->status().limit.name)
                entry.spec = spec;
        m_service->changeLimits(next, mode, &context, [&](const Result<Done> &result) { isDone = result.isOk(); });
        return QTest::qWaitFor([&] { return isDone.has_value(); }) && *isDone;
    }

    /// Of the limit that is shown; waits until that is confirmed.
    bool setPolicy(config::StoreFailurePolicy policy)
    {
        std::optional<bool> isDone;
        QObject context;
        m_service->setStoreFailurePolicy(policy, &context, [&](const Result<Done> &result) { isDone = result.isOk(); });
        return QTest::qWaitFor([&] { return isDone.has_value(); }) && *isDone;
    }

    bool setLevel(limit::StartLevel level)
    {
        return setLevel(level == limit::StartLevel::Full ? limit::kMaxCapacity : 0);
    }
    bool setLevel(limit::Tokens tokens)
    {
        std::optional<bool> isDone;
        QObject context;
        const engine::Status status = m_service->status();
        m_service->setBucketLevel(status.limit.name, status.subject, tokens, &context,
                                  [&](const Result<limit::Tokens> &result) { isDone = result.isOk(); });
        return QTest::qWaitFor([&] { return isDone.has_value(); }) && *isDone;
    }

private:
    std::optional<app::Service> m_service;
    std::uint16_t m_port{0};
};

} // namespace weir::test

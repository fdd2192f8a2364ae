// SPDX-License-Identifier: GPL-3.0-only
// The store that a data-driven test is about: one in memory with a clock of its own, or a real Redis.
#pragma once

#include <QTest>

#include <chrono>
#include <memory>
#include <optional>

#include "core/redis/store/redis_store.h"
#include "core/store/memory_store.h"
#include "tests/support/redis_server.h"

namespace weir::test {

class EitherStore {
public:
    /// A new and empty one.
    void open(bool isRedis)
    {
        using namespace std::chrono_literals;
        constexpr redis::LinkOptions kPatient{.callDeadline = 5s, .connectDeadline = 5s};
        if (!m_redis.isRunning() && !m_redis.start())
            qFatal("redis-server does not start");
        m_redis.command({"FLUSHALL"});
        m_memory = nullptr;
        if (isRedis) {
            m_store = std::make_unique<redis::RedisStore>(redis::parseRedisUrl(m_redis.url()).value(), kPatient);
        } else {
            auto memory = std::make_unique<store::MemoryStore>(m_clock);
            m_memory = memory.get();
            m_store = std::move(memory);
        }
    }
    void close() { m_store.reset(); }

    /// The answer to what `send(store, callback)` asks.
    template<class Value, class Send>
    Result<Value> ask(Send send)
    {
        constexpr int kPatienceMs = 20'000;
        const auto answer = std::make_shared<std::optional<Result<Value>>>();
        send(*m_store, [answer](Result<Value> result) { *answer = std::move(result); });
        deliver();
        if (!QTest::qWaitFor([&answer] { return answer->has_value(); }, kPatienceMs))
            qFatal("the store does not answer");
        return **answer;
    }
    /// The answers of the one in memory; those of Redis come by themselves.
    void deliver()
    {
        if (m_memory)
            m_memory->deliver();
    }

    store::BucketStore *operator->() { return m_store.get(); }
    [[nodiscard]] bool isInMemory() const { return m_memory != nullptr; }
    [[nodiscard]] RedisServer &redis() { return m_redis; }
    [[nodiscard]] ManualClock &clock() { return m_clock; } ///< of the one in memory

private:
    RedisServer m_redis;
    ManualClock m_clock{std::chrono::seconds{1'700'000'040}};
    std::unique_ptr<store::BucketStore> m_store;
    store::MemoryStore *m_memory{nullptr};
};

} // namespace weir::test

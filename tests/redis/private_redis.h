// SPDX-License-Identifier: GPL-3.0-only
// A private redis-server for one test, and what to ask it.
#pragma once

#include <QFile>
#include <QTest>

#include <memory>
#include <optional>
#include <vector>

#include "core/redis/server/private_server.h"
#include "core/redis/link/redis_link.h"

namespace weir::test {

constexpr int kPatienceMs = 20'000;

inline bool isRunning(qint64 pid)
{
    QFile status{QStringLiteral("/proc/%1/status").arg(pid)};
    return status.open(QIODevice::ReadOnly) && !status.readAll().contains("State:\tZ");
}

inline std::optional<Result<redis::RedisUrl>> started(redis::PrivateServer &server)
{
    const auto answer = std::make_shared<std::optional<Result<redis::RedisUrl>>>();
    server.start([answer](Result<redis::RedisUrl> result) { *answer = std::move(result); });
    const bool isAnswered = QTest::qWaitFor([&answer] { return answer->has_value(); }, kPatienceMs);
    return isAnswered ? *answer : std::nullopt;
}

/// One command, one reply; a Nil reply when there is none.
inline redis::Reply ask(const redis::RedisUrl &url, const std::vector<QByteArrayView> &command)
{
    using namespace std::chrono_literals;
    std::optional<Result<redis::Reply>> answer;
    redis::RedisLink link{url, {.callDeadline = 15s, .connectDeadline = 5s}};
    link.start();
    link.call(redis::formatCommand(command), [&answer](Result<redis::Reply> reply) { answer = std::move(reply); });
    const bool isAnswered = QTest::qWaitFor([&answer] { return answer.has_value(); }, kPatienceMs);
    return isAnswered && *answer ? answer->value() : redis::Reply{};
}

inline QByteArray setting(const redis::RedisUrl &url, const char *name)
{
    const redis::Reply reply = ask(url, {"CONFIG", "GET", name});
    return reply.items.size() == 2 ? reply.items[1].text : QByteArray{"(none)"};
}

/// Everything written so far is in the file and on the disk: no kill can take it back.
inline bool isOnDisk(const redis::RedisUrl &url)
{
    return QTest::qWaitFor(
        [&url] {
            const QByteArray info = ask(url, {"INFO", "persistence"}).text;
            return info.contains("aof_buffer_length:0\r") && info.contains("aof_pending_bio_fsync:0\r");
        },
        kPatienceMs);
}

} // namespace weir::test

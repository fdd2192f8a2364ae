// SPDX-License-Identifier: GPL-3.0-only
// Questions to the private redis-server of a Weir, past Weir.
#pragma once

#include <QByteArray>
#include <QLocalSocket>
#include <QTest>

namespace weir::test {

/// Thread: the test's. Blocks for at most ten seconds.
class PrivateRedis {
public:
    explicit PrivateRedis(const QString &dataDir) : m_path{dataDir + QStringLiteral("/redis/redis.sock")} {}

    /// One command as words, at most one bulk reply; empty when there is no answer.
    [[nodiscard]] QByteArray ask(const QByteArray &command) const
    {
        constexpr int kAnswerMs = 10'000;
        QLocalSocket socket;
        socket.connectToServer(m_path);
        if (!socket.waitForConnected(kAnswerMs))
            return {};
        socket.write(command + "\r\n");
        QByteArray reply;
        while (!isWhole(reply) && (socket.bytesAvailable() > 0 || socket.waitForReadyRead(kAnswerMs)))
            reply += socket.readAll();
        return reply.startsWith('$') ? reply.mid(reply.indexOf('\n') + 1).chopped(2) : reply.trimmed();
    }

    /// Every reply that was given before is in the file and on the disk.
    [[nodiscard]] bool isOnDisk(int patienceMs) const
    {
        return QTest::qWaitFor(
            [this] {
                const QByteArray info = ask("INFO persistence");
                return info.contains("aof_buffer_length:0\r") && info.contains("aof_pending_bio_fsync:0\r");
            },
            patienceMs);
    }

private:
    static bool isWhole(const QByteArray &reply)
    {
        const qsizetype end = reply.indexOf("\r\n");
        if (end < 0 || !reply.startsWith('$'))
            return end >= 0;
        const qsizetype size = reply.mid(1, end - 1).toLongLong();
        return size < 0 || reply.size() >= end + 2 + size + 2;
    }

    QString m_path;
};

} // namespace weir::test

// SPDX-License-Identifier: GPL-3.0-only
// A real redis-server for one test: private Unix socket, no TCP port, gone with the test.
#pragma once

#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include "tests/support/child_process.h"
#include "tests/support/redis_client.h"

namespace weir::test {

/// The path of "redis-server", "redis-cli" or, where there is none, of Valkey's; empty when there is neither.
[[nodiscard]] QString redisProgram(const QString &name);

/// Thread: the test's main thread.
class RedisServer : public RedisClient {
public:
    RedisServer();

    /// Starts it and waits until it accepts connections. `arguments` come after the fixed ones.
    /// May be called again after stop() or kill(): same socket, same folder.
    bool start(const QStringList &arguments = {});
    /// The same program as a sentinel; `config` are lines of sentinel.conf, which it rewrites itself.
    bool startSentinel(const QByteArray &config, const QStringList &arguments);
    /// SIGTERM, waits for the end.
    void stop();
    /// SIGKILL, waits for the end.
    void kill();
    /// SIGSTOP and SIGCONT: it hangs, connections stay.
    void pause();
    void resume();

    [[nodiscard]] int pid() const { return m_child.pid(); }
    [[nodiscard]] bool isRunning() const { return m_child.isRunning(); }
    [[nodiscard]] QString socketPath() const;
    /// "unix:/path", as --redis takes it.
    [[nodiscard]] QString url() const { return QLatin1String{"unix:"} + socketPath(); }
    [[nodiscard]] QString folder() const { return m_folder.path(); }
    [[nodiscard]] QByteArray log() { return m_child.output(); }

private:
    bool startAs(const QStringList &mode, const QStringList &arguments, const QByteArray &readyLine);

    QTemporaryDir m_folder;
    ChildProcess m_child;
};

} // namespace weir::test

// SPDX-License-Identifier: GPL-3.0-only
// A real redis-server for one test: private Unix socket, no TCP port, gone with the test.
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <memory>

#include "tests/support/child_process.h"

struct redisContext;

namespace weir::test {

/// A reply as Redis sent it.
struct RespValue {
    enum class Kind { Nil, Error, Status, Text, Number, List };
    Kind kind{Kind::Nil};
    QByteArray text;        ///< Error, Status, Text
    qint64 number{0};       ///< Number
    QList<RespValue> items; ///< List

    [[nodiscard]] bool isError() const { return kind == Kind::Error; }
};

using RedisCommand = QList<QByteArray>;

/// Thread: the test's main thread; the commands block for at most 10 s.
class RedisServer {
public:
    RedisServer();
    ~RedisServer();

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

    /// One command, one reply. An Error reply with "no connection" when there is nobody.
    RespValue command(const RedisCommand &command);
    /// All commands in one write, their replies in order.
    QList<RespValue> pipeline(const QList<RedisCommand> &commands);
    /// Text replies of HGETALL as pairs, sorted by field.
    QList<std::pair<QByteArray, QByteArray>> hash(const QByteArray &key);

private:
    struct FreeContext {
        void operator()(redisContext *context) const;
    };
    bool startAs(const QStringList &mode, const QStringList &arguments, const QByteArray &readyLine);
    bool connectIfNeeded();

    QTemporaryDir m_folder;
    ChildProcess m_child;
    std::unique_ptr<redisContext, FreeContext> m_context;
};

} // namespace weir::test

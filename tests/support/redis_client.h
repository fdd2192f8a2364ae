// SPDX-License-Identifier: GPL-3.0-only
// Questions to a redis-server at a Unix socket, past Weir.
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <memory>

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

/// Connects by itself when it is asked something. Thread: the test's main thread; a command blocks for at most 10 s.
class RedisClient {
public:
    explicit RedisClient(const QString &socketPath = {});
    ~RedisClient();

    /// Where it asks from now on.
    void setSocket(const QString &path);
    void disconnect() { m_context.reset(); }

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
    bool connectIfNeeded();

    QString m_socketPath;
    std::unique_ptr<redisContext, FreeContext> m_context;
};

} // namespace weir::test

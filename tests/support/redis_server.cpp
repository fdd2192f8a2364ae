// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/redis_server.h"

#include <QFile>

#include <hiredis/hiredis.h>

#include <algorithm>
#include <csignal>
#include <vector>

namespace weir::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kStartTimeout = 10s;
constexpr auto kStopTimeout = 10s;

RespValue noConnection()
{
    return {RespValue::Kind::Error, QByteArrayLiteral("no connection"), 0, {}};
}

RespValue toValue(const redisReply &reply)
{
    const auto text = [&reply] { return QByteArray{reply.str, static_cast<qsizetype>(reply.len)}; };
    switch (reply.type) {
    case REDIS_REPLY_ERROR:
        return {RespValue::Kind::Error, text(), 0, {}};
    case REDIS_REPLY_STATUS:
        return {RespValue::Kind::Status, text(), 0, {}};
    case REDIS_REPLY_STRING:
        return {RespValue::Kind::Text, text(), 0, {}};
    case REDIS_REPLY_INTEGER:
        return {RespValue::Kind::Number, {}, reply.integer, {}};
    case REDIS_REPLY_ARRAY: {
        RespValue list{RespValue::Kind::List, {}, 0, {}};
        for (std::size_t i = 0; i < reply.elements; ++i)
            list.items.append(toValue(*reply.element[i]));
        return list;
    }
    default:
        return {};
    }
}

void append(redisContext *context, const RedisCommand &command)
{
    std::vector<const char *> words;
    std::vector<std::size_t> sizes;
    for (const QByteArray &word : command) {
        words.push_back(word.constData());
        sizes.push_back(static_cast<std::size_t>(word.size()));
    }
    redisAppendCommandArgv(context, static_cast<int>(words.size()), words.data(), sizes.data());
}

} // namespace

void RedisServer::FreeContext::operator()(redisContext *context) const
{
    redisFree(context);
}

RedisServer::RedisServer() = default;
RedisServer::~RedisServer() = default;

QString RedisServer::socketPath() const
{
    return m_folder.filePath(QStringLiteral("r.sock"));
}

bool RedisServer::start(const QStringList &arguments)
{
    // Redis logs this line after listen(): from here on a connection is accepted.
    return startAs({}, arguments, QByteArrayLiteral("ready to accept connections"));
}

bool RedisServer::startSentinel(const QByteArray &config, const QStringList &arguments)
{
    QFile file{m_folder.filePath(QStringLiteral("sentinel.conf"))};
    if (!file.open(QIODevice::WriteOnly) || file.write(config) != config.size())
        return false;
    file.close();
    return startAs({file.fileName(), QStringLiteral("--sentinel")}, arguments, QByteArrayLiteral("Sentinel ID is"));
}

bool RedisServer::startAs(const QStringList &mode, const QStringList &arguments, const QByteArray &readyLine)
{
    m_context.reset();
    const QStringList fixed{QStringLiteral("--port"),
                            QStringLiteral("0"),
                            QStringLiteral("--unixsocket"),
                            socketPath(),
                            QStringLiteral("--unixsocketperm"),
                            QStringLiteral("700"),
                            QStringLiteral("--dir"),
                            m_folder.path(),
                            QStringLiteral("--save"),
                            QString{},
                            QStringLiteral("--appendonly"),
                            QStringLiteral("no"),
                            QStringLiteral("--daemonize"),
                            QStringLiteral("no"),
                            QStringLiteral("--logfile"),
                            QString{}};
    m_child.process().setProgram(QStringLiteral("redis-server"));
    m_child.process().setArguments(mode + fixed + arguments);
    return m_child.start() && !m_child.waitForLine(readyLine, kStartTimeout).isEmpty();
}

void RedisServer::stop()
{
    m_context.reset();
    m_child.signal(SIGTERM);
    m_child.waitForExit(kStopTimeout);
    m_child.kill();
}

void RedisServer::kill()
{
    m_context.reset();
    m_child.kill();
    QFile::remove(socketPath());
}

void RedisServer::pause()
{
    m_child.signal(SIGSTOP);
}

void RedisServer::resume()
{
    m_child.signal(SIGCONT);
}

bool RedisServer::connectIfNeeded()
{
    if (m_context && m_context->err == 0)
        return true;
    const timeval timeout{10, 0};
    m_context.reset(redisConnectUnixWithTimeout(QFile::encodeName(socketPath()).constData(), timeout));
    if (!m_context || m_context->err != 0)
        return false;
    redisSetTimeout(m_context.get(), timeout);
    return true;
}

RespValue RedisServer::command(const RedisCommand &command)
{
    return pipeline({command}).front();
}

QList<RespValue> RedisServer::pipeline(const QList<RedisCommand> &commands)
{
    QList<RespValue> values;
    if (connectIfNeeded())
        for (const RedisCommand &command : commands)
            append(m_context.get(), command);
    while (values.size() < commands.size()) {
        void *reply = nullptr;
        if (!m_context || m_context->err != 0 || redisGetReply(m_context.get(), &reply) != REDIS_OK) {
            values.append(noConnection());
            continue;
        }
        values.append(toValue(*static_cast<redisReply *>(reply)));
        freeReplyObject(reply);
    }
    return values;
}

QList<std::pair<QByteArray, QByteArray>> RedisServer::hash(const QByteArray &key)
{
    QList<std::pair<QByteArray, QByteArray>> pairs;
    const RespValue reply = command({QByteArrayLiteral("HGETALL"), key});
    for (qsizetype i = 0; i + 1 < reply.items.size(); i += 2)
        pairs.append({reply.items.at(i).text, reply.items.at(i + 1).text});
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

} // namespace weir::test

// SPDX-License-Identifier: GPL-3.0-only
#include "tests/support/redis_client.h"

#include <QFile>

#include <hiredis/hiredis.h>

#include <algorithm>
#include <vector>

namespace weir::test {
namespace {

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

RedisClient::RedisClient(const QString &socketPath) : m_socketPath{socketPath}
{
}
RedisClient::~RedisClient() = default;

void RedisClient::setSocket(const QString &path)
{
    disconnect();
    m_socketPath = path;
}

void RedisClient::FreeContext::operator()(redisContext *context) const
{
    redisFree(context);
}

bool RedisClient::connectIfNeeded()
{
    if (m_context && m_context->err == 0)
        return true;
    const timeval timeout{10, 0};
    m_context.reset(redisConnectUnixWithTimeout(QFile::encodeName(m_socketPath).constData(), timeout));
    if (!m_context || m_context->err != 0)
        return false;
    redisSetTimeout(m_context.get(), timeout);
    return true;
}

RespValue RedisClient::command(const RedisCommand &command)
{
    return pipeline({command}).front();
}

QList<RespValue> RedisClient::pipeline(const QList<RedisCommand> &commands)
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

QList<std::pair<QByteArray, QByteArray>> RedisClient::hash(const QByteArray &key)
{
    QList<std::pair<QByteArray, QByteArray>> pairs;
    const RespValue reply = command({QByteArrayLiteral("HGETALL"), key});
    for (qsizetype i = 0; i + 1 < reply.items.size(); i += 2)
        pairs.append({reply.items.at(i).text, reply.items.at(i + 1).text});
    std::sort(pairs.begin(), pairs.end());
    return pairs;
}

} // namespace weir::test

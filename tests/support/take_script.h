// SPDX-License-Identifier: GPL-3.0-only
// lua/token_bucket.lua as a test calls it; the contract is lua/README.md.
#pragma once

#include <QFile>

#include "core/limit/token_bucket.h"
#include "tests/support/redis_server.h"

namespace weir::test {

inline QByteArray takeSource()
{
    QFile file{QStringLiteral(WEIR_SOURCE_DIR "/lua/token_bucket.lua")};
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray{};
}

inline QByteArray modeName(limit::TokenMode mode)
{
    switch (mode) {
    case limit::TokenMode::Keep:
        return QByteArrayLiteral("keep");
    case limit::TokenMode::Proportional:
        return QByteArrayLiteral("proportional");
    case limit::TokenMode::Refill:
        return QByteArrayLiteral("refill");
    case limit::TokenMode::Drain:
        return QByteArrayLiteral("drain");
    }
    return {};
}

/// ARGV of the script for `input`.
inline RedisCommand takeArguments(const limit::TakeInput &input)
{
    const auto text = [](std::int64_t number) { return QByteArray::number(qint64{number}); };
    RedisCommand arguments{text(input.epoch),
                           text(input.spec.capacity),
                           text(input.spec.refill),
                           text(input.spec.interval.count()),
                           text(input.spec.startTokens()),
                           modeName(input.mode),
                           text(input.now.count())};
    for (const limit::CostRun &run : input.runs)
        arguments << text(run.cost) << text(run.count);
    return arguments;
}

/// EVAL with the whole source.
inline RedisCommand takeCommand(const QByteArray &key, const RedisCommand &arguments)
{
    static const QByteArray kSource = takeSource();
    return RedisCommand{QByteArrayLiteral("EVAL"), kSource, QByteArrayLiteral("1"), key} + arguments;
}

/// A list of numbers, for comparison and for messages; an error's text in front of nothing else.
inline QByteArray flat(const RespValue &value)
{
    if (value.kind != RespValue::Kind::List)
        return value.kind == RespValue::Kind::Number ? QByteArray::number(value.number) : value.text;
    QByteArrayList words;
    for (const RespValue &item : value.items)
        words.append(flat(item));
    return words.join(' ');
}

} // namespace weir::test

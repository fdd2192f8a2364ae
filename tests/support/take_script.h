// SPDX-License-Identifier: GPL-3.0-only
// lua/token_bucket.lua as a test calls it; the contract is lua/README.md.
#pragma once

#include <QFile>

#include <algorithm>

#include "core/limit/settle.h"
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

inline QByteArray text(std::int64_t number)
{
    return QByteArray::number(qint64{number});
}

/// ARGV of the script for `input`.
inline RedisCommand takeArguments(const limit::TakeInput &input)
{
    const limit::Known &known = input.known;
    RedisCommand arguments{text(input.epoch),
                           text(input.spec.capacity),
                           text(input.spec.refill),
                           text(input.spec.interval.count()),
                           text(input.spec.startTokens()),
                           input.givesBack ? QByteArrayLiteral("return") : modeName(input.mode),
                           text(input.now.count()),
                           input.appliesDue ? QByteArrayLiteral("1") : QByteArrayLiteral("0"),
                           QByteArray::fromStdString(input.refiller)};
    for (const std::int64_t number : {known.born, known.losses, known.taken, known.tokens, known.interval,
                                      known.admitted, known.refused, known.refilled})
        arguments << text(number);
    for (const limit::CostRun &run : input.runs)
        arguments << text(run.cost) << text(run.count);
    return arguments;
}

/// ARGV of the script for a settlement.
inline RedisCommand settleArguments(const limit::TakeInput &input, const limit::Settlement &settlement)
{
    limit::TakeInput bare = input;
    bare.runs = {};
    RedisCommand arguments = takeArguments(bare);
    arguments[5] = QByteArrayLiteral("settle");
    for (const std::int64_t number :
         {settlement.outage, settlement.part, std::int64_t{settlement.isWhole}, settlement.baseTokens,
          settlement.baseInterval, settlement.baseTaken, settlement.inDoubt, settlement.sure, settlement.most,
          settlement.interval, settlement.spent, settlement.admitted, settlement.refused})
        arguments << text(number);
    return arguments;
}

/// What the kernel says a call must answer, as the script's RETURN has it.
inline QByteArrayList replyOf(const limit::TakeOutput &output)
{
    QList<std::int64_t> numbers{output.isStale ? 1 : 0, output.tokens,   output.nextRefill.count(),
                                output.now.count(),     output.refilled, output.admitted,
                                output.refused};
    if (output.isStale)
        numbers += {output.epoch, output.inForce.capacity, output.inForce.refill, output.inForce.interval.count()};
    else
        numbers += {output.taken,
                    output.refilledTotal,
                    output.interval,
                    output.born,
                    output.losses,
                    output.restored,
                    static_cast<std::int64_t>(output.memory)};
    for (const std::int64_t granted : output.granted)
        numbers += granted;
    QByteArrayList words;
    for (const std::int64_t number : numbers)
        words.append(text(number));
    return words;
}

/// The fields of the hash that holds `bucket`, sorted by name.
inline QList<std::pair<QByteArray, QByteArray>> fieldsOf(const limit::Bucket &bucket)
{
    QList<std::pair<QByteArray, QByteArray>> fields{{"admitted", text(bucket.admitted)},
                                                    {"born", text(bucket.born)},
                                                    {"capacity", text(bucket.spec.capacity)},
                                                    {"epoch", text(bucket.epoch)},
                                                    {"every", text(bucket.spec.interval.count())},
                                                    {"interval", text(bucket.interval)},
                                                    {"losses", text(bucket.losses)},
                                                    {"refill", text(bucket.spec.refill)},
                                                    {"refilled", text(bucket.refilled)},
                                                    {"refused", text(bucket.refused)},
                                                    {"restored", text(bucket.restored)},
                                                    {"taken", text(bucket.taken)},
                                                    {"tokens", text(bucket.tokens)}};
    if (bucket.debt > 0)
        fields.append({"debt", text(bucket.debt)});
    if (bucket.regressions > 0)
        fields.append({"regressions", text(bucket.regressions)});
    if (!bucket.refiller.empty())
        fields.append({"refiller", QByteArray::fromStdString(bucket.refiller)});
    std::sort(fields.begin(), fields.end());
    return fields;
}

/// The reply to HGETALL as such fields.
inline QList<std::pair<QByteArray, QByteArray>> sortedFields(const RespValue &reply)
{
    QList<std::pair<QByteArray, QByteArray>> fields;
    for (qsizetype i = 0; i + 1 < reply.items.size(); i += 2)
        if (reply.items.at(i).text != "debt" || reply.items.at(i + 1).text != "0") // paid
            fields.append({reply.items.at(i).text, reply.items.at(i + 1).text});
    std::sort(fields.begin(), fields.end());
    return fields;
}

inline QByteArray flat(const QList<std::pair<QByteArray, QByteArray>> &fields)
{
    QByteArrayList words;
    for (const auto &[field, value] : fields)
        words << field << value;
    return words.join(' ');
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

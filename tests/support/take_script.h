// SPDX-License-Identifier: GPL-3.0-only
// lua/token_bucket.lua as a test calls it; the contract is lua/README.md.
#pragma once

#include <QFile>

#include "core/limit/settle.h"
#include "core/limit/token_bucket.h"
#include "tests/support/stored_bucket.h"

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
    std::vector<std::int64_t> runs;
    for (const limit::CostRun &run : input.runs)
        runs.insert(runs.end(), {run.cost, run.count});
    return {packedNumbers({0, input.epoch, input.spec.capacity, input.spec.refill, input.spec.interval.count()}),
            input.givesBack ? QByteArrayLiteral("return") : modeName(input.mode),
            QByteArray::fromStdString(input.refiller),
            packedNumbers({input.spec.startTokens(), input.now.count(), input.appliesDue ? 1 : 0, known.born,
                           known.losses, known.taken, known.tokens, known.interval, known.admitted, known.refused,
                           known.refilled, known.debt}),
            packedNumbers(runs)};
}

/// ARGV of the script for a settlement.
inline RedisCommand settleArguments(const limit::TakeInput &input, const limit::Settlement &settlement)
{
    RedisCommand arguments = takeArguments(input);
    arguments[1] = QByteArrayLiteral("settle");
    arguments[4] = packedNumbers({settlement.outage, settlement.part, std::int64_t{settlement.isWhole},
                                  settlement.baseTokens, settlement.baseDebt, settlement.baseInterval, settlement.baseTaken,
                                  settlement.inDoubt, settlement.tokens, settlement.interval,
                                  settlement.spent, settlement.admitted, settlement.refused});
    return arguments;
}

/// ARGV for a message: its words, and the numbers of those that are lists.
inline QByteArray spoken(const RedisCommand &arguments)
{
    QByteArrayList words;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        if (i == 1 || i == 2)
            words << arguments.at(i);
        else
            for (const std::int64_t number : unpackedNumbers(arguments.at(i)))
                words << text(number);
    }
    return words.join(' ');
}

/// What the kernel says a call must answer, as the script's RETURN has it.
inline QByteArrayList replyOf(const limit::TakeOutput &output)
{
    QList<std::int64_t> numbers{output.isStale ? 1 : 0, output.tokens, output.nextRefill.count(), output.now.count()};
    if (output.isStale)
        numbers += {output.admitted,         output.refused,        output.epoch,
                    output.inForce.capacity, output.inForce.refill, output.inForce.interval.count()};
    else
        numbers += {
            output.refilled, output.admitted, output.refused, output.taken,    output.refilledTotal,
            output.interval, output.born,     output.losses,  output.restored, static_cast<std::int64_t>(output.memory),
            output.debt};
    for (const std::int64_t granted : output.granted)
        numbers += granted;
    QByteArrayList words;
    for (const std::int64_t number : numbers)
        words.append(text(number));
    return words;
}

/// The hash that holds `bucket`.
inline Fields hashOf(const limit::Bucket &bucket)
{
    const limit::LimitSpec &spec = bucket.spec;
    Fields fields{{"limit", packedNumbers({0, bucket.epoch, spec.capacity, spec.refill, spec.interval.count()})},
                  {"state", packedNumbers({bucket.born, bucket.losses, bucket.restored, bucket.taken, bucket.refilled,
                                           bucket.debt, bucket.tokens, bucket.interval})},
                  {"admitted", text(bucket.admitted)},
                  {"refused", text(bucket.refused)}};
    if (bucket.regressions > 0)
        fields.append({"regressions", text(bucket.regressions)});
    if (!bucket.refiller.empty())
        fields.append({"refiller", QByteArray::fromStdString(bucket.refiller)});
    return fields;
}

inline QByteArray flat(const Fields &fields)
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

/// The script's answer: its numbers, behind them who refilled last if that is told; an error's text.
inline QByteArray answerOf(const RespValue &reply)
{
    if (reply.kind != RespValue::Kind::List || reply.items.size() < 2)
        return flat(reply);
    QByteArrayList words{flat(reply.items.at(0))};
    for (const std::int64_t number : unpackedNumbers(reply.items.at(1).text))
        words << text(number);
    if (reply.items.size() > 2)
        words << reply.items.at(2).text;
    return words.join(' ');
}

} // namespace weir::test

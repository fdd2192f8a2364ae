// SPDX-License-Identifier: GPL-3.0-only
// lua/take.lua and lua/settle.lua as a test calls them, what they answer as a text, and what the kernel says they must keep;
// the contract is lua/README.md.
#pragma once

#include "core/redis/store/script_set.h"
#include "core/redis/store/script_words.h"
#include "tests/support/cell_script.h"

namespace weir::test {

/// EVAL with the whole source.
inline RedisCommand evalOf(const redis::Script &script, const redis::Words &keys, const redis::Words &argv)
{
    RedisCommand command{"EVAL", script.source, QByteArray::number(qsizetype(keys.size()))};
    command.append(RedisCommand{keys.begin(), keys.end()});
    command.append(RedisCommand{argv.begin(), argv.end()});
    return command;
}

/// lua/take.lua, which counts in `short` how often lua/front.lua answered.
inline redis::Script takeScriptThatCounts()
{
    redis::Script script = redis::takeScript();
    const QByteArray answers = "  do return {0, now, ";
    if (script.source.count(answers) != 1)
        qFatal("lua/front.lua answers in another place");
    script.source.replace(answers, "  redis.call('INCR', 'short')\n" + answers);
    return script;
}

/// As the link to Redis would have read it.
inline redis::Reply replyOf(const RespValue &value)
{
    redis::Reply reply;
    switch (value.kind) {
    case RespValue::Kind::Number:
        reply.type = redis::Reply::Type::Integer;
        reply.integer = value.number;
        break;
    case RespValue::Kind::List:
        reply.type = redis::Reply::Type::Array;
        for (const RespValue &item : value.items)
            reply.items.push_back(replyOf(item));
        break;
    case RespValue::Kind::Error:
        reply.type = redis::Reply::Type::Error;
        reply.text = value.text;
        break;
    default:
        reply.type = redis::Reply::Type::Text;
        reply.text = value.text;
    }
    return reply;
}

inline void append(QByteArrayList &words, std::initializer_list<std::int64_t> numbers)
{
    for (const std::int64_t number : numbers)
        words << text(number);
}

/// All that an answer tells, as a text that can be compared and read.
inline QByteArray textOf(const limit::TakeOutput &output)
{
    QByteArrayList words{output.isStale ? "stale" : "done"};
    append(words, {output.now.count()});
    for (const limit::BucketOutput &bucket : output.buckets) {
        words << "| bucket" << bytes(nameOf(bucket.inForce.algorithm));
        append(words, {bucket.isStale, bucket.epoch, bucket.inForce.capacity, bucket.inForce.refill,
                       bucket.inForce.interval.count()});
        const limit::Known &known = bucket.known;
        append(words, {bucket.room, bucket.untilChange.count(), bucket.untilFull.count(),
                       static_cast<std::int64_t>(bucket.memory), bucket.restored, known.born, known.losses, known.taken,
                       known.admitted, known.refused, known.refilled, known.debt, known.cell[0], known.cell[1],
                       known.cell[2]});
    }
    for (const limit::RunOutput &run : output.runs) {
        words << "| run";
        append(words, {run.granted});
        for (const limit::AskOutput &ask : run.asks)
            append(words, {ask.taken, ask.isRefusing, ask.wait ? ask.wait->count() : -1});
    }
    for (const std::string &name : output.refillers)
        words << "| by" << QByteArray::fromStdString(name);
    return words.join(' ');
}

inline QByteArray textOf(const std::vector<limit::SettleOutput> &outputs)
{
    QByteArrayList words;
    for (const limit::SettleOutput &output : outputs) {
        append(words, {output.isSettled, output.isExact, output.excess, output.foundTaken});
        words << textOf(limit::TakeOutput{.isStale = output.bucket.isStale, .buckets = {output.bucket}});
    }
    return words.join(' ');
}

/// The answer to `request` likewise; an error's text.
template<class Request, class Read>
QByteArray answerTo(const Request &request, const RespValue &reply, Read read)
{
    const auto output = read(replyOf(reply), request);
    return output ? textOf(output.value()) : QByteArray::fromStdString(output.error().detail) + ": " + reply.text;
}

/// The hash that holds `bucket`, sorted by name.
inline Fields hashOf(const limit::Bucket &bucket)
{
    const limit::LimitSpec &spec = bucket.spec;
    std::vector<std::int64_t> state{bucket.born,  bucket.losses,   bucket.restored,
                                    bucket.taken, bucket.refilled, bucket.debt};
    const std::vector<std::int64_t> cell = limit::numbersOf(bucket.cell);
    state.insert(state.end(), cell.begin(), cell.end());
    Fields fields{{"admitted", text(bucket.admitted)},
                  {"limit", packedNumbers({static_cast<std::int64_t>(spec.algorithm), bucket.epoch, spec.capacity,
                                           spec.refill, spec.interval.count()})}};
    if (const auto *log = std::get_if<limit::kernels::SlidingLogCell>(&bucket.cell))
        fields.append({"log", packedLog(*log)});
    if (!bucket.refiller.empty())
        fields.append({"refiller", QByteArray::fromStdString(bucket.refiller) + ' ' + text(bucket.refillerAt)});
    fields.append({"refused", text(bucket.refused)});
    if (bucket.regressions > 0)
        fields.append({"regressions", text(bucket.regressions)});
    fields.append({"state", packedNumbers(state)});
    return fields;
}

/// And the one that holds `mark`; none for that of nothing.
inline Fields hashOf(const limit::SettleMark &mark)
{
    if (mark == limit::SettleMark{})
        return {};
    return {{"admitted", text(mark.admitted)}, {"excess", text(mark.excess)},   {"outage", text(mark.outage)},
            {"part", text(mark.part)},         {"refused", text(mark.refused)}, {"spent", text(mark.spent)}};
}

inline RedisCommand hsetOf(const QByteArray &key, const limit::Bucket &bucket)
{
    RedisCommand command{"HSET", key};
    for (const auto &[field, value] : hashOf(bucket))
        command << field << value;
    return command;
}

/// Fields for comparison and for messages, their numbers apart; whatever their order. An empty log is none.
inline QByteArray flat(Fields fields)
{
    fields.removeAll({"log", QByteArray{}});
    fields = spelledOut(fields);
    std::sort(fields.begin(), fields.end());
    QByteArrayList words;
    for (const auto &[field, value] : fields)
        words << field + '=' + (field == "log" ? value.toHex() : value);
    return words.join(' ');
}

} // namespace weir::test

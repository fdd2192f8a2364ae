// SPDX-License-Identifier: GPL-3.0-only
// lua/algorithms under the driver of the tests, and the same done by the kernel.
#pragma once

#include <QFile>

#include "core/limit/kernel.h"
#include "tests/support/stored_bucket.h"

namespace weir::test {

inline QByteArray text(std::int64_t number)
{
    return QByteArray::number(qint64{number});
}

/// A list of numbers, for comparison and for messages; an error's text in front of nothing else.
inline QByteArray flat(const RespValue &value)
{
    if (value.kind != RespValue::Kind::List)
        return value.kind == RespValue::Kind::Number ? text(value.number) : value.text;
    QByteArrayList words;
    for (const RespValue &item : value.items)
        words.append(flat(item));
    return words.join(' ');
}

/// The fragments in their order, then tests/contract/one_cell.lua. Empty when a file cannot be read.
inline QByteArray cellSource()
{
    QByteArray source;
    for (const char *name : {"common", "even_flow", "token_bucket", "token_bucket_smooth", "gcra", "leaky_bucket",
                             "fixed_window", "sliding_log", "sliding_counter", ""}) {
        QFile file{*name ? QStringLiteral(WEIR_SOURCE_DIR "/lua/algorithms/%1.lua").arg(QLatin1String{name})
                         : QStringLiteral(WEIR_SOURCE_DIR "/tests/contract/one_cell.lua")};
        if (!file.open(QIODevice::ReadOnly))
            return {};
        source += file.readAll();
    }
    return source;
}

/// `count` takes in a row of `cost` tokens each.
struct CellRun {
    limit::Tokens cost{1};
    std::int64_t count{1};
};

/// One call on one cell. Charging takes `cost * count` of each run, or as many as are there.
struct CellCall {
    limit::LimitSpec spec;
    limit::TokenMode mode{limit::TokenMode::Keep};
    Micros now{0};
    bool isCharge{false};
    std::vector<CellRun> runs;
    std::vector<std::int64_t> known; ///< not empty: the key is gone and goes on from these; no runs then
};

inline QByteArray bytes(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

inline QByteArray modeName(limit::TokenMode mode)
{
    constexpr std::array kNames{"keep", "proportional", "refill", "drain"};
    return kNames[static_cast<std::size_t>(mode)];
}

inline QByteArray operationOf(const CellCall &call)
{
    if (!call.known.empty())
        return QByteArrayLiteral("known");
    return call.isCharge ? QByteArrayLiteral("charge") : QByteArrayLiteral("take");
}

/// ARGV of the driver for `call`.
inline RedisCommand cellArguments(const CellCall &call)
{
    RedisCommand arguments{bytes(nameOf(call.spec.algorithm)),
                           text(call.spec.capacity),
                           text(call.spec.refill),
                           text(call.spec.interval.count()),
                           text(call.spec.startTokens()),
                           modeName(call.mode),
                           text(call.now.count()),
                           operationOf(call)};
    for (const CellRun &run : call.runs)
        arguments << text(run.cost) << text(run.count);
    for (const std::int64_t number : call.known)
        arguments << text(number);
    return arguments;
}

/// The field `log` of the sliding log.
inline QByteArray packedLog(const limit::kernels::SlidingLogCell &log)
{
    QByteArray packed;
    const auto append = [&](std::int64_t number, int size) {
        for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
            packed.append(static_cast<char>(number >> shift & 0xff));
    };
    for (const auto &entry : log.entries) {
        append(entry.at.count(), 7);
        append(entry.tokens, 2);
    }
    return packed;
}

/// The driver's other half: what the kernel answers and keeps.
class KernelCell {
public:
    /// The driver's RETURN for `call`, or the first word of its error.
    QByteArray answer(const CellCall &call)
    {
        using namespace limit;
        const LimitSpec &spec = call.spec;
        bool isRegressed = false;
        if (!call.known.empty()) {
            m_cell = cellOf(spec, call.known);
            if (!m_cell)
                return QByteArrayLiteral("WEIRARGS");
            isRegressed = advance(spec, *m_cell, call.now);
        } else if (!m_cell) {
            m_cell = startCell(spec, call.now);
        } else {
            isRegressed = advance(m_spec, *m_cell, call.now);
            if (call.mode != TokenMode::Keep || spec.algorithm != m_spec.algorithm || spec.capacity != m_spec.capacity
                || spec.refill != m_spec.refill || spec.interval != m_spec.interval)
                adopt(m_spec, spec, *m_cell, call.mode, call.now);
        }
        m_spec = spec;
        m_regressions += isRegressed ? 1 : 0;
        QByteArrayList words;
        for (const CellRun &run : call.runs)
            words << text(call.isCharge ? charge(spec, *m_cell, run.cost * run.count) : granted(run))
                  << wait(run.cost, call.now);
        const QByteArrayList head{text(isRegressed ? 1 : 0), text(roomOf(spec, *m_cell)),
                                  text(untilChange(spec, *m_cell, call.now).count()),
                                  text(untilFull(spec, *m_cell, call.now).count()), text(timeToLive(spec).count())};
        return (head + words).join(' ');
    }

    /// The fields that the algorithm in force keeps, sorted by name; the log as it is packed.
    [[nodiscard]] QList<std::pair<QByteArray, QByteArray>> fields() const
    {
        QList<std::pair<QByteArray, QByteArray>> fields;
        if (!m_cell)
            return {{QByteArrayLiteral("algorithm"), {}}};
        const std::span<const std::string_view> names = limit::fieldsOf(m_spec.algorithm);
        const std::vector<std::int64_t> numbers = limit::numbersOf(*m_cell);
        for (std::size_t i = 0; i < names.size(); ++i)
            fields.append({bytes(names[i]), text(numbers[i])});
        if (const auto *log = std::get_if<limit::kernels::SlidingLogCell>(&*m_cell))
            fields.append({QByteArrayLiteral("log"), packedLog(*log)});
        std::sort(fields.begin(), fields.end());
        return fields;
    }
    [[nodiscard]] const limit::LimitSpec &spec() const { return m_spec; }
    [[nodiscard]] bool isThere() const { return m_cell.has_value(); }
    [[nodiscard]] std::vector<std::int64_t> numbers() const { return limit::numbersOf(*m_cell); }
    [[nodiscard]] std::int64_t regressions() const { return m_regressions; }
    [[nodiscard]] std::int64_t refusals() const { return m_refusals; }

private:
    std::int64_t granted(const CellRun &run)
    {
        const std::int64_t affordable = run.cost == 0 ? run.count : roomOf(m_spec, *m_cell) / run.cost;
        const std::int64_t count = std::min(run.count, affordable);
        take(m_spec, *m_cell, count * run.cost);
        m_refusals += count < run.count ? 1 : 0;
        return count;
    }
    [[nodiscard]] QByteArray wait(limit::Tokens cost, Micros now) const
    {
        const std::optional<Micros> wait = untilRoom(m_spec, *m_cell, cost, now);
        return wait ? text(wait->count()) : QByteArrayLiteral("-1");
    }
    limit::LimitSpec m_spec;
    std::optional<limit::Cell> m_cell;
    std::int64_t m_regressions{0}, m_refusals{0};
};

} // namespace weir::test

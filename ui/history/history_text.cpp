// SPDX-License-Identifier: GPL-3.0-only
#include "ui/history/history_text.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <array>

namespace weir::ui {
namespace {

struct Column {
    const char *name;
    std::int64_t history::Counts::*number;
};

constexpr std::array<Column, 9> kColumns{{{"admitted", &history::Counts::admitted},
                                          {"refused", &history::Counts::refused},
                                          {"undecided", &history::Counts::undecided},
                                          {"without_store", &history::Counts::withoutStore},
                                          {"other", &history::Counts::other},
                                          {"away_seconds", &history::Counts::awayS},
                                          {"decision_p99_us", &history::Counts::p99Us},
                                          {"tokens", &history::Counts::tokens},
                                          {"fewest_tokens", &history::Counts::fewestTokens}}};

QString utc(std::int64_t ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms).toUTC().toString(ms % 1000 == 0 ? Qt::ISODate : Qt::ISODateWithMs);
}

const char *kindName(history::Mark::Kind kind)
{
    switch (kind) {
    case history::Mark::Kind::Start:
        return "start";
    case history::Mark::Kind::Failure:
        return "failure";
    default:
        return "change";
    }
}

} // namespace

// Names of limits are of [a-z0-9-], so nothing needs quotes.
QByteArray historyAsCsv(const history::Answer &answer)
{
    QByteArray text = "begin,seconds,limit";
    for (const Column &column : kColumns)
        text += QByteArray{","} + column.name;
    text += "\r\n";
    for (const history::Row &row : answer.rows) {
        text += utc(row.atS * 1000).toLatin1() + ',' + QByteArray::number(static_cast<qlonglong>(answer.stepS)) + ','
                + QByteArray::fromStdString(row.limit);
        for (const Column &column : kColumns) {
            const std::int64_t number = row.counts.*column.number;
            text += number < 0 ? QByteArray{","} : ',' + QByteArray::number(static_cast<qlonglong>(number));
        }
        text += "\r\n";
    }
    return text;
}

QByteArray historyAsJson(const history::Answer &answer)
{
    QJsonArray rows, marks;
    for (const history::Row &row : answer.rows) {
        QJsonObject object{{QStringLiteral("begin"), utc(row.atS * 1000)},
                           {QStringLiteral("limit"), QString::fromStdString(row.limit)}};
        for (const Column &column : kColumns) {
            const std::int64_t number = row.counts.*column.number;
            object.insert(QLatin1String{column.name},
                          number < 0 ? QJsonValue{} : QJsonValue{static_cast<qint64>(number)});
        }
        rows.append(object);
    }
    for (const history::Mark &mark : answer.marks)
        marks.append(QJsonObject{{QStringLiteral("at"), utc(mark.atMs)},
                                 {QStringLiteral("kind"), QLatin1String{kindName(mark.kind)}},
                                 {QStringLiteral("who"), QString::fromStdString(mark.who)},
                                 {QStringLiteral("what"), QString::fromStdString(mark.sentence)}});
    return QJsonDocument{QJsonObject{{QStringLiteral("seconds"), static_cast<qint64>(answer.stepS)},
                                     {QStringLiteral("rows"), rows},
                                     {QStringLiteral("marks"), marks}}}
        .toJson();
}

} // namespace weir::ui

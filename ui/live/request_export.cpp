// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/request_export.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QVariant>
#include <algorithm>
#include <vector>

#include "ui/live/request_model.h"
#include "ui/live/request_words.h"

namespace weir::ui {
namespace {

/// A bool, a number, bytes, or nothing: not known.
using Value = QVariant;

struct Cell {
    const char *name;
    Value value;
};

Value known(std::int64_t number)
{
    return number < 0 ? Value{} : Value{static_cast<qlonglong>(number)};
}

Value text(std::string_view bytes)
{
    return QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

QByteArray utc(std::int64_t micros)
{
    constexpr std::int64_t kMilli = 1000, kSecond = 1'000'000;
    const QDateTime at = QDateTime::fromMSecsSinceEpoch(micros / kMilli).toUTC();
    return at.toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss")).toLatin1()
           + QStringLiteral(".%1Z").arg(micros % kSecond, 6, 10, QLatin1Char('0')).toLatin1();
}

void addRequest(std::vector<Cell> &cells, const telemetry::RequestRecord &record)
{
    const bool isAway = isTurnedAway(record);
    cells.push_back({"method", isAway ? Value{} : text(record.method.view())});
    cells.push_back({"target", isAway ? Value{} : text(record.target.view())});
    cells.push_back({"turned_away", isAway ? text(record.target.view()) : Value{}});
    cells.push_back({"is_cut", record.method.isCut() || record.target.isCut()});
}

std::vector<Cell> cellsOf(const telemetry::RequestRecord &record, const QList<int> &columns)
{
    constexpr double kMicrosPerMilli = 1000;
    std::vector<Cell> cells;
    for (const int column : columns) {
        switch (column) {
        case RequestModel::Time:
            cells.push_back({"at", utc(record.atUs)});
            break;
        case RequestModel::Client:
            cells.push_back({"client", text(record.client.view())});
            break;
        case RequestModel::Request:
            addRequest(cells, record);
            break;
        case RequestModel::Status:
            cells.push_back({"status", qlonglong{record.status}});
            break;
        case RequestModel::Limit:
            cells.push_back({"limit", text(record.limit.view())});
            cells.push_back({"refused", record.isRefused});
            break;
        case RequestModel::Key:
            cells.push_back({"key", text(record.key.view())});
            break;
        case RequestModel::Cost:
            cells.push_back({"cost_tokens", hasVerdict(record) ? Value{qlonglong{record.cost}} : Value{}});
            break;
        case RequestModel::TokensLeft:
            cells.push_back({"tokens_left", known(record.tokensLeft)});
            break;
        case RequestModel::RetryAfter:
            cells.push_back({"retry_after_seconds", known(record.retryAfterS)});
            break;
        case RequestModel::Took:
            cells.push_back({"took_ms", isTurnedAway(record) ? Value{} : Value{record.tookUs / kMicrosPerMilli}});
            break;
        case RequestModel::DecidedBy:
            cells.push_back({"decided_by", deciderWord(record.decidedBy).toLatin1()});
            break;
        default:
            break;
        }
    }
    return cells;
}

QByteArray csvText(QByteArray bytes)
{
    // What is before the sign does not count for all programs.
    const QByteArray begin = bytes.trimmed();
    if (!begin.isEmpty() && QByteArrayView("=+-@").contains(begin.front()))
        bytes.prepend('\'');
    const bool isQuoted =
        std::any_of(bytes.begin(), bytes.end(), [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; });
    return isQuoted ? '"' + bytes.replace("\"", "\"\"") + '"' : bytes;
}

QByteArray csvOf(const Value &value)
{
    if (value.typeId() == QMetaType::QByteArray)
        return csvText(value.toByteArray());
    return value.typeId() == QMetaType::Double ? QByteArray::number(value.toDouble(), 'f', 3) : value.toByteArray();
}

QJsonValue jsonOf(const Value &value)
{
    return QJsonValue::fromVariant(value.typeId() == QMetaType::QByteArray ? QString::fromUtf8(value.toByteArray())
                                                                           : value);
}

QByteArray line(const QByteArrayList &cells)
{
    return cells.join(',') + "\r\n";
}

} // namespace

QByteArray requestsAsCsv(std::span<const telemetry::RequestRecord> records, const QList<int> &columns)
{
    QByteArrayList names;
    for (const Cell &cell : cellsOf({}, columns))
        names << cell.name;
    QByteArray table = line(names);
    for (const telemetry::RequestRecord &record : records) {
        QByteArrayList cells;
        for (const Cell &cell : cellsOf(record, columns))
            cells << csvOf(cell.value);
        table += line(cells);
    }
    return table;
}

QByteArray requestsAsJson(std::span<const telemetry::RequestRecord> records, const QList<int> &columns)
{
    QJsonArray rows;
    for (const telemetry::RequestRecord &record : records) {
        QJsonObject row;
        for (const Cell &cell : cellsOf(record, columns))
            row.insert(QLatin1String(cell.name), jsonOf(cell.value));
        rows.append(row);
    }
    return QJsonDocument(rows).toJson();
}

} // namespace weir::ui

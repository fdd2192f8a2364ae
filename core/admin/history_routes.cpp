// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/history_routes.h"

#include <algorithm>
#include <array>

#include <QDateTime>
#include <QJsonArray>

#include "core/admin/admin_answers.h"

namespace weir::admin {
namespace {

using namespace Qt::StringLiterals;

constexpr std::int64_t kUsualRows = 1000;
constexpr std::int64_t kHourS = 3600;
constexpr std::int64_t kLatestS = 253'402'300'799; // the year 9999

QJsonValue numberOrNull(std::int64_t number)
{
    return number < 0 ? QJsonValue{QJsonValue::Null} : QJsonValue{qint64{number}};
}

QJsonObject jsonOf(const history::Row &row)
{
    const history::Counts &counts = row.counts;
    return {{u"at_s"_s, qint64{row.atS}},
            {u"admitted"_s, qint64{counts.admitted}},
            {u"refused"_s, qint64{counts.refused}},
            {u"undecided"_s, qint64{counts.undecided}},
            {u"without_store"_s, qint64{counts.withoutStore}},
            {u"other"_s, qint64{counts.other}},
            {u"away_seconds"_s, qint64{counts.awayS}},
            {u"p99_ms"_s,
             counts.p99Us < 0 ? QJsonValue{QJsonValue::Null} : QJsonValue{static_cast<double>(counts.p99Us) / 1000.0}},
            {u"tokens"_s, numberOrNull(counts.tokens)},
            {u"fewest_tokens"_s, numberOrNull(counts.fewestTokens)}};
}

QJsonObject jsonOf(const history::Mark &mark)
{
    constexpr std::array kKinds{"start", "change", "failure"};
    return {{u"at_ms"_s, qint64{mark.atMs}},
            {u"kind"_s, QLatin1String{kKinds[static_cast<std::size_t>(mark.kind)]}},
            {u"who"_s, textOf(mark.who)},
            {u"sentence"_s, textOf(mark.sentence)}};
}

template<class Item>
QJsonArray listOf(const std::vector<Item> &items)
{
    QJsonArray list;
    for (const Item &item : items)
        list.append(jsonOf(item));
    return list;
}

void answer(engine::ServicePort &port, QObject &context, Call call)
{
    history::Question question;
    question.limit = call.parameters.text("limit").value_or(std::string{});
    const std::int64_t now = QDateTime::currentSecsSinceEpoch();
    question.toS = call.parameters.whole("to", {0, kLatestS}).value_or(now + 1);
    question.fromS =
        call.parameters.whole("from", {0, kLatestS}).value_or(std::max<std::int64_t>(0, question.toS - kHourS));
    question.mostRows = call.parameters.whole("rows", {1, kMostHistoryRows}).value_or(kUsualRows);
    if (call.parameters.faults().empty() && question.fromS >= question.toS)
        call.parameters.fail("from", "it is not before to", "an earlier second");
    if (!call.parameters.faults().empty())
        return call.reply(problem(400, call.parameters.faults()));
    port.askHistory(question, &context, [reply = call.reply](const Result<history::Answer> &found) {
        reply(found ? json({{u"step_seconds"_s, qint64{found.value().stepS}},
                            {u"rows"_s, listOf(found.value().rows)},
                            {u"marks"_s, listOf(found.value().marks)}})
                    : problemOf(found.error()));
    });
}

} // namespace

void addHistoryRoutes(std::vector<Route> &routes, engine::ServicePort &port, QObject &context)
{
    routes.push_back({"GET", "/v1/history", "limit from to rows", BodyRule::None,
                      [&port, &context](Call call) { answer(port, context, std::move(call)); }});
}

} // namespace weir::admin

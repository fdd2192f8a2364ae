// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/request_routes.h"

#include <algorithm>
#include <limits>

#include <QJsonArray>

#include "core/admin/admin_answers.h"
#include "core/admin/status_json.h"

namespace weir::admin {
namespace {

using namespace Qt::StringLiterals;

constexpr std::int64_t kUsualRequests = 100;
constexpr std::int64_t kMostId = 9'007'199'254'740'992; // a number of JSON is exact up to here

QJsonValue numberOrNull(std::int64_t number)
{
    return number < 0 ? QJsonValue{QJsonValue::Null} : QJsonValue{qint64{number}};
}

QJsonObject jsonOf(const telemetry::RequestRecord &record)
{
    return {
        {u"id"_s, static_cast<qint64>(record.id)},
        {u"at_ms"_s, static_cast<double>(record.atUs) / 1000.0},
        {u"client"_s, textOf(record.client.view())},
        {u"method"_s, textOf(record.method.view())},
        {u"target"_s, textOf(record.target.view())},
        {u"is_cut"_s, record.client.isCut() || record.method.isCut() || record.target.isCut() || record.key.isCut()},
        {u"status"_s, record.status},
        {u"tokens_left"_s, numberOrNull(record.tokensLeft)},
        {u"retry_after_seconds"_s, numberOrNull(record.retryAfterS)},
        {u"took_ms"_s, record.tookUs / 1000.0},
        {u"decided_by"_s, wordOf(record.decidedBy)},
        {u"refused_by"_s, textOf(record.refusedBy())},
        {u"limit"_s, textOf(record.limit.view())},
        {u"key"_s, textOf(record.key.view())},
        {u"cost_tokens"_s, record.tokensLeft < 0 ? QJsonValue{QJsonValue::Null} : QJsonValue{qint64{record.cost}}}};
}

// Without `after`: the newest.
telemetry::RequestPage pageOf(engine::ServicePort &port, std::optional<std::int64_t> after, std::size_t most)
{
    const std::uint64_t newest = port.requestsAfter(std::numeric_limits<std::uint64_t>::max(), 0).newest;
    if (!after)
        return port.requestsAfter(newest - std::min<std::uint64_t>(newest, most), most);
    const auto from = static_cast<std::uint64_t>(*after);
    return port.requestsAfter(from > newest ? 0 : from, most); // of a Weir before this one
}

void answer(engine::ServicePort &port, std::int64_t beganAtMs, Call call)
{
    const auto after = call.parameters.whole("after", {0, kMostId});
    const auto most = call.parameters.whole("limit", {1, kMostRequests}).value_or(kUsualRequests);
    if (!call.parameters.faults().empty())
        return call.reply(problem(400, call.parameters.faults()));
    const telemetry::RequestPage page = pageOf(port, after, static_cast<std::size_t>(most));
    QJsonArray requests;
    for (const telemetry::RequestRecord &record : page.records)
        requests.append(jsonOf(record));
    const std::uint64_t next = page.records.empty() ? page.newest : page.records.back().id;
    call.reply(json({{u"requests"_s, requests},
                     {u"began_at_ms"_s, qint64{beganAtMs}},
                     {u"next_after"_s, static_cast<qint64>(next)},
                     {u"newest_id"_s, static_cast<qint64>(page.newest)},
                     {u"dropped"_s, after ? static_cast<qint64>(page.dropped) : 0},
                     {u"lost_total"_s, static_cast<qint64>(port.status().requestsNotShown)}}));
}

} // namespace

void addRequestRoutes(std::vector<Route> &routes, engine::ServicePort &port, std::int64_t beganAtMs)
{
    routes.push_back({"GET", "/v1/requests", "after limit", BodyRule::None,
                      [&port, beganAtMs](Call call) { answer(port, beganAtMs, std::move(call)); }});
}

} // namespace weir::admin

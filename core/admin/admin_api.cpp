// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/admin_api.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <QByteArray>
#include <QDateTime>
#include <QJsonDocument>

#include "core/admin/admin_answers.h"
#include "core/admin/check_routes.h"
#include "core/admin/history_routes.h"
#include "core/admin/limit_routes.h"
#include "core/admin/request_routes.h"
#include "core/admin/status_json.h"
#include "core/policy/request_view.h"
#include "openapi_json.h"

namespace weir::admin {
namespace {

using namespace Qt::StringLiterals;

constexpr std::size_t kMostBodyBytes = 1'048'576; // the largest set of limits that passes the check is far smaller

// Of every answer: nothing here may be kept, or be taken for something else.
constexpr const char *kCommonFields = "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";

// The name in the path where the pattern has one; nothing when it is another path.
std::optional<std::string> nameIn(const std::vector<std::string> &segments, const std::string &pattern)
{
    const std::vector<std::string> parts = readTarget(pattern)->segments;
    if (parts.size() != segments.size())
        return std::nullopt;
    std::string name;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i] == "{name}")
            name = segments[i];
        else if (parts[i] != segments[i])
            return std::nullopt;
    }
    return name;
}

// "line 2, column 7" of the byte at `offset`, columns in characters.
std::string placeIn(const std::string &body, std::size_t offset)
{
    const std::string before = body.substr(0, offset);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t begin = before.rfind('\n') + 1; // of npos: 0
    const qsizetype column = QString::fromStdString(before.substr(begin)).size() + 1;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

bool isJson(const http::RequestHead &head)
{
    const auto type = fieldOf(head, "content-type");
    if (!type)
        return false;
    std::string media = policy::lowerOf(type->substr(0, type->find(';')));
    while (media.ends_with(' ') || media.ends_with('\t'))
        media.pop_back();
    return media == "application/json";
}

// Why the body cannot be taken; else it is in `to`.
std::optional<http::AdminAnswer> readBody(const http::RequestHead &head, BodyRule rule, Call &to)
{
    if (rule == BodyRule::None || (rule == BodyRule::Optional && head.body.empty()))
        return std::nullopt;
    if (head.body.empty())
        return problem(400, "This needs a body: a JSON object.");
    if (!isJson(head))
        return problem(415, "The body must be JSON, with Content-Type: application/json.");
    if (head.body.size() > kMostBodyBytes)
        return problem(413, "The body has more than 1 MiB.");
    QJsonParseError why{};
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(head.body), &why);
    if (why.error != QJsonParseError::NoError)
        return problem(400, "The body is no JSON: " + why.errorString().toStdString() + " at "
                                + placeIn(head.body, static_cast<std::size_t>(why.offset)) + ".");
    if (!document.isObject())
        return problem(400, "The body is JSON, but no object.");
    to.body = document.object();
    to.hasBody = true;
    return std::nullopt;
}

} // namespace

AdminApi::AdminApi(engine::ServicePort &port, AdminRules rules, std::function<std::string()> metricsText,
                   QObject *parent)
    : QObject{parent},
      m_port{port},
      m_rules{std::move(rules)},
      m_metricsText{std::move(metricsText)},
      m_beganAtMs{QDateTime::currentMSecsSinceEpoch()}
{
    addHealth();
    addTexts();
    addLimitRoutes(m_routes, port, *this);
    addRequestRoutes(m_routes, port, m_beganAtMs);
    addHistoryRoutes(m_routes, port, *this);
    addCheckRoutes(m_routes, port, *this);
}

void AdminApi::addHealth()
{
    m_routes.push_back({"GET", "/healthz", "", BodyRule::None, [](const Call &call) {
                            call.reply(json({{u"status"_s, u"up"_s}}));
                        }});
    m_routes.push_back({"GET", "/readyz", "", BodyRule::None, [this](const Call &call) {
                            const std::string why = whyNotReady(m_port.status());
                            call.reply(why.empty() ? json({{u"status"_s, u"ready"_s}}) : problem(503, why));
                        }});
    m_routes.push_back(
        {"GET", "/v1/status", "", BodyRule::None, [this](const Call &call) { call.reply(json(status())); }});
}

// Who asks again and again sees by two numbers whether limits, or ids and counts, are to be read anew.
QJsonObject AdminApi::status()
{
    if (auto limits = m_port.limits(); limits != m_limits) {
        m_limits = std::move(limits);
        ++m_limitsVersion;
    }
    QJsonObject status = jsonOf(m_port.status(), std::chrono::steady_clock::now());
    status.insert(u"at_ms"_s, QDateTime::currentMSecsSinceEpoch());
    status.insert(u"began_at_ms"_s, qint64{m_beganAtMs});
    status.insert(u"limits_version"_s, qint64{m_limitsVersion});
    return status;
}

void AdminApi::addTexts()
{
    m_routes.push_back({"GET", "/openapi.json", "", BodyRule::None, [](const Call &call) {
                            call.reply({200, "application/json", std::string{embedded::openapi_json}});
                        }});
    if (m_metricsText)
        m_routes.push_back({"GET", "/metrics", "", BodyRule::None, [this](const Call &call) {
                                call.reply({200, "text/plain; version=0.0.4; charset=utf-8", m_metricsText()});
                            }});
}

void AdminApi::handle(const http::AdminRequest &request, Reply reply)
{
    answer(request, [reply = std::move(reply)](http::AdminAnswer answer) {
        answer.fields += kCommonFields;
        reply(std::move(answer));
    });
}

void AdminApi::answer(const http::AdminRequest &request, const Reply &reply)
{
    if (auto away = objection(m_rules, request))
        return reply(*std::move(away));
    const auto target = readTarget(request.head.target);
    if (!target)
        return reply(problem(400, "A % in the target begins no %XX."));
    const std::string &method = request.head.method == "HEAD" ? std::string{"GET"} : request.head.method;
    std::string allowed;
    for (const Route &route : m_routes) {
        if (!nameIn(target->segments, route.pattern))
            continue;
        if (route.method == method)
            return call(route, request, *target, reply);
        allowed += (allowed.empty() ? "" : ", ") + route.method + (route.method == "GET" ? ", HEAD" : "");
    }
    if (allowed.empty())
        return reply(problem(404, "There is nothing at this path; GET /openapi.json describes what there is."));
    http::AdminAnswer answer = problem(405, "This path takes " + allowed + ".");
    answer.fields += "Allow: " + allowed + "\r\n";
    reply(std::move(answer));
}

void AdminApi::call(const Route &route, const http::AdminRequest &request, const RequestTarget &target,
                    const Reply &reply)
{
    Call call{request.peer, *nameIn(target.segments, route.pattern), Parameters{target.parameters}, {}, false, reply};
    if (!call.parameters.areOf(route.parameters))
        return reply(problem(400, call.parameters.faults()));
    if (auto why = readBody(request.head, route.body, call))
        return reply(*std::move(why));
    route.answer(std::move(call));
}

} // namespace weir::admin

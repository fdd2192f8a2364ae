// SPDX-License-Identifier: GPL-3.0-only
// Requests to the admin API as a parser reads them, and what it answers.
#pragma once

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/admin/admin_api.h"
#include "core/http/request_parser.h"

namespace weir::test {

inline constexpr const char *kAdminHost = "127.0.0.1:8001";
inline const std::string kAdminToken(64, 'b');

inline admin::AdminRules adminRules()
{
    return {{kAdminHost, "localhost:8001", "[::1]:8001"}, kAdminToken};
}

/// One request; what is not said is as a careful client sends it.
struct AdminAsk {
    std::string method{"GET"};
    std::string target{"/healthz"};
    std::string body{};
    std::vector<std::pair<std::string, std::string>> fields{}; ///< besides Host, token and type
    std::optional<std::string> host{kAdminHost};
    std::optional<std::string> token{kAdminToken};
    std::optional<std::string> type{"application/json"}; ///< of the body, if there is one
    std::string peer{"127.0.0.1"};
};

inline http::AdminRequest requestOf(const AdminAsk &ask)
{
    std::string text = ask.method + ' ' + ask.target + (ask.host ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
    const auto add = [&text](const std::string &name, const std::string &value) {
        text += name + ": " + value + "\r\n";
    };
    if (ask.host)
        add("Host", *ask.host);
    if (ask.token)
        add("Authorization", "Bearer " + *ask.token);
    if (!ask.body.empty() && ask.type)
        add("Content-Type", *ask.type);
    if (!ask.body.empty())
        add("Content-Length", std::to_string(ask.body.size()));
    for (const auto &[name, value] : ask.fields)
        add(name, value);
    text += "\r\n" + ask.body;
    config::HttpLimits limits;
    limits.maxBodyBytes = 4'194'304;
    http::RequestParser parser{limits};
    parser.keepBodies();
    parser.feed(text);
    if (parser.state() != http::RequestParser::State::Complete)
        qFatal("no request: %s", text.substr(0, 200).c_str());
    return {parser.head(), parseIpAddress(ask.peer).value()};
}

struct AdminHeard {
    http::AdminAnswer answer{};
    QJsonObject json{};

    [[nodiscard]] bool hasField(const QByteArray &line) const
    {
        return QByteArray::fromStdString("\r\n" + answer.fields).contains("\r\n" + line + "\r\n");
    }
    [[nodiscard]] QString detail() const { return json.value(QLatin1String{"detail"}).toString(); }
};

/// Return the answer; waits for it.
inline AdminHeard ask(admin::AdminApi &api, const AdminAsk &what)
{
    int answers = 0;
    AdminHeard heard;
    api.handle(requestOf(what), [&](http::AdminAnswer answer) {
        ++answers;
        heard.answer = std::move(answer);
    });
    if (!QTest::qWaitFor([&] { return answers > 0; }, 20'000))
        qFatal("%s %s is not answered", what.method.c_str(), what.target.c_str());
    if (answers != 1)
        qFatal("%s is answered twice", what.target.c_str());
    heard.json = QJsonDocument::fromJson(QByteArray::fromStdString(heard.answer.body)).object();
    return heard;
}

} // namespace weir::test

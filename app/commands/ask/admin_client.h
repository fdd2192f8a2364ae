// SPDX-License-Identifier: GPL-3.0-only
// Asks the admin port of a running Weir over HTTP.
#pragma once

#include <functional>

#include <QByteArray>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QObject>
#include <QUrl>
#include <QUrlQuery>

namespace weir::app {

struct AdminReply {
    int status{0};       ///< of HTTP; 0: there is no answer
    QJsonObject json{};  ///< empty: the body is none
    QByteArray body{};   ///< as it came
    QString unheard{};   ///< status 0: why
    bool isWeirs{false}; ///< JSON, as a Weir answers
    [[nodiscard]] bool isGood() const { return isWeirs && status >= 200 && status < 300; }
};

struct AdminAsk {
    QByteArray method{"GET"};
    QString path{};     ///< percent-encoded: "/v1/status"
    QUrlQuery query{};  ///< percent-encoded
    QJsonObject body{}; ///< of PUT and POST
};

/// Thread: lives in one thread; nothing blocks. No proxy is used and no redirect followed: the token goes nowhere else.
class AdminClient : public QObject {
    Q_OBJECT
public:
    /// `token`: sent with each request; empty: none is.
    AdminClient(const QUrl &url, QByteArray token, QObject *parent = nullptr);

    /// Ask; `done` once, after kDeadlineMs without a byte at the latest.
    void ask(const AdminAsk &what, std::function<void(const AdminReply &)> done);

    static constexpr int kDeadlineMs = 5000;

private:
    QNetworkAccessManager m_network;
    QUrl m_url;
    QByteArray m_token;
};

} // namespace weir::app

// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/ask/admin_client.h"

#include <utility>

#include <QJsonDocument>
#include <QNetworkProxy>
#include <QNetworkReply>

namespace weir::app {
namespace {

using namespace Qt::StringLiterals;

// What is longer is no answer of a Weir: that of 100 limits with all lists has not a hundredth of it.
constexpr qint64 kMostBytes = 64LL * 1024 * 1024;

constexpr const char *kTooLong = "isTooLong";

QNetworkRequest requestOf(QUrl url, const AdminAsk &what, const QByteArray &token)
{
    url.setPath(what.path, QUrl::TolerantMode);
    if (!what.query.isEmpty())
        url.setQuery(what.query);
    QNetworkRequest request{url};
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    if (!token.isEmpty())
        request.setRawHeader("Authorization", "Bearer " + token);
    if (what.method != "GET")
        request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
    return request;
}

AdminReply heard(QNetworkReply &reply)
{
    AdminReply answer;
    answer.status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    answer.body = reply.readAll();
    const QByteArray type = reply.rawHeader("Content-Type");
    const bool isCut =
        reply.error() == QNetworkReply::OperationCanceledError || reply.error() == QNetworkReply::RemoteHostClosedError;
    if (answer.status == 0 || isCut) {
        answer.status = 0;
        answer.unheard = reply.property(kTooLong).toBool() ? u"its answer is too long"_s
                         : reply.error() == QNetworkReply::OperationCanceledError
                             ? u"no answer within %1 s"_s.arg(AdminClient::kDeadlineMs / 1000)
                             : reply.errorString();
        return answer;
    }
    const QJsonDocument document = QJsonDocument::fromJson(answer.body);
    // The port for requests answers in JSON as well, but with the state of the limits.
    answer.isWeirs = document.isObject() && !reply.hasRawHeader("RateLimit")
                     && (type.startsWith("application/json") || type.startsWith("application/problem+json"));
    answer.json = document.object();
    return answer;
}

} // namespace

AdminClient::AdminClient(const QUrl &url, QByteArray token, QObject *parent)
    : QObject{parent}, m_network{this}, m_url{url}, m_token{std::move(token)}
{
    m_network.setProxy(QNetworkProxy::NoProxy);
    m_network.setTransferTimeout(kDeadlineMs);
}

void AdminClient::ask(const AdminAsk &what, std::function<void(const AdminReply &)> done)
{
    const QByteArray body =
        what.body.isEmpty() ? QByteArray{} : QJsonDocument{what.body}.toJson(QJsonDocument::Compact);
    QNetworkReply *reply = m_network.sendCustomRequest(requestOf(m_url, what, m_token), what.method, body);
    connect(reply, &QNetworkReply::downloadProgress, reply, [reply](qint64 received) {
        if (received <= kMostBytes)
            return;
        reply->setProperty(kTooLong, true);
        reply->abort();
    });
    connect(reply, &QNetworkReply::finished, this, [reply, done = std::move(done)] {
        reply->deleteLater();
        done(heard(*reply));
    });
}

} // namespace weir::app

// SPDX-License-Identifier: GPL-3.0-only
#include "core/remote/admin_client.h"

#include <chrono>

#include <QJsonDocument>
#include <QNetworkProxy>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QTimer>

namespace weir::remote {
namespace {

using namespace Qt::StringLiterals;

constexpr std::chrono::seconds kDeadline{5};
constexpr qint64 kMostBytes = 16'777'216; // the largest set of limits that passes the check has a fraction of it
constexpr const char *kTooLarge = "isTooLarge", *kTooLate = "isTooLate";

// A sentence of an Error has no stop.
std::string sentenceOf(QString text)
{
    while (text.endsWith(u'.'))
        text.chop(1);
    return text.toStdString();
}

Error::Code codeOf(int status)
{
    switch (status) {
    case 401:
    case 403:
    case 421:
        return Error::Code::Configuration;
    case 500:
        return Error::Code::Io;
    case 503:
        return Error::Code::Unavailable;
    default:
        return Error::Code::Invalid;
    }
}

Error objectionOf(int status, const QByteArray &body)
{
    const QString detail = QJsonDocument::fromJson(body).object().value(u"detail"_s).toString();
    if (detail.isEmpty())
        return {Error::Code::Protocol,
                "what answers there is no admin port of a Weir (HTTP " + std::to_string(status) + ")"};
    return {codeOf(status), sentenceOf(detail), status == 503};
}

// There is no status: nothing was heard, or not all of it.
Error silenceOf(const QNetworkReply &reply, bool isChange)
{
    if (reply.property(kTooLarge).toBool())
        return {Error::Code::Protocol, "the answer is larger than any of a Weir", false, isChange};
    if (reply.property(kTooLate).toBool())
        return {Error::Code::Timeout, "no answer within 5 seconds", true, isChange};
    const bool wasSent =
        reply.error() != QNetworkReply::ConnectionRefusedError && reply.error() != QNetworkReply::HostNotFoundError;
    return {Error::Code::Unavailable, sentenceOf(reply.errorString()), true, isChange && wasSent};
}

Result<QJsonObject> contentOf(QNetworkReply &reply, bool isChange)
{
    const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    const QByteArray body = reply.readAll();
    const bool isCut = reply.error() != QNetworkReply::NoError && status < 300;
    if (status == 0 || isCut || reply.property(kTooLarge).toBool() || reply.property(kTooLate).toBool())
        return silenceOf(reply, isChange);
    if (status >= 300)
        return objectionOf(status, body);
    const QJsonDocument document = QJsonDocument::fromJson(body);
    if (!document.isObject() && status != 204)
        return Error{Error::Code::Protocol, "what answers there is no admin port of a Weir"};
    return document.object();
}

} // namespace

AdminClient::AdminClient(Elsewhere where, QObject *parent) : QObject{parent}, m_where{std::move(where)}
{
    m_where.url.setPath({});
    m_network.setProxy(QNetworkProxy::NoProxy);
    m_network.setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
    m_network.setAutoDeleteReplies(false);
}

AdminClient::~AdminClient()
{
    for (QNetworkReply *reply : m_network.findChildren<QNetworkReply *>())
        reply->disconnect(this);
}

std::string AdminClient::address() const
{
    return m_where.url.toString(QUrl::RemoveUserInfo).toStdString();
}

QNetworkRequest AdminClient::requestOf(const std::string &path, const Parameters &parameters) const
{
    QByteArray target = m_where.url.toEncoded() + QByteArray::fromStdString(path);
    char mark = '?';
    for (const auto &[name, value] : parameters) {
        target += mark + QByteArray::fromStdString(name) + '=' + QByteArray::fromStdString(value).toPercentEncoding();
        mark = '&';
    }
    QNetworkRequest request{QUrl::fromEncoded(target, QUrl::StrictMode)};
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    request.setRawHeader("Accept-Encoding", "identity");
    if (!m_where.token.empty())
        request.setRawHeader("Authorization", "Bearer " + QByteArray::fromStdString(m_where.token));
    return request;
}

void AdminClient::get(const std::string &path, const Parameters &parameters, Heard heard)
{
    await(m_network.get(requestOf(path, parameters)), false, std::move(heard));
}

void AdminClient::send(const char *method, const std::string &path, const Parameters &parameters,
                       const QJsonObject &body, Heard heard)
{
    QNetworkRequest request = requestOf(path, parameters);
    request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
    const QByteArray text = QJsonDocument{body}.toJson(QJsonDocument::Compact);
    await(m_network.sendCustomRequest(request, method, text), true, std::move(heard));
}

void AdminClient::await(QNetworkReply *reply, bool isChange, Heard heard)
{
    const auto giveUp = [reply](const char *why) {
        reply->setProperty(why, true);
        reply->abort();
    };
    QTimer::singleShot(kDeadline, reply, [giveUp] { giveUp(kTooLate); });
    connect(reply, &QNetworkReply::downloadProgress, reply, [giveUp](qint64 size, qint64) {
        if (size > kMostBytes)
            giveUp(kTooLarge);
    });
    connect(reply, &QNetworkReply::finished, this, [reply, isChange, heard = std::move(heard)] {
        reply->deleteLater();
        heard(contentOf(*reply, isChange));
    });
}

} // namespace weir::remote

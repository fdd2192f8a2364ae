// SPDX-License-Identifier: GPL-3.0-only
#include "core/remote/request_sender.h"

#include <memory>

#include <QNetworkProxy>
#include <QNetworkReply>
#include <QUrl>

namespace weir::remote {
namespace {

constexpr int kDeadlineMs = 5000;

struct Round {
    int missing{0};
    engine::SendReport report;
    std::function<void(engine::SendReport)> done;
};

void count(engine::SendReport &report, const QNetworkReply &reply)
{
    const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status == 0) {
        ++report.failed;
        report.problem = reply.errorString().toStdString();
    } else if (status == 429) {
        ++report.refused;
    } else {
        ++(status == 200 ? report.admitted : report.other);
    }
}

} // namespace

RequestSender::RequestSender(QObject *parent) : QObject{parent}, m_network{this}
{
    m_network.setProxy(QNetworkProxy::NoProxy); // a panel and its Weir are never behind one
    m_network.setTransferTimeout(kDeadlineMs);
}

void RequestSender::send(const std::string &base, const std::string &method, const std::string &target, int howMany,
                         std::function<void(engine::SendReport)> done)
{
    const QByteArray wanted = QByteArray::fromStdString(base + target);
    const QUrl url = QUrl::fromEncoded(wanted, QUrl::StrictMode);
    // Qt would send /a/../b as /b.
    const bool isKept = url.adjusted(QUrl::NormalizePathSegments).path() == url.path();
    if (!target.starts_with('/') || !isKept || !url.isValid() || url.hasFragment() || url.toEncoded() != wanted)
        return done({0, 0, 0, howMany, "the target cannot be sent as it is written"});
    const auto round = std::make_shared<Round>(Round{howMany, {}, std::move(done)});
    for (int i = 0; i < howMany; ++i) {
        QNetworkRequest request{url};
        request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
        request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
        QNetworkReply *reply = method == "GET" ? m_network.get(request)
                               : method == "HEAD"
                                   ? m_network.head(request) // else it would wait for a body
                                   : m_network.sendCustomRequest(request, QByteArray::fromStdString(method));
        connect(reply, &QNetworkReply::finished, this, [reply, round] {
            reply->deleteLater();
            count(round->report, *reply);
            if (--round->missing == 0)
                round->done(round->report);
        });
    }
}

} // namespace weir::remote

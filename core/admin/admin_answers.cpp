// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/admin_answers.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace weir::admin {
namespace {

using namespace Qt::StringLiterals;

QString titleOf(int status)
{
    switch (status) {
    case 400:
        return u"Bad Request"_s;
    case 401:
        return u"Unauthorized"_s;
    case 403:
        return u"Forbidden"_s;
    case 404:
        return u"Not Found"_s;
    case 405:
        return u"Method Not Allowed"_s;
    case 409:
        return u"Conflict"_s;
    case 413:
        return u"Content Too Large"_s;
    case 415:
        return u"Unsupported Media Type"_s;
    case 421:
        return u"Misdirected Request"_s;
    case 422:
        return u"Unprocessable Content"_s;
    case 503:
        return u"Service Unavailable"_s;
    default:
        return u"Internal Server Error"_s;
    }
}

std::string written(const QJsonObject &content)
{
    return QJsonDocument{content}.toJson(QJsonDocument::Compact).toStdString();
}

http::AdminAnswer problemWith(int status, const QString &detail, QJsonObject members = {})
{
    members.insert(u"type"_s, u"about:blank"_s);
    members.insert(u"title"_s, titleOf(status));
    members.insert(u"status"_s, status);
    members.insert(u"detail"_s, detail);
    return {status, "application/problem+json", written(members), status == 503 ? "Retry-After: 1\r\n" : ""};
}

int statusOf(Error::Code code)
{
    switch (code) {
    case Error::Code::Invalid:
        return 422;
    case Error::Code::Io:
        return 500;
    default:
        return 503;
    }
}

} // namespace

http::AdminAnswer json(const QJsonObject &content, int status)
{
    return {status, "application/json", written(content)};
}

http::AdminAnswer problem(int status, std::string_view detail)
{
    return problemWith(status, textOf(detail));
}

http::AdminAnswer problem(int status, const Faults &faults)
{
    QJsonArray errors;
    for (const config::ConfigIssue &fault : faults)
        errors.append(QJsonObject{
            {u"field"_s, textOf(fault.where)}, {u"problem"_s, textOf(fault.problem)}, {u"hint"_s, textOf(fault.hint)}});
    const QString detail = faults.size() == 1 ? textOf(config::printIssue(faults.front()))
                                              : u"%1 things are wrong; errors has all of them."_s.arg(faults.size());
    return problemWith(status, detail, {{u"errors"_s, errors}});
}

// A sentence of an Error has no stop.
http::AdminAnswer problemOf(const Error &error)
{
    QString detail = textOf(error.detail);
    if (!detail.endsWith(u'.'))
        detail += u'.';
    if (error.mayBeDone)
        detail += u" It may have been done all the same."_s;
    return problemWith(statusOf(error.code), detail);
}

QString textOf(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace weir::admin

// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/request_words.h"

#include <QCoreApplication>

namespace weir::ui {
namespace {

using telemetry::DecidedBy;

QString translated(const char *text)
{
    return QCoreApplication::translate("request_words", text);
}

} // namespace

bool isTurnedAway(const telemetry::RequestRecord &record)
{
    // "-" is a method that a client may send, but no target has a space.
    return record.method.view() == "-" && record.target.view().find(' ') != std::string_view::npos;
}

bool isBlocked(const telemetry::RequestRecord &record)
{
    return record.status == 403 && !isTurnedAway(record);
}

QString statusReason(const telemetry::RequestRecord &record)
{
    if (isTurnedAway(record))
        return translated("Turned away before a decision; no token was taken.");
    const QString limit = record.isRefused ? visibleText(record.limit) : QString();
    if (isBlocked(record) && !limit.isEmpty())
        return translated("Turned away: it lacks a part of the key of the limit \"%1\", which wants one. No token "
                          "was taken.")
            .arg(limit);
    if (isBlocked(record))
        return translated("Blocked: the client or its key is on the list of the turned away, under Everybody on the "
                          "Limits page. No token was taken.");
    switch (record.status) {
    case 404:
        return translated("Admitted; but there is nothing at this path, only / answers.");
    case 429:
        return translated("Refused by the limit \"%1\": not enough tokens for this request.").arg(limit);
    case 503:
        return translated("Redis did not decide, and the limit turns requests away then.");
    default:
        break;
    }
    if (record.decidedBy == telemetry::DecidedBy::Allow)
        return translated("Let through: Redis did not decide, and the limit admits all then.");
    return record.decidedBy == telemetry::DecidedBy::Nobody
               ? translated("Let through without a limit: exempt, or none applies to it.")
               : translated("Admitted.");
}

QString requestText(const telemetry::RequestRecord &record)
{
    if (isTurnedAway(record))
        return translated("Turned away: %1").arg(visibleText(record.target));
    return visibleText(record.method) + u' ' + visibleText(record.target);
}

bool hasVerdict(const telemetry::RequestRecord &record)
{
    return record.tokensLeft >= 0;
}

QString pathText(const telemetry::RequestRecord &record)
{
    const std::string_view target = record.target.view();
    const std::size_t mark = target.find('?');
    if (isTurnedAway(record))
        return {};
    return visibleText(target.substr(0, mark), mark == std::string_view::npos && record.target.isCut());
}

QString deciderWord(DecidedBy by)
{
    switch (by) {
    case DecidedBy::Nobody:
        break;
    case DecidedBy::Store:
        return QStringLiteral("store");
    case DecidedBy::Local:
        return QStringLiteral("local");
    case DecidedBy::Allow:
        return QStringLiteral("allow");
    case DecidedBy::Reject:
        return QStringLiteral("reject");
    }
    return QStringLiteral("nobody");
}

QString deciderSentence(DecidedBy by)
{
    switch (by) {
    case DecidedBy::Nobody:
        break;
    case DecidedBy::Store:
        return translated("Redis, by the level that it has.");
    case DecidedBy::Local:
        return translated("This Weir by itself, from the last known level: Redis was away.");
    case DecidedBy::Allow:
        return translated("Nobody could: Redis was away, and the limit lets requests through then.");
    case DecidedBy::Reject:
        return translated("Nobody could: Redis was away or is set up wrongly, and the limit turns requests away then.");
    }
    return translated("Nobody: no limit was asked.");
}

QString searchText(const telemetry::RequestRecord &record)
{
    QStringList words{visibleText(record.client), requestText(record),     QString::number(record.status),
                      visibleText(record.limit),  visibleText(record.key), deciderWord(record.decidedBy)};
    if (isBlocked(record))
        words << translated("blocked");
    return words.join(u'\n');
}

} // namespace weir::ui

// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/ask/status_text.h"

#include <QJsonArray>

#include "app/commands/ask/shown_json.h"
#include "app/commands/ask/text_table.h"

namespace weir::app {
namespace {

using namespace Qt::StringLiterals;

QJsonObject configuredOf(const QJsonObject &limits, const QJsonValue &name)
{
    for (const QJsonValue &limit : limits.value(u"limit"_s).toArray())
        if (limit[u"name"_s] == name)
            return limit.toObject();
    return {};
}

QString limitTable(const QJsonArray &counts, const QJsonObject &limits)
{
    QList<QStringList> rows{
        {u"LIMIT"_s, u"ALGORITHM"_s, u"TOKENS"_s, u"REFILL"_s, u"ADMITTED"_s, u"REFUSED"_s, u"LIVE KEYS"_s, QString{}}};
    for (const QJsonValue &count : counts) {
        const QJsonObject limit = configuredOf(limits, count[u"limit"_s]);
        const bool isKeyed = !limit.value(u"key"_s).toArray().isEmpty();
        const QString of = limit.isEmpty() ? u"-"_s : numberOf(limit.value(u"capacity"_s));
        QStringList remarks;
        if (limit.value(u"enabled"_s) == QJsonValue{false})
            remarks += u"off"_s;
        if (limit.value(u"shadow"_s).toBool())
            remarks += u"shadow: never refuses"_s;
        rows.append({textOf(count[u"limit"_s]), limit.isEmpty() ? u"-"_s : textOf(limit.value(u"algorithm"_s)),
                     isKeyed ? of + u" a key"_s : numberOf(count[u"tokens"_s]) + u" of "_s + of,
                     limit.isEmpty()
                         ? u"-"_s
                         : numberOf(limit.value(u"refill"_s)) + u" per "_s + textOf(limit.value(u"every"_s)),
                     numberOf(count[u"admitted_total"_s]), numberOf(count[u"refused_total"_s]),
                     isKeyed ? numberOf(count[u"live_buckets"_s]) : u"-"_s, remarks.join(u", "_s)});
    }
    return textTable(rows, {2, 4, 5, 6});
}

QString joined(const QJsonValue &texts)
{
    QStringList all;
    for (const QJsonValue &text : texts.toArray())
        all += textOf(text);
    return all.join(u", "_s);
}

QString sumOf(const QJsonValue &counts)
{
    qint64 sum = 0;
    for (const QJsonValue &count : counts.toObject())
        sum += count.toInteger();
    return QString::number(sum);
}

QString requestsText(const QJsonObject &requests)
{
    const auto number = [&requests](const char *name) { return numberOf(requests.value(QLatin1String{name})); };
    QString text = u"%1 admitted, %2 refused"_s.arg(number("admitted_total"), number("refused_total"));
    const std::pair<const char *, const char *> others[] = {
        {"undecided_total", "undecided"}, {"exempt_total", "exempt"}, {"blocked_total", "blocked"}};
    for (const auto &[name, word] : others)
        text += u", %1 %2"_s.arg(number(name), QLatin1String{word});
    return text
           + u", %1 turned away; %2"_s.arg(sumOf(requests.value(u"turned_away_total"_s)),
                                           counted(requests.value(u"connections"_s), "connection"));
}

QString decisionsText(const QJsonObject &requests)
{
    if (requests.value(u"decision_p99_ms"_s).toDouble() <= 0)
        return u"none in the last minute"_s;
    return u"half within %1, 99 of 100 within %2 (last minute)"_s.arg(
        millisecondsOf(requests.value(u"decision_p50_ms"_s)), millisecondsOf(requests.value(u"decision_p99_ms"_s)));
}

QString storeText(const QJsonObject &store)
{
    const QString state = textOf(store.value(u"state"_s)), version = textOf(store.value(u"version"_s)),
                  problem = textOf(store.value(u"problem"_s));
    QString text = store.value(u"is_private"_s).toBool() ? u"private"_s : textOf(store.value(u"address"_s));
    if (!version.isEmpty())
        text += u", version "_s + version;
    text += u", "_s + state;
    if (state == u"ready"_s)
        text += u", %1 there and back"_s.arg(millisecondsOf(store.value(u"round_trip_ms"_s)));
    return problem.isEmpty() ? text : text + u": "_s + problem;
}

QString failuresText(const QJsonObject &failure)
{
    QStringList parts;
    if (failure.value(u"is_degraded"_s).toBool())
        parts += u"not every decision comes from Redis since %1 (%2 decides)"_s.arg(
            durationOf(failure.value(u"degraded_seconds"_s).toDouble()), textOf(failure.value(u"decided_by"_s)));
    if (const QString why = textOf(failure.value(u"undecided_why"_s)); !why.isEmpty())
        parts += (failure.value(u"is_all_undecided"_s).toBool() ? u"every request is answered 503: "_s
                                                                : u"requests are answered 503: "_s)
                 + why;
    const std::pair<const char *, const char *> counts[] = {{"outages_total", "outages"},
                                                            {"excess_tokens_total", "tokens given beyond the limits"},
                                                            {"in_doubt_tokens_total", "tokens in doubt"},
                                                            {"states_lost_total", "times that Redis forgot"}};
    for (const auto &[name, words] : counts)
        if (const qint64 count = failure.value(QLatin1String{name}).toInteger(); count > 0)
            parts += u"%1 %2"_s.arg(count).arg(QLatin1String{words});
    return parts.isEmpty() ? u"none"_s : parts.join(u"; "_s);
}

} // namespace

QString statusText(const QJsonObject &status, const QJsonObject &limits)
{
    const QJsonObject requests = status.value(u"requests"_s).toObject();
    QList<QStringList> rows;
    const auto line = [&rows](const char *name, const QString &text) {
        if (!text.isEmpty())
            rows.append({QLatin1String{name}, text});
    };
    line("Weir", u"%1, up %2, %3"_s.arg(status.value(u"is_ready"_s).toBool() ? u"ready"_s : u"not ready"_s,
                                        durationOf(status.value(u"uptime_seconds"_s).toDouble()),
                                        counted(status.value(u"workers"_s), "worker")));
    line("Requests at", joined(status.value(u"urls"_s)));
    line("Admin at", textOf(status.value(u"admin_url"_s)));
    line("Store", storeText(status.value(u"store"_s).toObject()));
    for (const QJsonValue &warning : status.value(u"store"_s)[u"warnings"_s].toArray())
        line("Warning", textOf(warning));
    line("Failures", failuresText(status.value(u"failure"_s).toObject()));
    line("Requests", requestsText(requests));
    line("Decisions", decisionsText(requests));
    line("File", textOf(status.value(u"config"_s)[u"file"_s]));
    line("Warning", textOf(status.value(u"config"_s)[u"problem"_s]));
    line("Warning", textOf(status.value(u"proxy_warning"_s)));
    if (const QString why = textOf(status.value(u"history_problem"_s)); !why.isEmpty())
        line("History", u"not kept: "_s + why);
    return textTable(rows, {}) + u'\n' + limitTable(status.value(u"limits"_s).toArray(), limits);
}

} // namespace weir::app

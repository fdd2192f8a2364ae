// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/ask/check_text.h"

#include <QJsonArray>

#include "app/commands/ask/shown_json.h"
#include "app/commands/ask/text_table.h"

namespace weir::app {
namespace {

using namespace Qt::StringLiterals;

QString deciderOf(const QJsonObject &check)
{
    const QString by = textOf(check.value(u"decided_by"_s));
    if (by == u"store"_s)
        return u", decided by Redis"_s;
    return by == u"local"_s ? u", decided by this Weir alone, for Redis is away"_s : QString{};
}

QString verdictOf(const QJsonValue &limit)
{
    if (!limit[u"applies"_s].toBool())
        return u"not asked"_s;
    if (limit[u"admits"_s].isNull())
        return u"not known"_s;
    const QString verdict = limit[u"admits"_s].toBool() ? u"admits"_s : u"refuses"_s;
    const QJsonValue wait = limit[u"retry_after_seconds"_s];
    return (limit[u"is_shadow"_s].toBool() ? u"shadow, "_s + verdict : verdict)
           + (wait.isDouble() ? u", again in "_s + durationOf(wait.toDouble()) : QString{});
}

} // namespace

QString checkText(const QJsonObject &check)
{
    const QJsonValue wait = check.value(u"retry_after_seconds"_s);
    QString text = u"%1 (%2)%3: %4\n"_s.arg(textOf(check.value(u"outcome"_s)), numberOf(check.value(u"status"_s)),
                                            deciderOf(check), textOf(check.value(u"why"_s)));
    if (wait.isDouble())
        text += u"A retry may pass in %1.\n"_s.arg(durationOf(wait.toDouble()));
    QList<QStringList> rows{{u"LIMIT"_s, u"VERDICT"_s, u"KEY"_s, u"COST"_s, u"TOKENS"_s, u"WHY"_s}};
    for (const QJsonValue &limit : check.value(u"limits"_s).toArray()) {
        const QString key = textOf(limit[u"key"_s]);
        const bool applies = limit[u"applies"_s].toBool(), isKnown = limit[u"tokens"_s].isDouble();
        rows.append(
            {textOf(limit[u"limit"_s]), verdictOf(limit),
             !applies        ? u"-"_s
             : key.isEmpty() ? u"(all requests)"_s
                             : key,
             numberOf(limit[u"cost_tokens"_s]),
             isKnown ? u"%1 of %2"_s.arg(numberOf(limit[u"tokens"_s]), numberOf(limit[u"capacity_tokens"_s])) : u"-"_s,
             textOf(limit[u"why"_s])});
    }
    return text + u'\n' + textTable(rows, {3, 4});
}

bool wouldPass(const QJsonObject &check)
{
    return check.value(u"status"_s).toInt() == 200;
}

} // namespace weir::app

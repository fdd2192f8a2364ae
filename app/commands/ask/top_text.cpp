// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/ask/top_text.h"

#include <algorithm>

#include <QJsonArray>

#include "app/commands/ask/shown_json.h"
#include "app/commands/ask/text_table.h"

namespace weir::app {

using namespace Qt::StringLiterals;

QString topText(const QJsonObject &top, const QDateTime &now)
{
    const QJsonArray buckets = top.value(u"buckets"_s).toArray();
    QString text =
        u"%1: %2 not full\n\n"_s.arg(textOf(top.value(u"limit"_s)), counted(top.value(u"live_buckets"_s), "bucket"));
    if (buckets.isEmpty())
        return text + u"No request was counted.\n"_s;
    QList<QStringList> rows{{u"KEY"_s, u"TOKENS"_s, u"ADMITTED"_s, u"REFUSED"_s, u"LAST SEEN"_s, QString{}}};
    for (const QJsonValue &bucket : buckets) {
        const QJsonValue seen = bucket[u"last_seen_ms"_s];
        const qint64 uncertain = bucket[u"uncertain_total"_s].toInteger();
        const double ago =
            static_cast<double>(std::max<qint64>(0, now.toMSecsSinceEpoch() - seen.toInteger())) / 1000.0;
        const QString key = textOf(bucket[u"key"_s]);
        rows.append({key.isEmpty() ? u"(all requests)"_s : key, numberOf(bucket[u"tokens"_s]),
                     numberOf(bucket[u"admitted_total"_s]), numberOf(bucket[u"refused_total"_s]),
                     seen.isDouble() ? durationOf(ago) + u" ago"_s : u"-"_s,
                     uncertain > 0 ? u"and at most %1 before"_s.arg(uncertain) : QString{}});
    }
    return text + textTable(rows, {1, 2, 3, 4});
}

} // namespace weir::app

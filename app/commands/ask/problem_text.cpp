// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/ask/problem_text.h"

#include <QJsonArray>

#include "app/commands/ask/shown_json.h"
#include "core/config/config.h"

namespace weir::app {
namespace {

using namespace Qt::StringLiterals;

// One alone stands in the detail already.
QString errorLines(const QJsonArray &errors)
{
    if (errors.size() < 2)
        return {};
    QString lines;
    for (const QJsonValue &error : errors)
        lines += u"  "_s
                 + visible(QString::fromStdString(config::printIssue({error[u"field"_s].toString().toStdString(),
                                                                      error[u"problem"_s].toString().toStdString(),
                                                                      error[u"hint"_s].toString().toStdString()})))
                 + u'\n';
    return lines;
}

} // namespace

QString problemText(const AdminReply &reply, const QUrl &url, const QString &source)
{
    const QString at = url.toString(QUrl::StripTrailingSlash);
    if (reply.status == 0)
        return u"weir: no admin port answers at %1 (%2). Is Weir running? Was it started with --admin off, or with "
               "another address? It says \"admin on http://...\" at its start; name that by --connect URL.\n"_s.arg(
                   at, visible(reply.unheard));
    if (!reply.isWeirs)
        return u"weir: what answers at %1 is no admin port of a Weir (status %2). Name it by --connect URL; Weir says "
               "\"admin on http://...\" at its start.\n"_s.arg(at, QString::number(reply.status));
    const QString detail = textOf(reply.json.value(u"detail"_s));
    if (reply.status == 401)
        return source.isEmpty()
                   ? u"weir: the Weir at %1 wants its token. Name the file by --token-file FILE, or set WEIR_TOKEN.\n"_s
                         .arg(at)
                   : u"weir: the token of %2 is not that of the Weir at %1. It is in the file admin-token of that "
                     "Weir's data folder: --data-dir DIR, --token-file FILE or WEIR_TOKEN.\n"_s.arg(at, source);
    return u"weir: %1\n"_s.arg(detail) + errorLines(reply.json.value(u"errors"_s).toArray());
}

} // namespace weir::app

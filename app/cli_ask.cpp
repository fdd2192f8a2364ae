// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_ask.h"
#include "app/cli_connect.h"

#include <QJsonArray>
#include <QJsonDocument>

#include "app/cli_file.h"
#include "app/cli_options.h"
#include "app/cli_values.h"
#include "core/base/ip_address.h"

namespace weir::app {
namespace {

const QStringList kLists{QStringLiteral("key"), QStringLiteral("match.methods"), QStringLiteral("match.network")};

// What JSON has a notation for is that; all else is a text, which needs no quotes.
QJsonValue valueOf(const QString &key, const QString &text)
{
    const QJsonDocument whole = QJsonDocument::fromJson((QLatin1Char{'['} + text + QLatin1Char{']'}).toUtf8());
    if (whole.array().size() == 1 && !(kLists.contains(key) && whole.array().first().isDouble()))
        return whole.array().first();
    if (!kLists.contains(key))
        return text;
    QJsonArray list;
    for (const QString &item : text.split(QLatin1Char{','}, Qt::SkipEmptyParts))
        list.append(item.trimmed());
    return list;
}

void readChanges(OptionReader &reader, const QStringList &pairs, AskLine &line)
{
    for (const QString &pair : pairs) {
        const QString key = pair.section(QLatin1Char{'='}, 0, 0).replace(QLatin1Char{'-'}, QLatin1Char{'_'});
        if (key.isEmpty() || !pair.contains(QLatin1Char{'='}))
            reader.failWord(QStringLiteral("set"), quoted(pair) + QLatin1String{" sets nothing"},
                            QStringLiteral("KEY=VALUE, such as capacity=10"));
        else if (line.changes.contains(key))
            reader.failWord(QStringLiteral("set"), quoted(key) + QLatin1String{" is given twice"},
                            QStringLiteral("it once"));
        else
            line.changes.insert(key, valueOf(key, pair.section(QLatin1Char{'='}, 1)));
    }
}

void readQuestion(OptionReader &reader, AskLine &line)
{
    const QString header = QStringLiteral("header"), client = QStringLiteral("client");
    line.headers = reader.repeated(header);
    for (const QString &field : std::as_const(line.headers))
        if (field.indexOf(QLatin1Char{':'}) < 1)
            reader.fail(header, quoted(field) + QLatin1String{" is no field"}, QStringLiteral("NAME: VALUE"));
    line.method = reader.value(QStringLiteral("method")).value_or(QString{});
    line.client = reader.value(client).value_or(QString{});
    if (reader.isFlagGiven(client) && !parseIpAddress(line.client.toStdString()))
        reader.fail(client, quoted(line.client) + QLatin1String{" is no address"},
                    QStringLiteral("an address such as 192.0.2.1 or 2001:db8::1"));
    if (!line.path.isEmpty() && !line.path.startsWith(QLatin1Char{'/'}))
        reader.failWord(QStringLiteral("check"), quoted(line.path) + QLatin1String{" is no path"},
                        QStringLiteral("a path that begins with /"));
}

// As serve finds it. That the file is wrong otherwise is of no concern here.
QString dataDirOf(OptionReader &reader)
{
    std::vector<config::ConfigIssue> issues, warnings;
    if (!reader.isSaid(QStringLiteral("data-dir")))
        static_cast<void>(readFile(reader, nullptr, issues, warnings));
    return readDataDir(reader);
}

} // namespace

AskLine readAsk(OptionReader &reader, const QStringList &words)
{
    AskLine line{.command = words.value(0)};
    const QString tokenFile = QStringLiteral("token-file"), empty = QStringLiteral("empty");
    (line.command == QLatin1String{"check"} ? line.path : line.limit) = words.value(1);
    line.url = readAdminUrl(reader, QStringLiteral("http://127.0.0.1:8001"));
    line.isJson = reader.isFlagGiven(QStringLiteral("json"));
    line.isWatched = reader.isFlagGiven(QStringLiteral("watch"));
    line.isNew = reader.isFlagGiven(QStringLiteral("new"));
    line.isEmptied = reader.isFlagGiven(empty);
    if (line.isEmptied && reader.isFlagGiven(QStringLiteral("full")))
        reader.fail(empty, QStringLiteral("a bucket cannot be full and empty"), QStringLiteral("one of both"));
    if (reader.isFlagGiven(QStringLiteral("tokens")))
        line.tokens = readWord(reader, QStringLiteral("tokens"), choicesOf("tokens"));
    line.tokenFile = reader.value(tokenFile).value_or(QString{});
    if (reader.isFlagGiven(tokenFile) && line.tokenFile.isEmpty())
        reader.fail(tokenFile, QStringLiteral("no file is given"), QStringLiteral("the file with the token"));
    if (line.command == QLatin1String{"set"})
        readChanges(reader, words.mid(2), line);
    else if (line.command == QLatin1String{"check"})
        readQuestion(reader, line);
    else
        line.subject = words.value(2);
    line.dataDir = dataDirOf(reader);
    return line;
}

} // namespace weir::app

// SPDX-License-Identifier: GPL-3.0-only
#include "app/log_output.h"

#include <cstdio>

#include <QJsonArray>
#include <QJsonDocument>
#include <QMessageLogContext>

namespace weir::app {
namespace {

using config::LogFormat;

LogFormat g_format{LogFormat::Text};

const char *levelOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return "debug";
    case QtInfoMsg:
        return "info";
    case QtWarningMsg:
        return "warning";
    case QtCriticalMsg:
        return "critical";
    case QtFatalMsg:
        return "fatal";
    }
    return "info";
}

// syslog(3), as sd-daemon(3) has them.
char priorityOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return '7';
    case QtInfoMsg:
        return '6';
    case QtWarningMsg:
        return '4';
    case QtCriticalMsg:
        return '3';
    case QtFatalMsg:
        return '2';
    }
    return '6';
}

QByteArray jsonText(const QString &text)
{
    const QByteArray list = QJsonDocument{QJsonArray{text}}.toJson(QJsonDocument::Compact);
    return list.mid(1, list.size() - 2);
}

QByteArray jsonLine(const QDateTime &at, QtMsgType type, const char *category, const QString &message)
{
    return R"({"time":")" + at.toUTC().toString(Qt::ISODateWithMs).toLatin1() + R"(","level":")" + levelOf(type)
           + R"(","category":)" + jsonText(QString::fromUtf8(category)) + R"(,"message":)" + jsonText(message) + "}\n";
}

QByteArray journalLines(QtMsgType type, const char *category, const QString &message)
{
    QByteArray lines;
    for (const QString &line : message.split(QLatin1Char{'\n'}))
        lines += QByteArray{"<"} + priorityOf(type) + '>' + category + ": " + line.toUtf8() + '\n';
    return lines;
}

// One write for a message: threads do not mix theirs.
void write(const QByteArray &line)
{
    std::fwrite(line.constData(), 1, static_cast<std::size_t>(line.size()), stderr);
}

void handle(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    write(logLine(g_format, QDateTime::currentDateTimeUtc(), type, context.category ? context.category : "default",
                  message));
}

} // namespace

QByteArray logLine(LogFormat format, const QDateTime &at, QtMsgType type, const char *category, const QString &message)
{
    switch (format) {
    case LogFormat::Json:
        return jsonLine(at, type, category, message);
    case LogFormat::Journal:
        return journalLines(type, category, message);
    case LogFormat::Text:
        break;
    }
    return at.toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss.zzz ")).toLatin1() + levelOf(type) + ' ' + message.toUtf8()
           + '\n';
}

void setLogFormat(LogFormat format)
{
    g_format = format;
    qSetMessagePattern(QStringLiteral("%{time yyyy-MM-ddTHH:mm:ss.zzz} %{type} %{message}"));
    qInstallMessageHandler(format == LogFormat::Text ? nullptr : handle);
}

void complain(const std::string &sentence, QtMsgType type)
{
    const bool isEnded = !sentence.empty() && (sentence.back() == '.' || sentence.back() == '?');
    if (g_format == LogFormat::Text)
        std::fprintf(stderr, "weir: %s%s\n", sentence.c_str(), isEnded ? "" : ".");
    else
        write(logLine(g_format, QDateTime::currentDateTimeUtc(), type, "weir",
                      QString::fromStdString(sentence + (isEnded ? "" : "."))));
}

} // namespace weir::app

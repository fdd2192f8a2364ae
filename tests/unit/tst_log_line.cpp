// SPDX-License-Identifier: GPL-3.0-only
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <QTimeZone>

#include "app/log_output.h"

using namespace weir;
using config::LogFormat;

class TestLogLine : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void eachForm()
    {
        QCOMPARE(line(LogFormat::Text, QtInfoMsg, QStringLiteral("back")),
                 QByteArray{"2026-11-30T10:15:00.123 info back\n"});
        QCOMPARE(line(LogFormat::Json, QtWarningMsg, QStringLiteral("back")),
                 QByteArray{"{\"time\":\"2026-11-30T09:15:00.123Z\",\"level\":\"warning\",\"category\":\"weir.x\","
                            "\"message\":\"back\"}\n"});
        QCOMPARE(line(LogFormat::Journal, QtCriticalMsg, QStringLiteral("back")), QByteArray{"<3>weir.x: back\n"});
    }

    void nothingBreaksALine_data()
    {
        QTest::addColumn<QString>("message");
        QTest::newRow("line feeds") << QStringLiteral("a\nb\r\n<0>c");
        QTest::newRow("quotes") << QStringLiteral("\"a\\\" }");
        QTest::newRow("control") << QString{QChar{0}} + QChar{27} + QStringLiteral("[31m");
        QTest::newRow("beyond ASCII") << QStringLiteral("Grüße \U0001F4A7 \u2028");
        QTest::newRow("half a letter") << QStringLiteral("a") + QChar{0xd83d};
        QTest::newRow("empty") << QString{};
    }
    void nothingBreaksALine()
    {
        QFETCH(const QString, message);
        const QByteArray json = line(LogFormat::Json, QtInfoMsg, message);
        QCOMPARE(json.count('\n'), 1);
        QVERIFY(json.endsWith('\n'));
        QJsonParseError error{};
        const QJsonObject object = QJsonDocument::fromJson(json, &error).object();
        QCOMPARE(int(error.error), int(QJsonParseError::NoError));
        if (!message.endsWith(QChar{0xd83d}))
            QCOMPARE(object.value(QStringLiteral("message")).toString(), message);
        for (const QByteArray &part : line(LogFormat::Journal, QtInfoMsg, message).chopped(1).split('\n'))
            QVERIFY2(part.startsWith("<6>weir.x: "), part);
    }

private:
    static QByteArray line(LogFormat format, QtMsgType type, const QString &message)
    {
        const QDateTime at{{2026, 11, 30}, {10, 15, 0, 123}, QTimeZone{3600}};
        return app::logLine(format, at, type, "weir.x", message);
    }
};

QTEST_APPLESS_MAIN(TestLogLine)
#include "tst_log_line.moc"

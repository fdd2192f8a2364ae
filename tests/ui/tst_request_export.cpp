// SPDX-License-Identifier: GPL-3.0-only
// What leaves the request table: files for other programs, and a command for a shell. Strangers' bytes are exact, and harmless.
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTest>

#include "tests/support/warnings_fail.h"
#include "tests/ui/fake_service.h"
#include "ui/live/curl_command.h"
#include "ui/live/request_export.h"
#include "ui/live/request_model.h"

using namespace weir;
using namespace weir::ui;

namespace {

const QList<int> kAll{RequestModel::Time,       RequestModel::Client, RequestModel::Request,  RequestModel::Status,
                      RequestModel::Limit,      RequestModel::Key,    RequestModel::Cost,     RequestModel::TokensLeft,
                      RequestModel::RetryAfter, RequestModel::Took,   RequestModel::DecidedBy};

telemetry::RequestRecord refused()
{
    auto r = test::record(1'800'000'000'220'001, 429, "/a,b?c=\"d\"", "10.0.0.7", "GET");
    r.limit = std::string_view{"per-client"};
    r.isRefused = true;
    r.key = std::string_view{"10.0.0.7"};
    r.cost = 6;
    r.decidedBy = telemetry::DecidedBy::Store;
    return r;
}

} // namespace

class TestRequestExport : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void aTableHasEachFieldOnce()
    {
        const std::vector records{refused(), test::turnedAway(1'800'000'001'000'000, 400, "There is no Host header.")};
        QCOMPARE(
            requestsAsCsv(records, kAll),
            QByteArray("at,client,method,target,turned_away,is_cut,status,limit,refused,key,cost_tokens,tokens_left,"
                       "retry_after_seconds,took_ms,decided_by\r\n"
                       "2027-01-15T08:00:00.220001Z,10.0.0.7,GET,\"/a,b?c=\"\"d\"\"\",,false,429,per-client,true,"
                       "10.0.0.7,6,0,37,0.120,store\r\n"
                       "2027-01-15T08:00:01.000000Z,127.0.0.1,,,There is no Host header.,false,400,,false,,,,,,"
                       "nobody\r\n"));
        QCOMPARE(requestsAsCsv(records, {RequestModel::Status}), QByteArray("status\r\n429\r\n400\r\n"));
        QCOMPARE(requestsAsCsv({}, {RequestModel::Status}), QByteArray("status\r\n"));
    }

    void noCellIsAFormula_data()
    {
        QTest::addColumn<QByteArray>("sent");
        QTest::addColumn<QByteArray>("written");
        QTest::newRow("=") << QByteArray("=cmd|' /C calc'!A0") << QByteArray("'=cmd|' /C calc'!A0");
        QTest::newRow("+") << QByteArray("+1") << QByteArray("'+1");
        QTest::newRow("-") << QByteArray("-1") << QByteArray("'-1");
        QTest::newRow("@") << QByteArray("@SUM(A1)") << QByteArray("'@SUM(A1)");
        QTest::newRow("after a tab") << QByteArray("\t=1,2") << QByteArray("\"'\t=1,2\"");
        QTest::newRow("after a line end") << QByteArray("\r\n=1") << QByteArray("\"'\r\n=1\"");
        QTest::newRow("inside") << QByteArray("/?a=-1") << QByteArray("/?a=-1");
        QTest::newRow("no text") << QByteArray("/\xff\x1b[31m") << QByteArray("/\xff\x1b[31m");
    }
    void noCellIsAFormula()
    {
        QFETCH(const QByteArray, sent);
        auto r = refused();
        r.client = std::string_view{sent.constData(), static_cast<std::size_t>(sent.size())};
        QByteArray table = requestsAsCsv(std::vector{r}, {RequestModel::Client});
        QTEST(table.sliced(8).chopped(2), "written");
    }

    void jsonHasTheSameNames()
    {
        auto odd = refused();
        odd.key = std::string_view{"true"};
        const QJsonArray rows =
            QJsonDocument::fromJson(requestsAsJson(std::vector{odd, test::turnedAway(0, 400, "Why not.")}, kAll))
                .array();
        QCOMPARE(rows.size(), 2);
        const QJsonObject first = rows.at(0).toObject(), second = rows.at(1).toObject();
        QCOMPARE(first.value(QStringLiteral("target")).toString(), QStringLiteral("/a,b?c=\"d\""));
        QCOMPARE(first.value(QStringLiteral("key")), QJsonValue(QStringLiteral("true")));
        QCOMPARE(first.value(QStringLiteral("refused")), QJsonValue(true));
        QCOMPARE(first.value(QStringLiteral("cost_tokens")).toInt(), 6);
        QCOMPARE(first.value(QStringLiteral("took_ms")).toDouble(), 0.12);
        QVERIFY(second.value(QStringLiteral("target")).isNull());
        QVERIFY(second.value(QStringLiteral("took_ms")).isNull());
        QCOMPARE(second.value(QStringLiteral("turned_away")).toString(), QStringLiteral("Why not."));
    }

    void commandsAreForAShell_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QString>("command");
        const QString begin = QStringLiteral("curl --globoff --path-as-is --include");
        QTest::newRow("get") << QByteArray("GET") << QByteArray("/a?b=[1]")
                             << begin + QStringLiteral(" 'http://h:1/a?b=[1]'");
        QTest::newRow("head") << QByteArray("HEAD") << QByteArray("/")
                              << begin + QStringLiteral(" --head 'http://h:1/'");
        QTest::newRow("quotes") << QByteArray("P'T") << QByteArray("/'$(reboot)`")
                                << begin + QStringLiteral(" --request 'P'\\''T' 'http://h:1/'\\''$(reboot)`'");
        QTest::newRow("star") << QByteArray("OPTIONS") << QByteArray("*")
                              << begin + QStringLiteral(" --request 'OPTIONS' --request-target '*' 'http://h:1'");
        QTest::newRow("bytes") << QByteArray("GET") << QByteArray("/\xff\n")
                               << begin + QStringLiteral(" --request-target $'\\x2f\\xff\\x0a' 'http://h:1'");
    }
    void commandsAreForAShell()
    {
        QFETCH(const QByteArray, method);
        QFETCH(const QByteArray, target);
        const auto record = test::record(0, 200, target.toStdString(), "127.0.0.1", method.toStdString());
        const QString command = curlCommand(record, QStringLiteral("http://h:1"));
        QTEST(command, "command");
        // As a shell reads it: the words behind the first, each with a line end.
        QProcess shell;
        shell.start(QStringLiteral("bash"),
                    {QStringLiteral("-c"), QStringLiteral("curl() { printf '%s\\n' \"$@\"; }; ") + command});
        QVERIFY(shell.waitForFinished(10'000));
        const QByteArray words = shell.readAllStandardOutput();
        QVERIFY2(words.contains(target), words);
        if (method != "GET" && method != "HEAD")
            QVERIFY2(words.contains('\n' + method + '\n'), words);
    }

    void whatIsCutHasNoCommand()
    {
        const QString url = QStringLiteral("http://h:1");
        QVERIFY(curlCommand(test::record(0, 200, std::string(121, 'a')), url).isEmpty());
        QVERIFY(curlCommand(test::record(0, 200, "/", "127.0.0.1", "A-VERY-LONG-METHOD"), url).isEmpty());
        QVERIFY(curlCommand(test::turnedAway(0, 400, "There is no Host header."), url).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestRequestExport)
#include "tst_request_export.moc"

// SPDX-License-Identifier: GPL-3.0-only
// What cannot be meant is refused before anything starts: exit code 2, the option, and what would be right.
#include <QDir>
#include <QTest>

#include "tests/support/orphans.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;

class TestBadInput : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup()
    {
        QVERIFY(m_orphans.alive().empty());
        WEIR_NO_WARNINGS(m_warnings);
    }

    void oneProblem_data();
    void oneProblem();
    void aVariableIsNamedInstead_data();
    void aVariableIsNamedInstead();
    void emptyWords_data();
    void emptyWords();
    void allProblemsAreSaidAtOnce();
    void helpAndVersion();

private:
    WarningsFail m_warnings;
    Orphans m_orphans;
};

void TestBadInput::oneProblem_data()
{
    QTest::addColumn<QByteArray>("where");
    QTest::addColumn<QByteArray>("right");
    const auto row = [](const char *line, const char *where, const char *right) {
        QTest::newRow(line) << QByteArray{where} << QByteArray{right};
    };
    row("serve --capacity 0", "--capacity", "from 1 to 1000000000");
    row("serve --capacity -1", "--capacity", "from 1 to 1000000000");
    row("serve --capacity 1000000001", "--capacity", "from 1 to 1000000000");
    row("serve --capacity 99999999999999999999", "--capacity", "from 1 to 1000000000");
    row("serve --capacity five", "--capacity", "whole number");
    row("serve --capacity 5.5", "--capacity", "whole number");
    row("serve --capacity 1e3", "--capacity", "whole number");
    row("serve --capacity", "--capacity", "--capacity N");
    row("serve --capacity 5 --capacity 6", "--capacity", "once");
    row("serve --refill 0", "--refill", "from 1 to");
    row("serve --refill 6", "--refill", "from 1 to 5");
    row("serve --capacity 3 --refill 4", "--refill", "from 1 to 3");
    row("serve --every 9ms", "--every", "from 10ms");
    row("serve --every 367d", "--every", "366d");
    row("serve --every 10", "--every", "us ms s min h d");
    row("serve --every soon", "--every", "us ms s min h d");
    row("serve --every -1s", "--every", "us ms s min h d");
    row("serve --start half", "--start", "full or empty");
    row("serve --on-store-failure maybe", "--on-store-failure", "reject");
    row("serve --threads 0", "--threads", "from 1 to 8");
    row("serve --threads 9", "--threads", "from 1 to 8");
    row("serve --threads two", "--threads", "from 1 to 8");
    row("serve --listen 8000", "--listen", "127.0.0.1:8000");
    row("serve --listen 127.0.0.1", "--listen", "127.0.0.1:8000");
    row("serve --listen 127.0.0.1:65536", "--listen", "127.0.0.1:8000");
    row("serve --listen 127.0.0.1:-1", "--listen", "127.0.0.1:8000");
    row("serve --listen 127.0.0.1:http", "--listen", "127.0.0.1:8000");
    row("serve --listen ::1:8000", "--listen", "[::1]:8000");
    row("serve --listen 0.0.0.0:8000", "--listen", "--public");
    row("serve --listen [::]:8000", "--listen", "--public");
    row("serve --listen 127.0.0.1:8000 --listen 127.0.0.1:8000", "--listen", "once");
    row("serve --public=yes", "--public", "alone");
    row("serve --redis localhost", "--redis", "redis:// or unix:");
    row("serve --redis http://localhost", "--redis", "redis:// or unix:");
    row("serve --redis redis://", "--redis", "redis://127.0.0.1:6379/0");
    row("serve --redis redis://localhost:0", "--redis", "from 1 to 65535");
    row("serve --redis redis://localhost/x", "--redis", "whole number");
    row("serve --redis rediss://localhost/x", "--redis", "whole number");
    row("serve --redis sentinel://h1,h2", "--redis", "sentinel://h1:26379,h2:26379/mymaster");
    row("serve --redis cluster://h1/1", "--redis", "only database 0");
    row("serve --redis unix:redis.sock", "--redis", "unix:/run/redis/redis.sock");
    row("serve --max-url 100", "--max-url", "from 256B to 192KiB");
    row("serve --max-url 64kB", "--max-url", "B KiB MiB GiB");
    row("serve --max-url 192KiB", "--max-url", "176KiB or less with --max-header 64KiB");
    row("serve --max-header 1MiB", "--max-header", "from 256B to 192KiB");
    row("serve --max-header 192KiB --max-url 192KiB", "--max-header", "48KiB or less with --max-url 192KiB");
    row("serve --max-header-fields 0", "--max-header-fields", "from 1 to 100");
    row("serve --max-header-fields 101", "--max-header-fields", "from 1 to 100");
    row("serve --max-body 2GiB", "--max-body", "from 0B to 1GiB");
    row("serve --max-body -1", "--max-body", "B KiB MiB GiB");
    row("serve --max-connections 0", "--max-connections", "from 1 to 1000000");
    row("serve --max-connections many", "--max-connections", "from 1 to 1000000");
    row("serve --max-connections-per-address 0", "--max-connections-per-address", "from 1 to 1000000");
    row("serve --header-timeout 0s", "--header-timeout", "from 100ms to 1d");
    row("serve --header-timeout 10", "--header-timeout", "us ms s min h d");
    row("serve --body-timeout 2d", "--body-timeout", "from 100ms to 1d");
    row("serve --idle-timeout never", "--idle-timeout", "us ms s min h d");
    row("serve --lease 10001", "--lease", "from 0 to 10000");
    row("serve --max-unread 0", "--max-unread", "from 64KiB to 64MiB");
    row("serve --trust-proxy localhost", "--trust-proxy", "127.0.0.1, 10.0.0.0/8 or 2001:db8::/32");
    row("serve --trust-proxy 10.0.0.1/8", "--trust-proxy", "10.0.0.0/8 for the network or 10.0.0.1 for");
    row("serve --trust-proxy 10.0.0.0/40", "--trust-proxy", "from 0 to 32");
    row("serve --trust-proxy ::1/200", "--trust-proxy", "from 0 to 128");
    row("serve --trust-proxy 127.0.0.1,fe80::1%lo", "--trust-proxy", "127.0.0.1, 10.0.0.0/8");
    row("serve --client-header Host", "--client-header", "X-Forwarded-For, Forwarded or X-Real-IP");
    row("serve --client-header X-Real-IP,X-Forwarded-For", "--client-header", "the name of one header field");
    row("serve --admin 8001", "--admin", "off");
    row("serve --capcity 5", "--capcity", "--capacity");
    row("serve --nonsense", "--nonsense", "--help");
    row("serve extra", "extra", "weir serve without it");
    row("launch", "launch", "status");
    row("set global", "set", "weir set LIMIT KEY=VALUE...");
    row("sevre", "sevre", "serve");
    row("serve --screenshot a.png", "--screenshot", "weir without serve");
    row("--page live", "--page", "--screenshot");
    row("--screenshot a.png --page nothing", "--page", "live");
    row("--screenshot a.png --size 10x10", "--size", "1280x820");
    row("--screenshot a.png --size large", "--size", "1280x820");
    row("--screenshot a.png --theme blue", "--theme", "dark");
    row("--screenshot a.png --after later", "--after", "us ms s min h d");
}

void TestBadInput::oneProblem()
{
    QFETCH(const QByteArray, where);
    QFETCH(const QByteArray, right);
    WeirProcess weir;
    weir.environment().insert(QStringLiteral("PWD"), weir.folder());
    QCOMPARE(weir.runToExit(words(QTest::currentDataTag())), 2);
    QCOMPARE(weir.output(), QByteArray{});
    const QByteArrayList lines = weir.errors().trimmed().split('\n');
    QCOMPARE(lines.size(), 2); // the problem, and where to read on
    QVERIFY2(lines.front().startsWith("weir: " + where + ": "), lines.front());
    QVERIFY2(lines.front().contains(right), lines.front());
    QVERIFY2(lines.back().contains("weir --help"), lines.back());
    QVERIFY2(QDir{weir.folder()}.isEmpty(), "something was started");
}

void TestBadInput::aVariableIsNamedInstead_data()
{
    QTest::addColumn<QString>("value");
    for (const char *name : {"WEIR_CAPACITY",
                             "WEIR_REFILL",
                             "WEIR_EVERY",
                             "WEIR_START",
                             "WEIR_ON_STORE_FAILURE",
                             "WEIR_THREADS",
                             "WEIR_LEASE",
                             "WEIR_LISTEN",
                             "WEIR_REDIS",
                             "WEIR_ADMIN",
                             "WEIR_MAX_URL",
                             "WEIR_MAX_HEADER",
                             "WEIR_MAX_HEADER_FIELDS",
                             "WEIR_MAX_BODY",
                             "WEIR_MAX_CONNECTIONS",
                             "WEIR_MAX_CONNECTIONS_PER_ADDRESS",
                             "WEIR_HEADER_TIMEOUT",
                             "WEIR_BODY_TIMEOUT",
                             "WEIR_IDLE_TIMEOUT",
                             "WEIR_MAX_UNREAD",
                             "WEIR_TRUST_PROXY"})
        QTest::newRow(name) << QStringLiteral("nonsense");
    QTest::newRow("WEIR_CLIENT_HEADER") << QStringLiteral("no name");
}

void TestBadInput::aVariableIsNamedInstead()
{
    QFETCH(const QString, value);
    WeirProcess weir;
    weir.environment().insert(QString::fromLatin1(QTest::currentDataTag()), value);
    QCOMPARE(weir.runToExit(words("serve")), 2);
    QVERIFY2(weir.errors().startsWith(QByteArray{"weir: "} + QTest::currentDataTag() + ": "), weir.errors());
}

void TestBadInput::emptyWords_data()
{
    QTest::addColumn<bool>("isUsed");
    for (const char *name : {"--capacity", "--every", "--listen", "--redis", "--data-dir", "--screenshot", "--max-body",
                             "--idle-timeout", "--trust-proxy", "--client-header"})
        QTest::newRow(name) << true;
}

void TestBadInput::emptyWords()
{
    WeirProcess weir;
    const QString name = QString::fromLatin1(QTest::currentDataTag());
    QCOMPARE(weir.runToExit({name, QString{}}), 2);
    QVERIFY2(weir.errors().startsWith("weir: " + name.toUtf8() + ": "), weir.errors());
}

void TestBadInput::allProblemsAreSaidAtOnce()
{
    WeirProcess weir;
    weir.environment().insert(QStringLiteral("WEIR_START"), QStringLiteral("half"));
    QCOMPARE(weir.runToExit(
                 words("serve --capacity 0 --every soon --threads 99 --listen nowhere --redis http://x --admin on "
                       "--on-store-failure perhaps --max-url 1 --max-body big --idle-timeout 0s --trust-proxy ::1/0,x "
                       "--client-header Host --nonsense extra")),
             2);
    const QByteArray said = weir.errors();
    for (const char *where :
         {"--capacity", "--every", "--threads", "--listen", "--redis", "--admin", "--on-store-failure", "--max-url",
          "--max-body", "--idle-timeout", "--trust-proxy", "--client-header", "--nonsense", "WEIR_START"})
        QVERIFY2(said.contains(QByteArray{"weir: "} + where + ": "), said);
    QCOMPARE(said.count("Try \"weir --help\""), 1);
}

void TestBadInput::helpAndVersion()
{
    for (const char *line : {"--help", "serve --help", "-h", "--version", "serve --capacity 0 --help"}) {
        WeirProcess weir;
        QCOMPARE(weir.runToExit(words(line)), 0);
        QVERIFY(!weir.output().isEmpty());
        QCOMPARE(weir.errors(), QByteArray{});
    }
}

QTEST_GUILESS_MAIN(TestBadInput)
#include "tst_bad_input.moc"

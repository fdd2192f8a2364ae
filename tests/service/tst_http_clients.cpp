// SPDX-License-Identifier: GPL-3.0-only
// Programs that people point at a server work unchanged: curl, ab (HTTP/1.0), hey, and nginx in front.
#include <QTest>

#include "tests/service/nginx.h"
#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kRunTime = 60s; // a few thousand requests on a busy machine
constexpr int kPatienceMs = 20'000;

} // namespace

class TestHttpClients : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void ab_data();
    void ab();
    void hey_data();
    void hey();
    void curl_data();
    void curl();
    void nginxInFront_data();
    void nginxInFront();

private:
    // What it prints; fails the test when it does not end well.
    QByteArray run(const char *name, const QStringList &arguments);
    [[nodiscard]] QByteArray url() const { return "http://127.0.0.1:" + QByteArray::number(m_weir.port()) + "/"; }

    WarningsFail m_warnings;
    Orphans m_orphans;
    WeirProcess m_weir;
};

void TestHttpClients::initTestCase()
{
    m_warnings.listen();
    QVERIFY2(m_weir.start(words("serve --capacity 1000000 --refill 1000000 --every 366d --trust-proxy 127.0.0.1")),
             m_weir.errors());
}

void TestHttpClients::cleanupTestCase()
{
    QCOMPARE(m_weir.stop(), 0);
    QVERIFY(m_orphans.alive().empty());
}

QByteArray TestHttpClients::run(const char *name, const QStringList &arguments)
{
    ChildProcess child;
    child.process().setProgram(programOf(name));
    child.process().setArguments(arguments);
    if (!child.start() || child.waitForExit(kRunTime) != 0)
        QTest::qFail((QByteArray{name} + ": " + child.errors()).constData(), __FILE__, __LINE__);
    return child.output();
}

void TestHttpClients::ab_data()
{
    QTest::addColumn<QString>("options");
    QTest::newRow("HTTP/1.0, a connection each") << QStringLiteral("-n 1000 -c 4");
    QTest::newRow("HTTP/1.0, keep-alive") << QStringLiteral("-k -n 5000 -c 8");
    QTest::newRow("HEAD") << QStringLiteral("-i -k -n 500 -c 4");
}

void TestHttpClients::ab()
{
    QFETCH(QString, options);
    const QByteArray said =
        run("ab", words("-q " + options.toUtf8()) + QStringList{QString::fromUtf8(url())}).simplified();
    QVERIFY2(said.contains("Failed requests: 0 "), said.constData());
    QVERIFY2(!said.contains("Non-2xx"), said.constData());
    QVERIFY2(!options.contains(QLatin1String{"-k"}) || said.contains("Keep-Alive requests: 5"), said.constData());
}

void TestHttpClients::hey_data()
{
    QTest::addColumn<QString>("options");
    QTest::newRow("keep-alive") << QStringLiteral("-n 2000 -c 20");
    QTest::newRow("a connection each") << QStringLiteral("-n 1000 -c 20 -disable-keepalive");
    QTest::newRow("POST") << QStringLiteral("-n 1000 -c 20 -m POST -d hello");
}

void TestHttpClients::hey()
{
    QFETCH(QString, options);
    const QList<QByteArray> numbers = options.toUtf8().split(' ');
    const QByteArray said = run("hey", words(options.toUtf8()) + QStringList{QString::fromUtf8(url())}).simplified();
    QVERIFY2(said.contains("[200] " + numbers.at(1) + " responses"), said.constData());
    QVERIFY2(!said.contains("Error distribution"), said.constData());
}

void TestHttpClients::curl_data()
{
    QTest::addColumn<QString>("options");
    QTest::newRow("plain") << QString{};
    QTest::newRow("1.0") << QStringLiteral("--http1.0");
    QTest::newRow("head") << QStringLiteral("--head");
    QTest::newRow("a body that waits for 100") << QStringLiteral("--data-binary @/proc/cpuinfo -H Expect:100-continue");
    QTest::newRow("a body in chunks") << QStringLiteral("--data-binary @/proc/cpuinfo -H Transfer-Encoding:chunked");
    QTest::newRow("as its proxy") << QStringLiteral("--proxy ") + QString::fromUtf8(url());
}

void TestHttpClients::curl()
{
    QFETCH(QString, options);
    const QByteArray said =
        run("curl", words("-s -S -m 20 --noproxy none -w %{http_code} -o /dev/null " + options.toUtf8())
                        + QStringList{QString::fromUtf8(url())});
    QCOMPARE(said, QByteArray{"200"});
}

void TestHttpClients::nginxInFront_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("HTTP/1.1, keep-alive") << QByteArray{"/"};
    QTest::newRow("HTTP/1.0, a connection each") << QByteArray{"/old/"};
}

void TestHttpClients::nginxInFront()
{
    QFETCH(QByteArray, path);
    const QByteArray weir = "127.0.0.1:" + QByteArray::number(m_weir.port());
    Nginx nginx;
    QVERIFY2(
        nginx.start("upstream weir { server " + weir + "; keepalive 8; }\n",
                    "location / { proxy_pass http://weir; proxy_http_version 1.1; proxy_set_header Connection \"\";\n"
                    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }\n"
                    "location /old/ { proxy_pass http://"
                        + weir + "/; }\n"),
        "nginx is not installed; ./dev setup installs it");
    RawHttpClient client;
    QTRY_VERIFY_WITH_TIMEOUT(client.connectTo(nginx.port()), kPatienceMs);
    for (int i = 0; i < 200; ++i) {
        QVERIFY(client.sendRequest(i % 2 == 0 ? "GET" : "POST", path, i % 2 == 0 ? "" : "Content-Length: 0\r\n"));
        const auto response = client.readResponse();
        QVERIFY(response);
        QCOMPARE(response->status, 200);
    }
    QCOMPARE(nginx.stop(), 0);
    QVERIFY2(!nginx.told().contains("[error]"), nginx.told());
}

QTEST_GUILESS_MAIN(TestHttpClients)
#include "tst_http_clients.moc"

// SPDX-License-Identifier: GPL-3.0-only
// With a real nginx in front, set up as people do it, a client is itself whatever it sends.
#include <QFile>
#include <QTest>

#include "tests/service/nginx.h"
#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"

using namespace weir::test;

namespace {

constexpr int kPatienceMs = 20'000;

// By their own addresses; nginx itself comes to Weir from 127.0.0.1.
const QByteArray kBlocked = "127.0.0.66";
const QByteArray kOfNetwork = "127.0.9.1";
const QByteArray kOther = "127.0.0.77";

const QByteArray kRules = R"(
[block]
networks = ["127.0.0.66"]
[allow]
networks = ["127.0.0.1", "203.0.113.5"]
[[limit]]
name = "own"
key = "ip"
capacity = 3
refill = 1
every = "366d"
)";

const QByteArray kMoreLimits = R"(
[[limit]]
name = "net"
match = { network = ["127.0.9.0/24"] }
capacity = 2
refill = 1
every = "366d"
[[limit]]
name = "global"
capacity = 1000000
)";

QByteArrayList mischief()
{
    QByteArrayList all{""};
    for (const char *name : {"X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP"})
        for (const char *value : {"x", "unknown", "127.0.0.1", "203.0.113.5", "203.0.113.5, 127.0.0.1", "for=x",
                                  "for=127.0.0.1", "for=203.0.113.5", "for=\"203.0.113.5", "::ffff:127.0.0.1"})
            all += QByteArray{name} + ": " + value + "\r\n";
    all += {"X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-For: x\r\nForwarded: for=127.0.0.1\r\n",
            "X-Real-IP: 203.0.113.5\r\nX-Real-IP: 127.0.0.1\r\nForwarded: x\r\n",
            "Connection: X-Forwarded-For, X-Real-IP\r\nX-Forwarded-For: 203.0.113.5\r\n"};
    return all;
}

} // namespace

class TestBehindNginx : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    Orphans m_orphans;

    // All mischief one after the other, `admitted` answered with 200 and all later ones with `then`.
    static void everyWay(const Nginx &nginx, const QByteArray &client, int admitted, int then)
    {
        for (const QByteArray &fields : mischief()) {
            RawHttpClient connection;
            QVERIFY2(connection.connectTo(nginx.port(), "127.0.0.1", client), qPrintable(connection.error()));
            QVERIFY(connection.sendRequest("GET", "/", fields));
            const auto response = connection.readResponse();
            QVERIFY2(response, qPrintable(connection.error()));
            const QByteArray said = client + ": " + fields + ": " + response->statusLine;
            QVERIFY2(response->status == (admitted-- > 0 ? 200 : then), said.constData());
        }
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }
    void cleanupTestCase() { QVERIFY(m_orphans.alive().empty()); }

    void whatAClientAddsChangesNothing_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("isSeveral");
        const auto row = [](const char *field, const char *value) {
            QTest::addRow("%s %s, one limit", field, value) << QByteArray{field} << QByteArray{value} << false;
            QTest::addRow("%s %s, several limits", field, value) << QByteArray{field} << QByteArray{value} << true;
        };
        row("X-Forwarded-For", "$proxy_add_x_forwarded_for");
        row("X-Forwarded-For", "$remote_addr");
        row("X-Real-IP", "$remote_addr");
        row("Forwarded", "\"for=$remote_addr;proto=http\"");
    }
    void whatAClientAddsChangesNothing()
    {
        QFETCH(const QByteArray, field);
        QFETCH(const QByteArray, value);
        QFETCH(const bool, isSeveral);
        WeirProcess weir;
        QFile file{weir.folder() + QStringLiteral("/weir.toml")};
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("[server]\ntrust_proxy = \"127.0.0.1\"\nclient_header = \"" + field + "\"\n" + kRules
                   + (isSeveral ? kMoreLimits : QByteArray{}));
        file.close();
        QVERIFY2(weir.start(QStringList{QStringLiteral("serve"), QStringLiteral("--config"), file.fileName()}),
                 weir.errors());
        Nginx nginx;
        QVERIFY2(nginx.start({}, "location / { proxy_pass http://127.0.0.1:" + QByteArray::number(weir.port())
                                     + "; proxy_set_header " + field + " " + value + "; }\n"),
                 "nginx is not installed; ./dev setup installs it");
        RawHttpClient first;
        QTRY_VERIFY_WITH_TIMEOUT(first.connectTo(nginx.port()), kPatienceMs);
        everyWay(nginx, kBlocked, 0, 403);
        everyWay(nginx, kOther, 3, 429);
        everyWay(nginx, kOfNetwork, isSeveral ? 2 : 3, 429);
        QCOMPARE(nginx.stop(), 0);
        QVERIFY2(!nginx.told().contains("[error]"), nginx.told());
        QCOMPARE(weir.stop(), 0);
    }
};

QTEST_GUILESS_MAIN(TestBehindNginx)
#include "tst_behind_nginx.moc"

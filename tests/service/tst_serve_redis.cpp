// SPDX-License-Identifier: GPL-3.0-only
// weir serve with every kind of --redis: it counts there, and says what is wrong without the password.
#include <QTest>

#include "tests/support/certificates.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_cluster.h"
#include "tests/support/sentinel_group.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"

using namespace weir::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 20'000;

QList<int> statuses(std::uint16_t port, int count)
{
    QList<int> all;
    for (int i = 0; i < count; ++i) {
        RawHttpClient client;
        const bool isSent = client.connectTo(port, "127.0.0.1") && client.sendRequest("GET", "/");
        const auto response = isSent ? client.readResponse() : std::nullopt;
        all.append(response ? response->status : -1);
    }
    return all;
}

} // namespace

class TestServeRedis : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void overTls();
    void throughSentinels();
    void inACluster();
    void whatIsWrongIsSaidWithoutThePassword_data();
    void whatIsWrongIsSaidWithoutThePassword();
    void whoIsAwayIsAwaited_data();
    void whoIsAwayIsAwaited();
    void aRedisThatEvictsIsAWarning();

private:
    /// Two tokens, three requests.
    static bool limits(WeirProcess &weir, const QStringList &redis)
    {
        const QStringList arguments = words("serve --threads 2 --capacity 2 --refill 1 --every 1d") + redis;
        return weir.start(arguments) && statuses(weir.port(), 3) == QList<int>{200, 200, 429} && weir.stop() == 0;
    }

    WarningsFail m_warnings;
};

void TestServeRedis::overTls()
{
    Certificates certificates;
    QVERIFY(certificates.makeAuthority(u"ca"_s));
    QVERIFY(certificates.make(u"server"_s, u"ca"_s, u"DNS:localhost"_s));
    QVERIFY(certificates.make(u"client"_s, u"ca"_s, u"DNS:weir"_s));
    const QString port = QString::number(freePort());
    RedisServer redis;
    QVERIFY(redis.start({u"--tls-port"_s, port, u"--bind"_s, u"127.0.0.1"_s, u"--tls-cert-file"_s,
                         certificates.pem(u"server"_s), u"--tls-key-file"_s, certificates.key(u"server"_s),
                         u"--tls-ca-cert-file"_s, certificates.pem(u"ca"_s), u"--requirepass"_s, u"s3cret"_s}));
    WeirProcess weir;
    weir.environment().insert(u"WEIR_REDIS_CERT"_s, certificates.pem(u"client"_s));
    weir.environment().insert(u"WEIR_REDIS_KEY"_s, certificates.key(u"client"_s));
    QVERIFY2(limits(weir, {u"--redis"_s, u"rediss://:s3cret@localhost:"_s + port, u"--redis-ca"_s,
                           certificates.pem(u"ca"_s)}),
             weir.errors());
    redis.command({"AUTH", "s3cret"});
    QCOMPARE(redis.command({"HGET", "weir:{global}", "admitted"}).text, QByteArray{"2"});
    QVERIFY(!weir.errors().contains("s3cret"));
    QVERIFY2(!weir.errors().contains("qt."), weir.errors()); // of Qt's own, which nobody can act on
}

void TestServeRedis::throughSentinels()
{
    SentinelGroup group;
    QVERIFY(group.start());
    WeirProcess weir;
    QVERIFY2(limits(weir, {u"--redis"_s, group.url()}), weir.errors());
    QCOMPARE(group.node(group.master()).command({"HGET", "weir:{global}", "admitted"}).text, QByteArray{"2"});
}

void TestServeRedis::inACluster()
{
    RedisCluster cluster;
    QVERIFY(cluster.start());
    WeirProcess weir;
    QVERIFY2(limits(weir, {u"--redis"_s, cluster.url({0, 4})}), weir.errors());
    RedisServer &owner = cluster.node(cluster.ownerOf("weir:{global}", 0));
    QCOMPARE(owner.command({"HGET", "weir:{global}", "admitted"}).text, QByteArray{"2"});
    RedisServer &registrar = cluster.node(cluster.ownerOf("weir:limits", 0));
    QVERIFY(registrar.command({"HGET", "weir:limits", "global"}).text.contains(" 2 1 86400000000 "));
}

void TestServeRedis::whatIsWrongIsSaidWithoutThePassword_data()
{
    QTest::addColumn<QString>("url"); // %1 is the port of a Redis with another password, %2 of nobody
    QTest::addColumn<QByteArray>("said");
    QTest::newRow("wrong password") << u"redis://:s3cret@127.0.0.1:%1"_s << QByteArray{"WRONGPASS"};
    QTest::newRow("no sentinel") << u"sentinel://:s3cret@127.0.0.1:%1/mymaster"_s << QByteArray{"no sentinel tells"};
    QTest::newRow("no cluster") << u"cluster://:s3cret@127.0.0.1:%1,127.0.0.1:%2"_s << QByteArray{"WRONGPASS"};
    QTest::newRow("no URL") << u"redis://al:s3cret@127.0.0.1:port"_s << QByteArray{"this is not a URL"};
    QTest::newRow("another scheme") << u"mysql://al:s3cret@127.0.0.1:%1"_s << QByteArray{"must begin with"};
}

void TestServeRedis::whatIsWrongIsSaidWithoutThePassword()
{
    QFETCH(QString, url);
    QFETCH(const QByteArray, said);
    const std::uint16_t port = freePort();
    RedisServer redis;
    QVERIFY(
        redis.start({u"--port"_s, QString::number(port), u"--bind"_s, u"127.0.0.1"_s, u"--requirepass"_s, u"r1ght"_s}));
    url.replace(u"%1"_s, QString::number(port)).replace(u"%2"_s, QString::number(freePort()));
    WeirProcess weir;
    const int code = weir.runToExit(words("serve --redis") << url);
    QVERIFY2(code == 1 || code == 2, qPrintable(QString::number(code)));
    const QByteArray all = weir.output() + weir.errors();
    QVERIFY2(all.contains("--redis: ") && all.contains(said), all);
    QVERIFY2(!all.contains("s3cret"), all);
}

void TestServeRedis::whoIsAwayIsAwaited_data()
{
    QTest::addColumn<QString>("scheme");
    QTest::newRow("by TCP") << u"redis"_s;
    QTest::newRow("by TLS") << u"rediss"_s;
    QTest::newRow("a cluster") << u"cluster"_s;
}

void TestServeRedis::whoIsAwayIsAwaited()
{
    QFETCH(const QString, scheme);
    const QString url = scheme + u"://:s3cret@127.0.0.1:"_s + QString::number(freePort());
    WeirProcess weir;
    QVERIFY2(limits(weir, {u"--redis"_s, url}), weir.errors());
    QVERIFY2(weir.errors().contains("cannot reach Redis") && weir.errors().contains("starting without it"),
             weir.errors());
    QVERIFY(!weir.errors().contains("s3cret"));
}

void TestServeRedis::aRedisThatEvictsIsAWarning()
{
    RedisServer redis;
    QVERIFY(redis.start({u"--maxmemory"_s, u"50mb"_s, u"--maxmemory-policy"_s, u"allkeys-lru"_s}));
    WeirProcess weir;
    QVERIFY(weir.start(words("serve --threads 1 --redis") << redis.url()));
    QTRY_VERIFY_WITH_TIMEOUT(weir.errors().contains("maxmemory-policy allkeys-lru"), kPatienceMs);
    QCOMPARE(weir.stop(), 0);
    QCOMPARE(weir.errors().count("allkeys-lru"), qsizetype{1}); // told once, not for every link
}

QTEST_GUILESS_MAIN(TestServeRedis)
#include "tst_serve_redis.moc"

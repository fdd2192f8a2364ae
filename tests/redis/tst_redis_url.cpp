// SPDX-License-Identifier: GPL-3.0-only
// Addresses of a Redis: what is understood, what is refused, and that secrets are never shown.
#include <QTest>

#include "core/redis/link/redis_url.h"

using namespace weir;
using namespace weir::redis;

Q_DECLARE_METATYPE(weir::redis::RedisUrl::Kind)

class TestRedisUrl : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tcp_data();
    void tcp();
    void tlsIsAnotherTransport();
    void severalHosts_data();
    void severalHosts();
    void oneServerOfMany();
    void unixSockets_data();
    void unixSockets();
    void whatIsWrongIsSaid_data();
    void whatIsWrongIsSaid();
    void thePathMayBeAsLongAsASocketAddress();
};

void TestRedisUrl::tcp_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("host");
    QTest::addColumn<int>("port");
    QTest::addColumn<QByteArray>("user");
    QTest::addColumn<QByteArray>("password");
    QTest::addColumn<int>("database");
    QTest::addColumn<QString>("display");
    const auto row = [](const char *text, const char *host, int port, const char *user, const char *password,
                        int database, const char *display) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(host) << port << QByteArray{user}
                            << QByteArray{password} << database << QString::fromUtf8(display);
    };
    row("redis://localhost", "localhost", 6379, "", "", 0, "redis://localhost:6379");
    row("redis://127.0.0.1:1/", "127.0.0.1", 1, "", "", 0, "redis://127.0.0.1:1");
    row("redis://127.0.0.1:65535/9999", "127.0.0.1", 65535, "", "", 9999, "redis://127.0.0.1:65535/9999");
    row("REDIS://Host.Example/7", "host.example", 6379, "", "", 7, "redis://host.example:6379/7");
    row("redis://[::1]:7000/2", "::1", 7000, "", "", 2, "redis://[::1]:7000/2");
    row("redis://:s3cret@h", "h", 6379, "", "s3cret", 0, "redis://h:6379");
    row("redis://al1ce:s3cret@h:1234/5", "h", 1234, "al1ce", "s3cret", 5, "redis://h:1234/5");
    row("redis://al1ce@h", "h", 6379, "al1ce", "", 0, "redis://h:6379");
    row("redis://al1ce:s3c%40ret%3A%2F%25@h", "h", 6379, "al1ce", "s3c@ret:/%", 0, "redis://h:6379");
    row("redis://al1ce:s3c%C3%B6ret@h", "h", 6379, "al1ce", "s3c\xc3\xb6ret", 0, "redis://h:6379");
}

void TestRedisUrl::tcp()
{
    QFETCH(const QString, text);
    const Result<RedisUrl> url = parseRedisUrl(text);
    QVERIFY2(url, url ? "" : url.error().detail.c_str());
    QCOMPARE(url.value().transport, RedisUrl::Transport::Tcp);
    QTEST(url.value().host, "host");
    QTEST(int{url.value().port}, "port");
    QTEST(url.value().user, "user");
    QTEST(url.value().password, "password");
    QTEST(url.value().database, "database");
    QTEST(url.value().display(), "display");
    QVERIFY(!url.value().display().contains(QStringLiteral("s3c")));
    QVERIFY(!url.value().display().contains(QStringLiteral("al1ce")));
}

void TestRedisUrl::tlsIsAnotherTransport()
{
    const Result<RedisUrl> url = parseRedisUrl(QStringLiteral("rediss://al1ce:s3cret@host.example:7000/2"));
    QVERIFY(url);
    QCOMPARE(url.value().transport, RedisUrl::Transport::Tls);
    QCOMPARE(url.value().host, QStringLiteral("host.example"));
    QCOMPARE(url.value().password, QByteArray{"s3cret"});
    QCOMPARE(url.value().display(), QStringLiteral("rediss://host.example:7000/2"));
}

void TestRedisUrl::severalHosts_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<RedisUrl::Kind>("kind");
    QTest::addColumn<QString>("masterName");
    QTest::addColumn<QByteArray>("user");
    QTest::addColumn<QByteArray>("password");
    QTest::addColumn<int>("database");
    QTest::addColumn<QString>("display");
    const auto row = [](const char *text, RedisUrl::Kind kind, const char *name, const char *user, const char *password,
                        int database, const char *display) {
        QTest::newRow(text) << QString::fromUtf8(text) << kind << QString::fromUtf8(name) << QByteArray{user}
                            << QByteArray{password} << database << QString::fromUtf8(display);
    };
    using Kind = RedisUrl::Kind;
    row("sentinel://h1/mymaster", Kind::Sentinel, "mymaster", "", "", 0, "sentinel://h1:26379/mymaster");
    row("sentinel://h1:1,H2,[::1]:3/my.master-1/5", Kind::Sentinel, "my.master-1", "", "", 5,
        "sentinel://h1:1,h2:26379,[::1]:3/my.master-1/5");
    row("sentinel://al1ce:s3c%40ret@h1,h2:2/m/", Kind::Sentinel, "m", "al1ce", "s3c@ret", 0,
        "sentinel://h1:26379,h2:2/m");
    row("sentinel://:s3c,ret@h1,h2/m", Kind::Sentinel, "m", "", "s3c,ret", 0, "sentinel://h1:26379,h2:26379/m");
    row("cluster://h1", Kind::Cluster, "", "", "", 0, "cluster://h1:6379");
    row("CLUSTER://al1ce:s3cret@h1:7000,h2,[fe80::1]/0", Kind::Cluster, "", "al1ce", "s3cret", 0,
        "cluster://h1:7000,h2:6379,[fe80::1]:6379");
}

void TestRedisUrl::severalHosts()
{
    QFETCH(const QString, text);
    const Result<RedisUrl> url = parseRedisUrl(text);
    QVERIFY2(url, text.toUtf8());
    QTEST(url.value().kind, "kind");
    QTEST(url.value().masterName, "masterName");
    QTEST(url.value().user, "user");
    QTEST(url.value().password, "password");
    QTEST(url.value().database, "database");
    QTEST(url.value().display(), "display");
}

void TestRedisUrl::oneServerOfMany()
{
    const RedisUrl url = parseRedisUrl(QStringLiteral("sentinel://al1ce:s3cret@h1,h2/mymaster/5")).value();
    const RedisUrl server = url.serverAt({QStringLiteral("::1"), 7001});
    QCOMPARE(server.kind, RedisUrl::Kind::Server);
    QCOMPARE(server.display(), QStringLiteral("redis://[::1]:7001/5"));
    QCOMPARE(server.password, QByteArray{"s3cret"});
}

void TestRedisUrl::unixSockets_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("path");
    QTest::addColumn<int>("database");
    QTest::addColumn<QString>("display");
    const auto row = [](const char *text, const char *path, int database, const char *display) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(path) << database
                            << QString::fromUtf8(display);
    };
    row("unix:/run/redis.sock", "/run/redis.sock", 0, "unix:/run/redis.sock");
    row("unix:///run/redis.sock", "/run/redis.sock", 0, "unix:/run/redis.sock");
    row("unix:/run/redis.sock?db=3", "/run/redis.sock", 3, "unix:/run/redis.sock?db=3");
    row("unix:/run/with%20space", "/run/with space", 0, "unix:/run/with space");
}

void TestRedisUrl::unixSockets()
{
    QFETCH(const QString, text);
    const Result<RedisUrl> url = parseRedisUrl(text);
    QVERIFY2(url, url ? "" : url.error().detail.c_str());
    QCOMPARE(url.value().transport, RedisUrl::Transport::Unix);
    QTEST(url.value().path, "path");
    QTEST(url.value().database, "database");
    QTEST(url.value().display(), "display");
}

void TestRedisUrl::whatIsWrongIsSaid_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("right"); // what the sentence says would be right
    const auto row = [](const char *text, const char *right) {
        QTest::newRow(*text ? text : "(empty)") << QString::fromUtf8(text) << QString::fromUtf8(right);
    };
    const char *schemes = "redis:// or unix:";
    row("", schemes);
    row("localhost", schemes);
    row("localhost:6379", schemes);
    row("/run/redis.sock", schemes);
    row("http://h", schemes);
    row("redis2://h", schemes);
    row("rediss://", "redis://");
    row("rediss://al1ce:s3c ret@h", "%40");
    row("sentinel://h1,h2", "name of the master");
    row("sentinel://h1,h2/", "name of the master");
    row("sentinel://h1,h2//3", "name of the master");
    row("sentinel:///mymaster", "a host is missing");
    row("sentinel://h1,,h2/mymaster", "a host is missing");
    row("sentinel://h1:0/mymaster", "from 1 to 65535");
    row("sentinel://h1:x/mymaster", "h1:1,h2:2");
    row("sentinel://h1/mymaster/x", "a whole number");
    row("sentinel://al1ce:s3cret@h1:99999/mymaster", "h1:1,h2:2");
    row("sentinel://al1ce:s3c ret@h1/mymaster", "%40");
    row("sentinel:h1/mymaster", "a host is missing");
    row("cluster://", "a host is missing");
    row("cluster://al1ce:s3cret@", "a host is missing");
    row("cluster://h1,", "a host is missing");
    row("cluster://h1/1", "only database 0");
    row("cluster://h1/x", "a whole number");
    row("cluster://al1ce:s3c/ret@h1,h2", "/ is %2F");
    row("sentinel://:s3c@ret@h1,h2/m", "@ is %40");
    row("redis://", "redis://127.0.0.1:6379/0");
    row("redis:", "redis://127.0.0.1:6379/0");
    row("redis://:6379", "redis://");
    row("redis://al1ce:s3cret@", "redis://");
    row("redis://h:0", "from 1 to 65535");
    row("redis://h:65536", "redis://");
    row("redis://h:port", "redis://");
    row("redis://h/one", "a whole number");
    row("redis://h/-1", "a whole number");
    row("redis://h/10000", "a whole number");
    row("redis://h/1/2", "a whole number");
    row("redis://al1ce:s3cret@h/x", "a whole number");
    row("redis://al1ce:s3c ret@h", "%40");
    row("redis://al1ce:s3c/ret@h", "/ is %2F");
    row("redis://al1ce:s3c#ret@h", "# is %23");
    row("redis://h/0?timeout=5", "\"timeout\" behind the ? means nothing here");
    row("redis://h/0#x", "there is a #");
    row("unix:/run/redis.sock?dbb=1", "only db does");
    row("unix:", "an absolute path");
    row("unix:redis.sock", "an absolute path");
    row("unix://run/redis.sock", "an absolute path");
    row("unix:/run/redis.sock?db=x", "a whole number");
}

void TestRedisUrl::whatIsWrongIsSaid()
{
    QFETCH(const QString, text);
    QFETCH(const QString, right);
    const Result<RedisUrl> url = parseRedisUrl(text);
    QVERIFY2(!url, url ? qPrintable(url.value().display()) : "");
    QCOMPARE(url.error().code, Error::Code::Invalid);
    QVERIFY(!url.error().transient);
    const QString detail = QString::fromStdString(url.error().detail);
    QVERIFY2(detail.contains(right), qPrintable(detail));
    QVERIFY2(!detail.contains(QStringLiteral("s3c")), qPrintable(detail));
    QVERIFY2(!detail.contains(QStringLiteral("al1ce")), qPrintable(detail));
}

void TestRedisUrl::thePathMayBeAsLongAsASocketAddress()
{
    const QString longest = QStringLiteral("/") + QString{kMaxSocketPath - 1, QLatin1Char{'a'}};
    QVERIFY(parseRedisUrl(QStringLiteral("unix:") + longest));
    const auto tooLong = parseRedisUrl(QStringLiteral("unix:") + longest + QLatin1Char{'a'});
    QVERIFY(!tooLong);
    QVERIFY(QString::fromStdString(tooLong.error().detail).contains(QStringLiteral("107 bytes")));
}

QTEST_APPLESS_MAIN(TestRedisUrl)
#include "tst_redis_url.moc"

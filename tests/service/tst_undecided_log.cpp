// SPDX-License-Identifier: GPL-3.0-only
// `weir serve` says in its log that requests are answered 503, why, and when that is over: for whatever Redis refuses.
#include <QElapsedTimer>
#include <QTest>

#include <algorithm>

#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/weir_process.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kSoonMs = 20'000;

} // namespace

class TestUndecidedLog : public QObject {
    Q_OBJECT
    RedisServer m_redis;
    QTemporaryDir m_folder;

    static int statusAt(std::uint16_t port)
    {
        RawHttpClient client;
        if (!client.connectTo(port) || !client.sendRequest("GET", "/"))
            return 0;
        const auto response = client.readResponse();
        return response ? response->status : 0;
    }
    /// Lines of its log that hold `words`.
    static qsizetype linesWith(WeirProcess &weir, const QByteArray &words)
    {
        const QByteArrayList lines = weir.errors().split('\n');
        return std::count_if(lines.begin(), lines.end(), [&](const QByteArray &line) { return line.contains(words); });
    }

private Q_SLOTS:
    void init() { QVERIFY(m_redis.start()); }
    void cleanup() { m_redis.kill(); } // whatever it was made to refuse

    void theCauseIsSaid_data()
    {
        QTest::addColumn<bool>("isSingle");
        QTest::addColumn<RedisCommand>("breaks");
        QTest::addColumn<RedisCommand>("mends");
        QTest::addColumn<QByteArray>("cause");
        for (const bool isSingle : {true, false}) {
            const auto row = [isSingle](const char *name, const RedisCommand &breaks, const RedisCommand &mends,
                                        const QByteArray &cause) {
                QTest::addRow("%s, %s limit", name, isSingle ? "one" : "two") << isSingle << breaks << mends << cause;
            };
            row("wrong type", {"SET", "weir:{a}", "x"}, {"DEL", "weir:{a}"}, "Redis says: WRONGTYPE");
            row("broken content", {"HSET", "weir:{a}", "state", "x"}, {"DEL", "weir:{a}"}, "Redis says: WEIRSTATE");
            row("rights revoked", {"ACL", "SETUSER", "default", "-eval", "-evalsha"},
                {"ACL", "SETUSER", "default", "+@all"}, "Redis says: NOPERM");
            row("memory full", {"CONFIG", "SET", "maxmemory", "1"}, {"CONFIG", "SET", "maxmemory", "0"},
                "Redis says: OOM");
            row("no replicas", {"CONFIG", "SET", "min-replicas-to-write", "1"},
                {"CONFIG", "SET", "min-replicas-to-write", "0"}, "Redis says: NOREPLICAS");
        }
    }
    void theCauseIsSaid()
    {
        QFETCH(const bool, isSingle);
        QFETCH(const RedisCommand, breaks);
        QFETCH(const RedisCommand, mends);
        QFETCH(const QByteArray, cause);
        QFile file{m_folder.filePath(QStringLiteral("weir.toml"))};
        QVERIFY(file.open(QIODevice::WriteOnly));
        for (const char *name : {"a", "b"})
            if (!isSingle || *name == 'a')
                file.write(QByteArray{"[[limit]]\nname = \""} + name
                           + "\"\ncapacity = 100000\nrefill = 1\nevery = \"366d\"\non_store_failure = \"reject\"\n");
        file.close();
        WeirProcess weir;
        // One worker: each finds out by itself that Redis is well again.
        QVERIFY2(weir.start({QStringLiteral("serve"), QStringLiteral("--threads"), QStringLiteral("1"),
                             QStringLiteral("--config"), file.fileName(), QStringLiteral("--redis"), m_redis.url()}),
                 weir.errors());
        QCOMPARE(statusAt(weir.port()), 200);
        m_redis.command(breaks);
        QTRY_COMPARE_WITH_TIMEOUT(statusAt(weir.port()), 503, kSoonMs);
        QTRY_VERIFY2_WITH_TIMEOUT(statusAt(weir.port()) == 503 && linesWith(weir, "answered 503: " + cause) > 0,
                                  weir.errors(), kSoonMs);
        m_redis.command(mends);
        QTRY_COMPARE_WITH_TIMEOUT(statusAt(weir.port()), 200, kSoonMs);
        QTRY_VERIFY2_WITH_TIMEOUT(statusAt(weir.port()) == 200 && linesWith(weir, "requests are decided again") > 0,
                                  weir.errors(), kSoonMs);
        QVERIFY2(linesWith(weir, "answered 503: ") <= 2, weir.errors()); // some were, then all
        QCOMPARE(weir.stop(), 0);
    }

    // The reason is named as well when Weir goes on by itself.
    void goingOnLocallyNamesTheCause()
    {
        for (const QByteArray &limits : {QByteArray{"--capacity 100000"}, QByteArray{}}) {
            QFile file{m_folder.filePath(QStringLiteral("two.toml"))};
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write("[[limit]]\nname = \"a\"\ncapacity = 100000\n[[limit]]\nname = \"b\"\ncapacity = 100000\n");
            file.close();
            WeirProcess weir;
            const QStringList own =
                limits.isEmpty() ? QStringList{QStringLiteral("--config"), file.fileName()} : words(limits);
            QVERIFY2(weir.start(QStringList{QStringLiteral("serve"), QStringLiteral("--redis"), m_redis.url()} + own),
                     weir.errors());
            QCOMPARE(statusAt(weir.port()), 200);
            m_redis.command({"CONFIG", "SET", "maxmemory", "1"});
            QTRY_VERIFY2_WITH_TIMEOUT(statusAt(weir.port()) == 200
                                          && linesWith(weir, "of the last known levels: Redis says: OOM") == 1,
                                      weir.errors(), kSoonMs);
            m_redis.command({"CONFIG", "SET", "maxmemory", "0"});
            QTRY_VERIFY2_WITH_TIMEOUT(linesWith(weir, "the store decides again; ") == 1, weir.errors(), kSoonMs);
            QCOMPARE(weir.stop(), 0);
        }
    }

    // It answers PING and no script: left and found again several times a second, and told as one thing.
    void oneThatComesAndGoesIsToldOnce()
    {
        WeirProcess weir;
        QVERIFY2(weir.start(words("serve --capacity 100000 --redis " + m_redis.url().toUtf8())), weir.errors());
        QCOMPARE(statusAt(weir.port()), 200);
        constexpr int kPauseMs = 3'000;
        m_redis.command({"CLIENT", "PAUSE", QByteArray::number(kPauseMs), "WRITE"});
        QElapsedTimer sincePause;
        sincePause.start();
        while (sincePause.elapsed() < kPauseMs)
            QCOMPARE(statusAt(weir.port()), 200);
        QTRY_VERIFY2_WITH_TIMEOUT(linesWith(weir, "the store is back") == 1, weir.errors(), kSoonMs);
        QVERIFY2(linesWith(weir, "the store is away: ") == 1, weir.errors());
        QCOMPARE(weir.stop(), 0);
        QVERIFY2(weir.errors().count('\n') <= 5, weir.errors()); // begun, away, decides again, back
    }

    // What Redis says is no way into a terminal.
    void whatRedisSaysIsPlain()
    {
        WeirProcess weir;
        QVERIFY2(weir.start({QStringLiteral("serve"), QStringLiteral("--redis"), m_redis.url(),
                             QStringLiteral("--on-store-failure"), QStringLiteral("reject")}),
                 weir.errors());
        QCOMPARE(statusAt(weir.port()), 200);
        m_redis.command({"SET", "weir:{global}", "x"});
        QTRY_VERIFY_WITH_TIMEOUT(statusAt(weir.port()) == 503 && linesWith(weir, "WRONGTYPE") > 0, kSoonMs);
        for (const char c : weir.errors())
            QVERIFY2(c == '\n' || (c >= 0x20 && c < 0x7F), weir.errors());
        QCOMPARE(weir.stop(), 0);
    }
};

QTEST_GUILESS_MAIN(TestUndecidedLog)
#include "tst_undecided_log.moc"

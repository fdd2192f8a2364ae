// SPDX-License-Identifier: GPL-3.0-only
// What a real Redis is set to, and what its users may do, in plain words.
#include <QTest>

#include "core/redis/link/redis_link.h"
#include "core/redis/store/store_advice.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 10'000;
constexpr LinkOptions kPatient{.callDeadline = 5s, .connectDeadline = 5s};

} // namespace

class TestStoreAdvice : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void findings_data();
    void findings();

private:
    WarningsFail m_warnings;
    RedisServer m_redis;
};

void TestStoreAdvice::findings_data()
{
    QTest::addColumn<QByteArray>("policy");
    QTest::addColumn<QByteArray>("maxmemory");
    QTest::addColumn<QByteArray>("rules"); // of the user
    QTest::addColumn<QString>("expected"); // what the sentences hold, in order, between commas; ! for what they do not
    const QByteArray enough = "~weir:* -@all +eval +evalsha +hget +hmget +hset +hincrby +time +pexpire +ping";
    const auto row = [](const char *name, const char *policy, const char *maxmemory, const QByteArray &rules,
                        const char *expected) {
        QTest::newRow(name) << QByteArray{policy} << QByteArray{maxmemory} << rules << QString::fromLatin1(expected);
    };
    row("nothing", "noeviction", "0", "~* +@all", "");
    row("full, but never evicts", "noeviction", "500mb", "~* +@all", "");
    row("evicts", "allkeys-lru", "500mb", "~* +@all", "allkeys-lru,!no maxmemory");
    row("evicts what has a TTL", "volatile-ttl", "500mb", "~* +@all", "volatile-ttl");
    row("would evict", "allkeys-lfu", "0", "~* +@all", "no maxmemory is set");
    row("the user of the readme", "allkeys-lru", "500mb", enough, "");
    row("without CONFIG", "allkeys-lru", "500mb", enough + " +info", "allkeys-lru");
    row("without CONFIG, no limit", "volatile-lru", "0", enough + " +info", "no maxmemory is set");
    row("without INFO", "allkeys-lru", "500mb", enough + " +config|get", "allkeys-lru");
    row("some commands", "noeviction", "0", enough + " -hset -pexpire -time -evalsha", "evalsha; hset; pexpire; time");
    row("no eval", "noeviction", "0", enough + " -eval", "may not run eval");
    row("other keys", "noeviction", "0", enough + " resetkeys ~other:*", "may not run eval");
    row("keys to read", "noeviction", "0", enough + " resetkeys %R~weir:*", "may not run eval");
    row("two things", "allkeys-lru", "1gb", "~* +@all -hmget", "hmget,allkeys-lru");
}

void TestStoreAdvice::findings()
{
    QFETCH(const QByteArray, policy);
    QFETCH(const QByteArray, maxmemory);
    QFETCH(const QByteArray, rules);
    QFETCH(const QString, expected);
    m_redis.command({"CONFIG", "SET", "maxmemory-policy", policy, "maxmemory", maxmemory});
    const RespValue set =
        m_redis.command(RedisCommand{"ACL", "SETUSER", "weir", "reset", "on", ">s3cret"} + rules.split(' '));
    QVERIFY2(!set.isError(), set.text);
    RedisLink link{parseRedisUrl(u"unix://weir:s3cret@"_s + m_redis.socketPath()).value(), kPatient};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    std::optional<std::vector<std::string>> found;
    adviseOn(link, KeyNames{}, [&found](std::vector<std::string> sentences) { found = std::move(sentences); });
    QTRY_VERIFY_WITH_TIMEOUT(found.has_value(), kPatienceMs);
    QStringList sentences;
    for (const std::string &sentence : *found)
        sentences << QString::fromStdString(sentence);
    const QString all = sentences.join(u'|');
    for (QString part : expected.split(u',', Qt::SkipEmptyParts)) {
        const bool isMeant = !part.startsWith(u'!');
        part.replace(u';', u',');
        QVERIFY2(all.contains(isMeant ? part : part.mid(1)) == isMeant, qPrintable(all));
    }
    QVERIFY2(expected.isEmpty() == sentences.isEmpty(), qPrintable(all));
    QVERIFY(link.isReady());
    QCOMPARE(m_redis.command({"DBSIZE"}).number, 0);
}

QTEST_GUILESS_MAIN(TestStoreAdvice)
#include "tst_store_advice.moc"

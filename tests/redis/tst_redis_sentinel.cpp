// SPDX-License-Identifier: GPL-3.0-only
// Sentinels of all kinds and the servers they name: who is asked, who is believed, when to ask again.
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include "core/redis/link/redis_link.h"
#include "tests/redis/answer_list.h"
#include "tests/redis/fake_redis.h"
#include "tests/support/free_port.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 10'000;
constexpr LinkOptions kPatient{.callDeadline = 5s, .connectDeadline = 5s, .firstDelay = 5ms, .lastDelay = 40ms};

// Names whom it is told to name.
class FakeSentinel {
public:
    enum class Mood { Knows, KnowsNobody, IsSilent, WantsPassword };

    [[nodiscard]] std::uint16_t port() const { return m_server.port(); }

    Mood mood{Mood::Knows};
    std::uint16_t master{0};
    int asked{0};
    QByteArrayList heard; ///< every word of every command

private:
    QByteArray answerTo(const QByteArrayList &command)
    {
        heard += command;
        const bool isQuestion = command.at(0) == "SENTINEL";
        asked += isQuestion ? 1 : 0;
        if (mood == Mood::IsSilent)
            return {};
        if (mood == Mood::WantsPassword)
            return "-NOAUTH Authentication required.\r\n";
        if (!isQuestion)
            return "+PONG\r\n";
        return mood == Mood::KnowsNobody ? QByteArrayLiteral("*-1\r\n")
                                         : "*2\r\n" + bulk("127.0.0.1") + bulk(QByteArray::number(master));
    }

    FakeRedis m_server{[this](const QByteArrayList &command) { return answerTo(command); }};
};

} // namespace

Q_DECLARE_METATYPE(FakeSentinel::Mood)

class TestRedisSentinel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void theMasterIsFoundAndUsed();
    void theOneThatAnsweredIsAskedFirst();
    void theNextOneIsAsked_data();
    void theNextOneIsAsked();
    void nobodyKnows_data();
    void nobodyKnows();
    void aReplicaIsNotTheMaster();
    void aUserWhoMayNotAskForTheRole();
    void aDemotedMasterIsLeft();
    void aReplacedMasterIsLeft();
    void aDemotedServerWithoutSentinelsIsNoStorm();

private:
    [[nodiscard]] static QString urlOf(const QList<std::uint16_t> &ports, const QString &secrets = {})
    {
        QStringList hosts;
        for (const std::uint16_t port : ports)
            hosts << u"127.0.0.1:%1"_s.arg(port);
        return u"sentinel://"_s + secrets + hosts.join(u',') + u"/mymaster"_s;
    }
    static RedisUrl parsed(const QString &text) { return parseRedisUrl(text).value(); }
    static bool startOn(RedisServer &server, std::uint16_t port)
    {
        return server.isRunning() || server.start({u"--port"_s, QString::number(port), u"--bind"_s, u"127.0.0.1"_s});
    }
    static bool isReplicaInSync(RedisServer &server)
    {
        return server.command({"INFO", "replication"}).text.contains("master_link_status:up");
    }
    static QByteArray set(const char *value) { return formatCommand({"SET", "key", value}); }

    WarningsFail m_warnings;
    RedisServer m_a, m_b;
    std::uint16_t m_portA{freePort()}, m_portB{freePort()};
};

void TestRedisSentinel::initTestCase()
{
    m_warnings.listen();
    QVERIFY(startOn(m_a, m_portA));
    QVERIFY(startOn(m_b, m_portB));
}

void TestRedisSentinel::init()
{
    for (RedisServer *server : {&m_a, &m_b}) {
        QVERIFY(!server->command({"REPLICAOF", "NO", "ONE"}).isError());
        QVERIFY(!server->command({"FLUSHALL"}).isError());
    }
}

// The password is for the master; a sentinel has no business with it.
void TestRedisSentinel::theMasterIsFoundAndUsed()
{
    m_a.command({"ACL", "SETUSER", "weir", "reset", "on", ">s3cret", "~*", "+@all"});
    FakeSentinel sentinel;
    sentinel.master = m_portA;
    Answers answers;
    RedisLink link{parsed(urlOf({sentinel.port()}, u"weir:s3cret@"_s)), kPatient};
    link.start();
    link.call(formatCommand({"ACL", "WHOAMI"}), answers.handler()); // waits for all of that
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    QCOMPARE(answers[0].reply.text, QByteArray{"weir"});
    QVERIFY(sentinel.heard.contains("mymaster"));
    QVERIFY(!sentinel.heard.contains("s3cret"));
    QVERIFY(link.address().startsWith(u"sentinel://127.0.0.1:"_s));
    QVERIFY2(link.address().endsWith(u"/mymaster (now 127.0.0.1:%1)"_s.arg(m_portA)), qPrintable(link.address()));
}

void TestRedisSentinel::theOneThatAnsweredIsAskedFirst()
{
    FakeSentinel first, second;
    first.mood = FakeSentinel::Mood::KnowsNobody;
    second.master = m_portA;
    RedisLink link{parsed(urlOf({first.port(), second.port()})), kPatient};
    QSignalSpy readiness{&link, &RedisLink::readyChanged};
    link.start();
    QTRY_COMPARE_WITH_TIMEOUT(readiness.count(), 1, kPatienceMs);
    for (int reconnects = 1; reconnects <= 3; ++reconnects) {
        m_a.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
        QTRY_COMPARE_WITH_TIMEOUT(readiness.count(), 1 + 2 * reconnects, kPatienceMs);
    }
    QCOMPARE(first.asked, 1);
    QVERIFY(second.asked >= 4);
}

void TestRedisSentinel::theNextOneIsAsked_data()
{
    QTest::addColumn<FakeSentinel::Mood>("mood"); // of the first; the second is down
    QTest::newRow("silent") << FakeSentinel::Mood::IsSilent;
    QTest::newRow("does not know") << FakeSentinel::Mood::KnowsNobody;
    QTest::newRow("wants a password") << FakeSentinel::Mood::WantsPassword;
}

void TestRedisSentinel::theNextOneIsAsked()
{
    QFETCH(const FakeSentinel::Mood, mood);
    FakeSentinel first, third;
    first.mood = mood;
    third.master = m_portA;
    RedisLink link{parsed(urlOf({first.port(), freePort(), third.port()})), kPatient};
    QSignalSpy failures{&link, &RedisLink::failed};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    QCOMPARE(failures.count(), 0);
}

void TestRedisSentinel::nobodyKnows_data()
{
    QTest::addColumn<FakeSentinel::Mood>("mood");
    QTest::addColumn<bool>("needsAPerson");
    QTest::addColumn<QString>("said");
    QTest::newRow("name") << FakeSentinel::Mood::KnowsNobody << true << u"know no master of that name"_s;
    QTest::newRow("password") << FakeSentinel::Mood::WantsPassword << true << u"NOAUTH"_s;
    QTest::newRow("silence") << FakeSentinel::Mood::IsSilent << false << u"no sentinel tells the master"_s;
}

void TestRedisSentinel::nobodyKnows()
{
    QFETCH(const FakeSentinel::Mood, mood);
    QFETCH(const bool, needsAPerson);
    QFETCH(const QString, said);
    m_a.command({"ACL", "SETUSER", "weir", "reset", "on", ">s3cret", "~*", "+@all"});
    FakeSentinel first, third;
    first.mood = third.mood = mood;
    Answers answers;
    RedisLink link{parsed(urlOf({first.port(), freePort(), third.port()}, u"weir:s3cret@"_s)), kPatient};
    QSignalSpy failures{&link, &RedisLink::failed};
    link.start();
    link.call(set("x"), answers.handler());
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 2, kPatienceMs);
    QCOMPARE(link.lastError().code == Error::Code::Configuration, needsAPerson);
    QCOMPARE(link.lastError().transient, !needsAPerson);
    const QString detail = QString::fromStdString(link.lastError().detail);
    QVERIFY2(detail.contains(said), qPrintable(detail));
    QVERIFY2(!detail.contains(u"s3cret"_s), qPrintable(detail));
    QVERIFY(answers.isEachCalledOnce());
    QVERIFY(answers[0].error);
    // One of them learns of a master.
    third.mood = FakeSentinel::Mood::Knows;
    third.master = m_portA;
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
}

// A sentinel may be behind; ROLE tells.
void TestRedisSentinel::aReplicaIsNotTheMaster()
{
    m_b.command({"REPLICAOF", "127.0.0.1", QByteArray::number(m_portA)});
    FakeSentinel sentinel;
    sentinel.master = m_portB;
    RedisLink link{parsed(urlOf({sentinel.port()})), kPatient};
    QSignalSpy failures{&link, &RedisLink::failed};
    QSignalSpy readiness{&link, &RedisLink::readyChanged};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 3, kPatienceMs);
    QCOMPARE(readiness.count(), 0);
    QVERIFY(link.lastError().transient);
    QVERIFY(QString::fromStdString(link.lastError().detail).contains(u"is not the master"_s));
    QVERIFY(sentinel.asked >= 3);
    sentinel.master = m_portA;
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
}

// The user of lua/README.md; a replica would still be noticed by its READONLY.
void TestRedisSentinel::aUserWhoMayNotAskForTheRole()
{
    m_a.command({"ACL", "SETUSER", "weir", "reset", "on", ">s3cret", "~weir:*", "-@all", "+eval", "+ping"});
    FakeSentinel sentinel;
    sentinel.master = m_portA;
    RedisLink link{parsed(urlOf({sentinel.port()}, u"weir:s3cret@"_s)), kPatient};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
}

// Nobody cuts the connection: only READONLY says that the master is somewhere else now.
void TestRedisSentinel::aDemotedMasterIsLeft()
{
    FakeSentinel sentinel;
    sentinel.master = m_portA;
    m_b.command({"REPLICAOF", "127.0.0.1", QByteArray::number(m_portA)});
    QTRY_VERIFY_WITH_TIMEOUT(isReplicaInSync(m_b), kPatienceMs);
    Answers answers;
    RedisLink link{parsed(urlOf({sentinel.port()})), kPatient};
    QSignalSpy readiness{&link, &RedisLink::readyChanged};
    link.start();
    link.call(set("before"), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    m_b.command({"REPLICAOF", "NO", "ONE"});
    m_a.command({"REPLICAOF", "127.0.0.1", QByteArray::number(m_portB)});
    sentinel.master = m_portB;
    for (int i = 0; i < 5; ++i)
        link.call(set("between"), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{6}, kPatienceMs);
    for (std::size_t i = 1; i < 6; ++i) // each has its own refusal: none of them is in doubt
        QVERIFY(answers[i].reply.isError("READONLY"));
    QTRY_COMPARE_WITH_TIMEOUT(readiness.count(), 3, kPatienceMs); // ready, left, ready
    QVERIFY(link.address().contains(QString::number(m_portB)));
    link.call(set("after"), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{7}, kPatienceMs);
    QCOMPARE(m_b.command({"GET", "key"}).text, QByteArray{"after"});
    QVERIFY(answers.isEachCalledOnce());
}

// It lives, and takes writes: only the sentinels know better.
void TestRedisSentinel::aReplacedMasterIsLeft()
{
    FakeSentinel sentinel;
    sentinel.master = m_portA;
    Answers answers;
    RedisLink link{parsed(urlOf({sentinel.port()})), kPatient};
    QSignalSpy readiness{&link, &RedisLink::readyChanged};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(sentinel.asked >= 3, kPatienceMs); // and stays while they say the same
    QCOMPARE(readiness.count(), 1);
    sentinel.mood = FakeSentinel::Mood::WantsPassword;
    const int before = sentinel.asked;
    QTRY_VERIFY_WITH_TIMEOUT(sentinel.heard.count("PING") >= before + 2, kPatienceMs); // or say nothing
    QCOMPARE(readiness.count(), 1);
    sentinel.mood = FakeSentinel::Mood::Knows;
    sentinel.master = m_portB;
    QTRY_COMPARE_WITH_TIMEOUT(readiness.count(), 3, kPatienceMs);
    link.call(set("after"), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    QCOMPARE(m_b.command({"GET", "key"}).text, QByteArray{"after"});
}

// It shakes hands every time and refuses every time: the delays grow nevertheless.
void TestRedisSentinel::aDemotedServerWithoutSentinelsIsNoStorm()
{
    m_b.command({"REPLICAOF", "127.0.0.1", QByteArray::number(m_portA)});
    constexpr LinkOptions kOptions{.callDeadline = 5s, .connectDeadline = 5s, .firstDelay = 10ms, .lastDelay = 80ms};
    constexpr qint64 kLeastMs = 5 + 10 + 20 + 3 * 40; // half of each delay is not left to chance
    RedisLink link{parsed(u"redis://127.0.0.1:%1"_s.arg(m_portB)), kOptions};
    Answers answers;
    QSignalSpy failures{&link, &RedisLink::failed};
    connect(&link, &RedisLink::readyChanged, &link, [&](bool isReady) {
        if (isReady)
            link.call(set("x"), answers.handler());
    });
    QElapsedTimer clock;
    clock.start();
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 7, kPatienceMs);
    QVERIFY2(clock.elapsed() >= kLeastMs, qPrintable(QString::number(clock.elapsed())));
    QVERIFY(QString::fromStdString(link.lastError().detail).contains(u"READONLY"_s));
    m_b.command({"REPLICAOF", "NO", "ONE"});
    const std::size_t refused = answers.answered();
    QTRY_VERIFY_WITH_TIMEOUT(answers.answered() > refused && !answers[answers.answered() - 1].reply.isError(),
                             kPatienceMs);
    QVERIFY(link.isReady());
}

QTEST_GUILESS_MAIN(TestRedisSentinel)
#include "tst_redis_sentinel.moc"

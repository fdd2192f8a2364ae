// SPDX-License-Identifier: GPL-3.0-only
// One connection to a real Redis: order, handshake, deadlines, and back again when it breaks.
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>
#include <QThread>

#include "tests/redis/answer_list.h"
#include "tests/redis/fake_redis.h"
#include "tests/support/free_port.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 10'000;

// Patient where a test is not about deadlines: the machine may be busy.
constexpr LinkOptions kPatient{.callDeadline = 5s, .connectDeadline = 5s, .firstDelay = 5ms, .lastDelay = 40ms};
constexpr LinkOptions kHasty{.callDeadline = 100ms, .connectDeadline = 100ms, .firstDelay = 5ms, .lastDelay = 40ms};

const QByteArray kPing = formatCommand({"PING"});

QByteArray echo(int number)
{
    return formatCommand({"ECHO", QByteArray::number(number)});
}

// The handshake is one PING.
QByteArray answerOf(const QByteArrayList &command)
{
    return command.at(0) == "PING" ? QByteArray{"+PONG\r\n"} : bulk(command.value(1));
}

const char *whatWentWrong(const Answers::Answer &answer)
{
    return answer.error ? answer.error->detail.c_str() : "";
}

} // namespace

class TestRedisLink : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void repliesComeInTheOrderOfTheCalls_data();
    void repliesComeInTheOrderOfTheCalls();
    void callsWaitForTheFirstConnection();
    void noHandlerIsCalledFromInsideCall();
    void handlersMayCallAgain();
    void errorsOfRedisAreReplies();
    void userPasswordAndDatabaseComeFromTheUrl_data();
    void userPasswordAndDatabaseComeFromTheUrl();
    void wrongSecretsAreAConfigurationErrorAndNoStorm_data();
    void wrongSecretsAreAConfigurationErrorAndNoStorm();
    void aHungServerMeansTimeoutForEveryCall();
    void aServerThatGoesOnAnsweringIsThere();
    void aServerThatStopsIsMissedSinceItsLastAnswer();
    void aBusyThreadIsNoSilence_data();
    void aBusyThreadIsNoSilence();
    void aServerThatWasKilledIsFoundAgain();
    void callsFailAtOnceWhileThereIsNobody();
    void tooManyCallsAreShed();
    void destructionCallsNobody();

private:
    [[nodiscard]] QString tcpUrl(const QString &secrets = {}, const QString &path = {}) const
    {
        return QStringLiteral("redis://") + secrets + QStringLiteral("127.0.0.1:") + QString::number(m_port) + path;
    }
    [[nodiscard]] static RedisUrl parsed(const QString &text) { return parseRedisUrl(text).value(); }
    bool startServer()
    {
        return m_redis.start(
            {QStringLiteral("--port"), QString::number(m_port), QStringLiteral("--bind"), QStringLiteral("127.0.0.1")});
    }
    qint64 connectionsSoFar()
    {
        const QByteArray stats = m_redis.command({"INFO", "stats"}).text;
        const QByteArray field = QByteArrayLiteral("total_connections_received:");
        const qsizetype at = stats.indexOf(field) + field.size();
        return stats.mid(at, stats.indexOf('\r', at) - at).toLongLong();
    }

    WarningsFail m_warnings;
    RedisServer m_redis;
    std::uint16_t m_port{freePort()};
};

void TestRedisLink::initTestCase()
{
    m_warnings.listen();
    QVERIFY(m_port != 0);
}

void TestRedisLink::init()
{
    QVERIFY(m_redis.isRunning() || startServer());
    QVERIFY(!m_redis.command({"FLUSHALL"}).isError());
}

void TestRedisLink::repliesComeInTheOrderOfTheCalls_data()
{
    QTest::addColumn<QString>("url");
    QTest::newRow("unix") << m_redis.url();
    QTest::newRow("tcp") << tcpUrl();
}

// Many at once, so that writes and replies are cut wherever the buffers of the sockets end.
void TestRedisLink::repliesComeInTheOrderOfTheCalls()
{
    QFETCH(const QString, url);
    constexpr int kCalls = 20'000;
    LinkOptions options = kPatient;
    options.maxInFlight = kCalls;
    options.callDeadline = 60s; // ten megabytes go both ways, with sanitizers too: this is not about time
    Answers answers;
    RedisLink link{parsed(url), options};
    link.start();
    const QByteArray padding{500, 'x'};
    for (int i = 0; i < kCalls; ++i)
        link.call(formatCommand({"ECHO", QByteArray::number(i) + padding}), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{kCalls}, 60'000);
    QVERIFY(answers.isEachCalledOnce());
    QVERIFY(answers.isInOrder());
    for (int i = 0; i < kCalls; ++i) {
        const auto &answer = answers[static_cast<std::size_t>(i)];
        QVERIFY2(!answer.error, whatWentWrong(answer));
        if (answer.reply.text != QByteArray::number(i) + padding)
            QFAIL(qPrintable(QStringLiteral("call %1 got another call's reply").arg(i)));
    }
}

void TestRedisLink::callsWaitForTheFirstConnection()
{
    Answers answers;
    RedisLink link{parsed(m_redis.url()), kPatient};
    link.start();
    QVERIFY(!link.isReady());
    for (int i = 0; i < 3; ++i)
        link.call(echo(i), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{3}, kPatienceMs);
    for (std::size_t i = 0; i < 3; ++i)
        QCOMPARE(answers[i].reply.text, QByteArray::number(static_cast<int>(i)));
    QVERIFY(link.isReady());
}

void TestRedisLink::noHandlerIsCalledFromInsideCall()
{
    Answers answers;
    RedisLink link{parsed(m_redis.url()), {.maxInFlight = 1}};
    link.call(kPing, answers.handler()); // not started: fails
    QCOMPARE(answers.answered(), std::size_t{0});
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    QCOMPARE(answers[0].error->code, Error::Code::Unavailable);
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    link.call(kPing, answers.handler());
    link.call(kPing, answers.handler()); // one too many
    QCOMPARE(answers.answered(), std::size_t{1});
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{3}, kPatienceMs);
}

void TestRedisLink::handlersMayCallAgain()
{
    RedisLink link{parsed(m_redis.url()), kPatient};
    link.start();
    int rounds = 0;
    std::function<void(Result<Reply>)> again = [&](const Result<Reply> &reply) {
        if (reply && ++rounds < 50)
            link.call(kPing, again);
    };
    link.call(kPing, again);
    QTRY_COMPARE_WITH_TIMEOUT(rounds, 50, kPatienceMs);
}

void TestRedisLink::errorsOfRedisAreReplies()
{
    Answers answers;
    RedisLink link{parsed(m_redis.url()), kPatient};
    link.start();
    link.call(formatCommand({"HGET"}), answers.handler());
    link.call(kPing, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{2}, kPatienceMs);
    QVERIFY(answers[0].reply.isError("ERR wrong number"));
    QCOMPARE(answers[1].reply.text, QByteArray{"PONG"});
    QVERIFY(link.isReady());
}

void TestRedisLink::userPasswordAndDatabaseComeFromTheUrl_data()
{
    QTest::addColumn<QString>("secrets");
    QTest::addColumn<QByteArray>("user");
    QTest::newRow("password") << QStringLiteral(":p%40ss%2F%3A%25@") << QByteArray{"default"};
    QTest::newRow("user") << QStringLiteral("weir:t%C3%B6p@") << QByteArray{"weir"};
    QTest::newRow("user that needs no password") << QStringLiteral("open@") << QByteArray{"open"};
}

void TestRedisLink::userPasswordAndDatabaseComeFromTheUrl()
{
    QFETCH(const QString, secrets);
    m_redis.command({"ACL", "SETUSER", "weir", "reset", "on", ">t\xc3\xb6p", "~*", "+@all"});
    m_redis.command({"ACL", "SETUSER", "open", "reset", "on", "nopass", "~*", "+@all"});
    m_redis.command({"CONFIG", "SET", "requirepass", "p@ss/:%"});
    Answers answers;
    RedisLink link{parsed(tcpUrl(secrets, QStringLiteral("/3"))), kPatient};
    link.start();
    link.call(formatCommand({"ACL", "WHOAMI"}), answers.handler());
    link.call(formatCommand({"SET", "where", "here"}), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{2}, kPatienceMs);
    m_redis.command({"CONFIG", "SET", "requirepass", ""});
    m_redis.command({"SELECT", "3"});
    const QByteArray found = m_redis.command({"GET", "where"}).text;
    m_redis.command({"SELECT", "0"});
    QTEST(answers[0].reply.text, "user");
    QCOMPARE(found, QByteArray{"here"});
}

void TestRedisLink::wrongSecretsAreAConfigurationErrorAndNoStorm_data()
{
    QTest::addColumn<QString>("secrets");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("said");
    QTest::newRow("none") << QString{} << QString{} << QStringLiteral("NOAUTH");
    QTest::newRow("wrong password") << QStringLiteral(":s3cret@") << QString{} << QStringLiteral("WRONGPASS");
    QTest::newRow("unknown user") << QStringLiteral("al1ce:s3cret@") << QString{} << QStringLiteral("WRONGPASS");
    QTest::newRow("no such database") << QStringLiteral(":right@") << QStringLiteral("/9999")
                                      << QStringLiteral("DB index");
}

void TestRedisLink::wrongSecretsAreAConfigurationErrorAndNoStorm()
{
    QFETCH(const QString, secrets);
    QFETCH(const QString, path);
    QFETCH(const QString, said);
    m_redis.command({"CONFIG", "SET", "requirepass", "right"});
    constexpr LinkOptions kOptions{.callDeadline = 5s, .connectDeadline = 5s, .firstDelay = 10ms, .lastDelay = 80ms};
    constexpr int kFailures = 7;
    constexpr qint64 kLeastMs = 5 + 10 + 20 + 3 * 40; // half of each delay is not left to chance
    const qint64 before = connectionsSoFar();
    QElapsedTimer clock;
    clock.start();
    {
        RedisLink link{parsed(tcpUrl(secrets, path)), kOptions};
        QSignalSpy failures{&link, &RedisLink::failed};
        QSignalSpy readiness{&link, &RedisLink::readyChanged};
        link.start();
        QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= kFailures, kPatienceMs);
        const qint64 attempts = connectionsSoFar() - before;
        QVERIFY2(clock.elapsed() >= kLeastMs, qPrintable(QString::number(clock.elapsed())));
        QVERIFY2(attempts >= kFailures && attempts <= failures.count() + 1, qPrintable(QString::number(attempts)));
        QCOMPARE(readiness.count(), 0);
        QCOMPARE(link.lastError().code, Error::Code::Configuration);
        const QString detail = QString::fromStdString(link.lastError().detail);
        QVERIFY2(detail.contains(said), qPrintable(detail));
        QVERIFY(!detail.contains(QStringLiteral("s3cret")));
    }
    m_redis.command({"CONFIG", "SET", "requirepass", ""});
}

void TestRedisLink::aHungServerMeansTimeoutForEveryCall()
{
    Answers answers;
    RedisLink link{parsed(m_redis.url()), kHasty};
    QSignalSpy readiness{&link, &RedisLink::readyChanged};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    m_redis.pause();
    QElapsedTimer clock;
    clock.start();
    for (int i = 0; i < 200; ++i)
        link.call(echo(i), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{200}, kPatienceMs);
    QVERIFY2(clock.elapsed() >= 100, "a call was given up before its deadline");
    QVERIFY(answers.isEachCalledOnce());
    QVERIFY(answers.isInOrder());
    QVERIFY(answers.allFailedWith(Error::Code::Timeout));
    QVERIFY(!link.isReady());
    m_redis.resume();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    // The replies of the calls above went with their connection: this one gets its own.
    Answers after;
    link.call(echo(777), after.handler());
    QTRY_COMPARE_WITH_TIMEOUT(after.answered(), std::size_t{1}, kPatienceMs);
    QCOMPARE(after[0].reply.text, QByteArray{"777"});
    QVERIFY(answers.isEachCalledOnce());
    QCOMPARE(readiness.count(), 3);
}

// Each of them waits behind those before it, which is no silence of the server.
void TestRedisLink::aServerThatGoesOnAnsweringIsThere()
{
    constexpr std::size_t kCalls = 50;
    const FakeRedis redis{answerOf, 30ms};
    LinkOptions options = kHasty;
    options.connectDeadline = 5s;
    Answers answers;
    RedisLink link{parsed(QStringLiteral("redis://127.0.0.1:%1").arg(redis.port())), options};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    for (std::size_t i = 0; i < kCalls; ++i)
        link.call(echo(static_cast<int>(i)), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), kCalls, kPatienceMs);
    for (std::size_t i = 0; i < kCalls; ++i)
        QVERIFY2(!answers[i].error, whatWentWrong(answers[i]));
    QVERIFY(answers.isInOrder() && answers.isEachCalledOnce());
    QVERIFY(link.isReady());
}

void TestRedisLink::aServerThatStopsIsMissedSinceItsLastAnswer()
{
    constexpr std::size_t kAnswers = 10;
    std::size_t echoes = 0;
    QElapsedTimer sinceLast;
    const FakeRedis redis{[&](const QByteArrayList &command) {
                              echoes += command.at(0) == "ECHO" ? 1 : 0;
                              if (echoes <= kAnswers)
                                  sinceLast.start();
                              return echoes <= kAnswers ? answerOf(command) : QByteArray{};
                          },
                          30ms};
    LinkOptions options = kHasty;
    options.connectDeadline = 5s;
    Answers answers;
    RedisLink link{parsed(QStringLiteral("redis://127.0.0.1:%1").arg(redis.port())), options};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    for (int i = 0; i < 50; ++i)
        link.call(echo(i), answers.handler());
    QSignalSpy failures{&link, &RedisLink::failed};
    QVERIFY(failures.wait(kPatienceMs));
    const qint64 silence = sinceLast.elapsed();
    QVERIFY2(silence >= 100 && silence < 1000, qPrintable(QString::number(silence)));
    QCOMPARE(answers.answered(), std::size_t{50});
    for (std::size_t i = 0; i < 50; ++i) {
        QCOMPARE(answers[i].error.has_value(), i >= kAnswers);
        QVERIFY(i < kAnswers || (answers[i].error->code == Error::Code::Timeout && answers[i].error->mayBeDone));
    }
}

void TestRedisLink::aBusyThreadIsNoSilence_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<int>("size");
    for (const auto &[name, size] :
         {std::pair{"what was answered long ago", 10}, {"what could not be written", 4'000'000}}) {
        QTest::addRow("unix, %s", name) << m_redis.url() << size;
        QTest::addRow("tcp, %s", name) << tcpUrl() << size;
    }
}

// The handlers of one link keep the thread for longer than the deadline of the other one, which has sent something and
// does not get to hear the answer, or to send the rest, meanwhile.
void TestRedisLink::aBusyThreadIsNoSilence()
{
    QFETCH(const QString, url);
    QFETCH(const int, size);
    Answers answers;
    LinkOptions options = kHasty;
    options.connectDeadline = 5s;
    RedisLink link{parsed(url), options}, other{parsed(url), kPatient};
    link.start();
    other.start();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady() && other.isReady(), kPatienceMs);
    const QByteArray call = formatCommand({"ECHO", QByteArray(size, 'x')});
    int rounds = 0;
    std::function<void(Result<Reply>)> keepBusy = [&](const Result<Reply> &) {
        if (++rounds > 8)
            return;
        other.call(kPing, keepBusy);
        link.call(call, answers.handler());
        QThread::msleep(150); // at work
    };
    other.call(kPing, keepBusy);
    QTRY_VERIFY_WITH_TIMEOUT(rounds > 8 && answers.answered() == 8, kPatienceMs);
    for (std::size_t i = 0; i < 8; ++i) {
        QVERIFY2(!answers[i].error, whatWentWrong(answers[i]));
        QCOMPARE(answers[i].reply.text.size(), size);
    }
}

void TestRedisLink::aServerThatWasKilledIsFoundAgain()
{
    for (const QString &url : {m_redis.url(), tcpUrl()}) {
        Answers answers;
        RedisLink link{parsed(url), kPatient};
        link.start();
        QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
        m_redis.pause(); // so that the calls are certainly in flight
        for (int i = 0; i < 10; ++i)
            link.call(echo(i), answers.handler());
        m_redis.kill();
        QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{10}, kPatienceMs);
        QVERIFY(answers.isEachCalledOnce());
        QVERIFY(answers.allFailedWith(Error::Code::Unavailable));
        QVERIFY(!link.isReady());
        QVERIFY(startServer());
        QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
        Answers after;
        link.call(kPing, after.handler());
        QTRY_COMPARE_WITH_TIMEOUT(after.answered(), std::size_t{1}, kPatienceMs);
        QCOMPARE(after[0].reply.text, QByteArray{"PONG"});
    }
}

void TestRedisLink::callsFailAtOnceWhileThereIsNobody()
{
    LinkOptions options = kPatient;
    options.firstDelay = options.lastDelay = 1h;
    Answers answers;
    RedisLink link{parsed(QStringLiteral("unix:") + m_redis.folder() + QStringLiteral("/nobody.sock")), options};
    QSignalSpy failures{&link, &RedisLink::failed};
    link.start();
    link.call(kPing, answers.handler()); // waits for the attempt, and fails with it
    QTRY_COMPARE_WITH_TIMEOUT(failures.count(), 1, kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{1}, kPatienceMs);
    link.call(kPing, answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{2}, kPatienceMs);
    QVERIFY(answers.isEachCalledOnce());
    QVERIFY(answers.allFailedWith(Error::Code::Unavailable));
    QCOMPARE(failures.count(), 1); // the calls started no attempt of their own
    QVERIFY(QString::fromStdString(link.lastError().detail).contains(QStringLiteral("nobody.sock")));
}

void TestRedisLink::tooManyCallsAreShed()
{
    LinkOptions options = kPatient;
    options.maxInFlight = 4;
    Answers answers;
    RedisLink link{parsed(m_redis.url()), options};
    link.start();
    for (int round = 0; round < 2; ++round) { // waiting for the connection, then in flight
        const std::size_t base = answers.asked();
        for (int i = 0; i < 6; ++i)
            link.call(echo(i), answers.handler());
        QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), base + 6, kPatienceMs);
        for (std::size_t i = 0; i < 6; ++i) {
            QCOMPARE(answers[base + i].error.has_value(), i >= 4);
            if (i >= 4)
                QCOMPARE(answers[base + i].error->code, Error::Code::Overloaded);
        }
    }
    QVERIFY(answers.isEachCalledOnce());
    QVERIFY(link.isReady());
}

void TestRedisLink::destructionCallsNobody()
{
    Answers answers;
    {
        RedisLink waiting{parsed(m_redis.url()), kPatient};
        waiting.start();
        waiting.call(kPing, answers.handler());
    }
    {
        RedisLink failing{parsed(m_redis.url()), kPatient};
        failing.call(kPing, answers.handler());
    }
    {
        RedisLink busy{parsed(m_redis.url()), kPatient};
        busy.start();
        QTRY_VERIFY_WITH_TIMEOUT(busy.isReady(), kPatienceMs);
        m_redis.pause();
        for (int i = 0; i < 100; ++i)
            busy.call(echo(i), answers.handler());
    }
    m_redis.resume();
    // Whatever was left in a queue is delivered before this link is ready.
    RedisLink other{parsed(m_redis.url()), kPatient};
    other.start();
    QTRY_VERIFY_WITH_TIMEOUT(other.isReady(), kPatienceMs);
    QCOMPARE(answers.answered(), std::size_t{0});
}

QTEST_GUILESS_MAIN(TestRedisLink)
#include "tst_redis_link.moc"

// SPDX-License-Identifier: GPL-3.0-only
// Trouble made on purpose: the link is cut, answers are late; and all is well as soon as it is over.
#include <QElapsedTimer>
#include <QTest>

#include "core/redis/link/redis_link.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 10'000;

} // namespace

class TestLinkFaults : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void init();
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void aCutLinkFailsAndComesBack();
    void lateAnswersComeInTheirOrder();
    void answersThatAreTooLateAreMissedDeadlines();

private:
    // The texts of the answers so far; of an Error its detail.
    void echo(RedisLink &link, int number)
    {
        link.call(formatCommand({"ECHO", QByteArray::number(number)}), [this](const Result<Reply> &result) {
            m_answers += result ? result.value().text : QByteArray::fromStdString(result.error().detail);
        });
    }

    WarningsFail m_warnings;
    RedisServer m_redis;
    LinkFaults m_faults;
    QByteArrayList m_answers;
};

void TestLinkFaults::init()
{
    m_faults.isCut = false;
    m_faults.delayMs = 0;
    m_answers.clear();
}

void TestLinkFaults::aCutLinkFailsAndComesBack()
{
    RedisLink link{parseRedisUrl(m_redis.url()).value(),
                   {.callDeadline = 5s, .firstDelay = 5ms, .lastDelayAway = 20ms, .faults = &m_faults}};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    m_faults.isCut = true;
    echo(link, 1);
    QVERIFY(m_answers.isEmpty()); // never from inside call()
    QTRY_COMPARE_WITH_TIMEOUT(m_answers.size(), 1, kPatienceMs);
    QVERIFY(m_answers.front().contains("cut on purpose"));
    QVERIFY(!link.isReady());
    echo(link, 2); // fails at once, and every attempt to come back as well
    QTRY_COMPARE_WITH_TIMEOUT(m_answers.size(), 2, kPatienceMs);
    QVERIFY(m_answers.back().contains("cut on purpose"));
    m_faults.isCut = false;
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    echo(link, 3);
    QTRY_COMPARE_WITH_TIMEOUT(m_answers.value(2), QByteArray{"3"}, kPatienceMs);
}

void TestLinkFaults::lateAnswersComeInTheirOrder()
{
    RedisLink link{parseRedisUrl(m_redis.url()).value(),
                   {.callDeadline = 5s, .connectDeadline = 5s, .faults = &m_faults}};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    m_faults.delayMs = 150;
    QElapsedTimer clock;
    clock.start();
    echo(link, 1);
    QTRY_COMPARE_WITH_TIMEOUT(m_answers.size(), 1, kPatienceMs);
    QVERIFY(clock.elapsed() >= 150);
    echo(link, 2);
    m_faults.delayMs = 300;
    echo(link, 3);
    m_faults.delayMs = 0; // what comes now waits for those before
    for (int i = 4; i < 50; ++i)
        echo(link, i);
    QTRY_COMPARE_WITH_TIMEOUT(m_answers.size(), 49, kPatienceMs);
    for (int i = 0; i < 49; ++i)
        QCOMPARE(m_answers[i], QByteArray::number(i + 1));
}

void TestLinkFaults::answersThatAreTooLateAreMissedDeadlines()
{
    RedisLink link{
        parseRedisUrl(m_redis.url()).value(),
        {.callDeadline = 100ms, .connectDeadline = 5s, .firstDelay = 5ms, .lastDelayAway = 20ms, .faults = &m_faults}};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    m_faults.delayMs = 1000;
    echo(link, 1);
    QTRY_COMPARE_WITH_TIMEOUT(m_answers.size(), 1, kPatienceMs);
    QVERIFY2(m_answers.front().contains("did not answer within 100 ms"), m_answers.front().constData());
    m_faults.delayMs = 0;
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
}

QTEST_GUILESS_MAIN(TestLinkFaults)
#include "tst_link_faults.moc"

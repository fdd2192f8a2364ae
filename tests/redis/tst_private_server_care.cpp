// SPDX-License-Identifier: GPL-3.0-only
// The private redis-server is looked after: ends, hangs, and harm on purpose.
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

#include "tests/redis/private_redis.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace std::chrono_literals;

class TestPrivateServerCare : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup()
    {
        m_server.reset();
        m_folder.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void killedItIsBackWithItsTokens();
    void anOrderlyEndCounts();
    void itRestsAfterFiveEnds();
    void afterItsRestItIsTriedAgain();
    void aProgramThatIsGoneIsTriedAgain();
    void aHungServerIsKilled();
    void aBusyScriptIsNoHang();
    void suspendedItIsLeftAlone();
    void suspendedItEndsInOrder();
    void suspendedItCrashes();
    void itForgets();
    void whatDoesNotRunCannotBeHarmed();
    void stoppedItStaysDown();

private:
    // A bucket with three tokens, on the disk.
    void startServer(const PrivateServerOptions &options = {})
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_server = std::make_unique<PrivateServer>(m_folder->path(), options);
        m_deaths = std::make_unique<QSignalSpy>(m_server.get(), &PrivateServer::died);
        m_returns = std::make_unique<QSignalSpy>(m_server.get(), &PrivateServer::restarted);
        m_rests = std::make_unique<QSignalSpy>(m_server.get(), &PrivateServer::gaveUp);
        const auto url = started(*m_server);
        QVERIFY(url && *url);
        m_url = url->value();
        QCOMPARE(ask(m_url, {"HSET", "weir:{global}", "tokens", "3"}).integer, std::int64_t{1});
        QVERIFY(isOnDisk(m_url));
    }
    [[nodiscard]] QByteArray tokens() const { return ask(m_url, {"HGET", "weir:{global}", "tokens"}).text; }
    [[nodiscard]] QString lastDeath() const { return m_deaths->last().first().toString(); }
    void signalChild(int number) const { ::kill(static_cast<pid_t>(m_server->processId()), number); }

    WarningsFail m_warnings;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<PrivateServer> m_server;
    std::unique_ptr<QSignalSpy> m_deaths, m_returns, m_rests;
    RedisUrl m_url;
};

void TestPrivateServerCare::killedItIsBackWithItsTokens()
{
    startServer();
    const qint64 first = m_server->processId();
    signalChild(SIGKILL);
    QTRY_COMPARE_WITH_TIMEOUT(m_returns->count(), 1, kPatienceMs);
    QCOMPARE(m_deaths->count(), 1);
    QCOMPARE(lastDeath(), QStringLiteral("the private redis-server ended: killed by signal 9 (Killed)"));
    QVERIFY(m_server->processId() != first);
    QVERIFY(!isRunning(first));
    QCOMPARE(m_server->restarts(), 1);
    QCOMPARE(tokens(), QByteArray{"3"}); // at the address of the first
}

void TestPrivateServerCare::anOrderlyEndCounts()
{
    startServer();
    ask(m_url, {"SHUTDOWN"});
    QTRY_COMPARE_WITH_TIMEOUT(m_returns->count(), 1, kPatienceMs);
    QVERIFY2(lastDeath().contains(QStringLiteral("bye")), qPrintable(lastDeath()));
    QCOMPARE(tokens(), QByteArray{"3"});
}

void TestPrivateServerCare::itRestsAfterFiveEnds()
{
    startServer();
    for (int end = 1; end <= 5; ++end) {
        signalChild(SIGKILL);
        QTRY_COMPARE_WITH_TIMEOUT(m_deaths->count(), end, kPatienceMs);
        QTRY_COMPARE_WITH_TIMEOUT(m_returns->count(), std::min(end, 4), kPatienceMs);
    }
    QCOMPARE(m_rests->count(), 1);
    QCOMPARE(m_rests->first().first().toString(),
             QStringLiteral("the private redis-server ended 5 times within a minute: killed by signal 9 (Killed)"));
    QCOMPARE(m_server->processId(), qint64{0});
    QCOMPARE(m_server->restarts(), 4);

    m_server->restart();
    QTRY_COMPARE_WITH_TIMEOUT(m_returns->count(), 5, kPatienceMs);
    QCOMPARE(tokens(), QByteArray{"3"});
    signalChild(SIGKILL); // its ends are counted anew
    QTRY_COMPARE_WITH_TIMEOUT(m_returns->count(), 6, kPatienceMs);
    QCOMPARE(m_rests->count(), 1);
    m_server->restart(); // which has no effect while it runs
    QCOMPARE(tokens(), QByteArray{"3"});
    QCOMPARE(m_deaths->count(), 6);
}

void TestPrivateServerCare::afterItsRestItIsTriedAgain()
{
    startServer({.restarts = {.maxEnds = 1, .window = 300ms}});
    signalChild(SIGKILL);
    QTRY_COMPARE_WITH_TIMEOUT(m_rests->count(), 1, kPatienceMs);
    QCOMPARE(m_server->processId(), qint64{0});
    QTRY_COMPARE_WITH_TIMEOUT(m_returns->count(), 1, kPatienceMs);
    QCOMPARE(tokens(), QByteArray{"3"});
}

void TestPrivateServerCare::aProgramThatIsGoneIsTriedAgain()
{
    startServer();
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", QFile::encodeName(m_folder->path()));
    signalChild(SIGKILL);
    QTRY_COMPARE_WITH_TIMEOUT(m_deaths->count(), 2, kPatienceMs);
    qputenv("PATH", path);
    QVERIFY2(m_deaths->at(1).first().toString().contains(QStringLiteral("nor valkey-server was found in PATH")),
             qPrintable(lastDeath()));
    QTRY_COMPARE_WITH_TIMEOUT(m_returns->count(), 1, kPatienceMs);
    QCOMPARE(tokens(), QByteArray{"3"});
}

void TestPrivateServerCare::aHungServerIsKilled()
{
    startServer();
    const qint64 first = m_server->processId();
    signalChild(SIGSTOP);
    QTRY_COMPARE_WITH_TIMEOUT(m_returns->count(), 1, kPatienceMs);
    QCOMPARE(lastDeath(), QStringLiteral("the private redis-server ended: it did not answer for 3 s and was killed"));
    QVERIFY(!isRunning(first));
    QCOMPARE(tokens(), QByteArray{"3"});
}

// Twice the hang deadline long.
void TestPrivateServerCare::aBusyScriptIsNoHang()
{
    startServer();
    const QByteArray script =
        "local e = redis.call('TIME')[1] + 7 while redis.call('TIME')[1] + 0 < e do end return 'done'";
    QCOMPARE(ask(m_url, {"EVAL", script, "0"}).text, QByteArray{"done"});
    QCOMPARE(m_deaths->count(), 0);
    QCOMPARE(tokens(), QByteArray{"3"});
}

void TestPrivateServerCare::suspendedItIsLeftAlone()
{
    startServer({.hangDeadline = 1000ms});
    const qint64 first = m_server->processId();
    QVERIFY(m_server->suspend());
    QVERIFY(m_server->isSuspended());
    QVERIFY(!m_deaths->wait(3000)); // three hang deadlines, and nothing happens
    QCOMPARE(m_server->processId(), first);
    QVERIFY(m_server->resume());
    QVERIFY(!m_server->resume());
    QCOMPARE(tokens(), QByteArray{"3"});
    QCOMPARE(m_deaths->count(), 0);
    signalChild(SIGSTOP); // watched again
    QTRY_COMPARE_WITH_TIMEOUT(m_returns->count(), 1, kPatienceMs);
}

void TestPrivateServerCare::suspendedItEndsInOrder()
{
    startServer();
    const qint64 first = m_server->processId();
    QVERIFY(m_server->suspend());
    m_server->stop();
    QVERIFY(!isRunning(first));
    QVERIFY(!QFile::exists(m_url.path)); // which only redis-server itself takes away
    QCOMPARE(m_deaths->count(), 0);
    QVERIFY(started(*m_server));
    QCOMPARE(tokens(), QByteArray{"3"});
}

void TestPrivateServerCare::suspendedItCrashes()
{
    startServer();
    QVERIFY(m_server->suspend());
    QVERIFY(m_server->crash());
    QTRY_COMPARE_WITH_TIMEOUT(m_returns->count(), 1, kPatienceMs);
    QCOMPARE(m_deaths->count(), 1);
    QVERIFY(!m_server->isSuspended());
    QVERIFY(!m_server->resume());
    QCOMPARE(tokens(), QByteArray{"3"});
}

void TestPrivateServerCare::itForgets()
{
    startServer({.hangDeadline = 2000ms});
    std::optional<Result<Done>> outcome;
    const auto forget = [&] {
        outcome.reset();
        m_server->forget([&outcome](Result<Done> result) { outcome = std::move(result); });
        return !outcome && QTest::qWaitFor([&outcome] { return outcome.has_value(); }, kPatienceMs);
    };
    QVERIFY(m_server->suspend());
    QVERIFY(forget());
    QVERIFY(!*outcome); // nobody answers
    QVERIFY(m_server->resume());
    QVERIFY(forget());
    QVERIFY(*outcome);
    QCOMPARE(tokens(), QByteArray{});
    QVERIFY(isOnDisk(m_url));
    QVERIFY(m_server->crash());
    QTRY_COMPARE_WITH_TIMEOUT(m_returns->count(), 1, kPatienceMs);
    QCOMPARE(tokens(), QByteArray{}); // for good
}

void TestPrivateServerCare::whatDoesNotRunCannotBeHarmed()
{
    startServer();
    m_server->stop();
    QVERIFY(!m_server->suspend());
    QVERIFY(!m_server->isSuspended());
    QVERIFY(!m_server->resume());
    QVERIFY(!m_server->crash());
    std::optional<Result<Done>> outcome;
    m_server->forget([&outcome](Result<Done> result) { outcome = std::move(result); });
    QTRY_VERIFY_WITH_TIMEOUT(outcome.has_value(), kPatienceMs);
    QVERIFY(!*outcome);
    m_server->restart(); // stopped is not down
    QCOMPARE(m_server->processId(), qint64{0});
    QCOMPARE(m_deaths->count(), 0);
}

void TestPrivateServerCare::stoppedItStaysDown()
{
    startServer();
    connect(m_server.get(), &PrivateServer::died, m_server.get(), &PrivateServer::stop);
    signalChild(SIGKILL);
    QTRY_COMPARE_WITH_TIMEOUT(m_deaths->count(), 1, kPatienceMs);
    QVERIFY(!m_returns->wait(500)); // it would be back at once
    QCOMPARE(m_server->processId(), qint64{0});
}

QTEST_GUILESS_MAIN(TestPrivateServerCare)
#include "tst_private_server_care.moc"

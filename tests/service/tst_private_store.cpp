// SPDX-License-Identifier: GPL-3.0-only
// Weir whose private redis-server dies, hangs or stays away: always answered, tokens back, nobody left behind.
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

#include "tests/service/private_redis_of.h"
#include "tests/support/busy_clients.h"
#include "tests/support/orphans.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 20'000; // the goal is two seconds; other programs run as well
constexpr auto kStopTimeout = 10s;
constexpr int kClients = 4;

std::optional<RawResponse> get(std::uint16_t port)
{
    RawHttpClient client;
    if (!client.connectTo(port) || !client.sendRequest("GET", "/"))
        return std::nullopt;
    return client.readResponse();
}

} // namespace

class TestPrivateStore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void cleanup()
    {
        m_weir.reset();
        QTRY_VERIFY_WITH_TIMEOUT(m_orphans.alive().empty(), kPatienceMs);
        WEIR_NO_WARNINGS(m_warnings);
    }

    void killedTheTokensAreBack();
    void killedUnderLoadEverybodyIsAnswered();
    void hungUnderLoadEverybodyIsAnswered();
    void bothAsleepNobodyIsKilled();
    void killedFiveTimesItStaysDown();
    void brokenFilesAreNoObstacle();
    void weirEndsWhileItHangs();
    void weirIsKilledWhileItHangs();
    void weirEndsWhileItIsDown();

private:
    // No interval passes during a test: it is a leap year long.
    void start()
    {
        m_weir = std::make_unique<WeirProcess>();
        QVERIFY2(m_weir->start(words("serve --capacity 1000000 --refill 1 --every 366d --on-store-failure reject")
                               + QStringList{QStringLiteral("--data-dir"), m_folder->path()}),
                 m_weir->errors());
    }
    [[nodiscard]] int child() const
    {
        const auto pids = m_weir->childPids();
        return pids.empty() ? 0 : pids.front();
    }
    // Asked again and again, each answer once: a comparison that asks twice may see two answers.
    [[nodiscard]] bool comesTo(int status) const
    {
        return QTest::qWaitFor(
            [this, status] {
                const auto response = get(m_weir->port());
                return response && response->status == status;
            },
            kPatienceMs);
    }
    // Waits until another one decides; says how long that took.
    void decidesAgain(int killed, const QElapsedTimer &since)
    {
        QVERIFY(QTest::qWaitFor(
            [this] {
                const auto response = get(m_weir->port());
                return response && response->status == 200 && !response->hasHeader("weir-decided-by");
            },
            kPatienceMs));
        qInfo("decided by the store again after %lld ms", static_cast<long long>(since.elapsed()));
        QVERIFY(child() != killed && child() != 0);
        QVERIFY(!WeirProcess::isAlive(killed));
    }
    void everybodyWasAnswered(const Tally &tally)
    {
        qInfo("%lld admitted, %lld refused, %lld other answers", static_cast<long long>(tally.admitted),
              static_cast<long long>(tally.refused), static_cast<long long>(tally.other));
        QCOMPARE(tally.unanswered, std::int64_t{0});
        QCOMPARE(tally.cutShort, std::int64_t{0});
        QVERIFY(tally.admitted > 0);
    }
    [[nodiscard]] std::int64_t field(const char *name) const
    {
        const PrivateRedis redis{m_folder->path()};
        Fields fields;
        for (const char *stored : {"limit", "state", "admitted", "refused"})
            fields.emplace_back(stored, redis.ask(QByteArray{"HGET weir:{global} "} + stored));
        return valueOf(spelledOut(fields), name).toLongLong();
    }

    WarningsFail m_warnings;
    Orphans m_orphans;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<WeirProcess> m_weir;
};

void TestPrivateStore::killedTheTokensAreBack()
{
    start();
    for (int i = 0; i < 10; ++i)
        QCOMPARE(get(m_weir->port())->status, 200);
    QVERIFY(PrivateRedis{m_folder->path()}.isOnDisk(kPatienceMs));
    QCOMPARE(field("tokens"), std::int64_t{999'990});
    const int killed = child();
    QElapsedTimer since;
    since.start();
    ::kill(killed, SIGKILL);
    decidesAgain(killed, since);
    QVERIFY(field("tokens") < 999'990);
    QCOMPARE(field("admitted") + field("tokens"), std::int64_t{1'000'000}); // and its whole history
    QVERIFY2(m_weir->errors().contains("the private redis-server ended: killed by signal 9"), m_weir->errors());
    QCOMPARE(m_weir->stop(kStopTimeout), 0);
}

void TestPrivateStore::killedUnderLoadEverybodyIsAnswered()
{
    start();
    BusyClients clients{m_weir->port(), kClients};
    QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 1000, kPatienceMs);
    QVERIFY(PrivateRedis{m_folder->path()}.isOnDisk(kPatienceMs));
    const std::int64_t before = field("tokens");
    QVERIFY(before < 1'000'000);
    const int killed = child();
    QElapsedTimer since;
    since.start();
    ::kill(killed, SIGKILL);
    decidesAgain(killed, since);
    everybodyWasAnswered(clients.stop());
    QVERIFY(field("tokens") < before); // no take that was on the disk is forgotten
    QCOMPARE(m_weir->stop(kStopTimeout), 0);
}

void TestPrivateStore::hungUnderLoadEverybodyIsAnswered()
{
    start();
    BusyClients clients{m_weir->port(), kClients};
    QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 1000, kPatienceMs);
    const int hung = child();
    QElapsedTimer since;
    since.start();
    ::kill(hung, SIGSTOP);
    QVERIFY(comesTo(503));
    decidesAgain(hung, since);
    everybodyWasAnswered(clients.stop());
    QVERIFY2(m_weir->errors().contains("did not answer for 3 s and was killed"), m_weir->errors());
    QCOMPARE(m_weir->stop(kStopTimeout), 0);
}

// As a suspended machine, or one that is starved: the silence is not the server's fault.
void TestPrivateStore::bothAsleepNobodyIsKilled()
{
    start();
    const int pid = child();
    ::kill(pid, SIGSTOP);
    QVERIFY(comesTo(503));
    QTest::qWait(1500); // the watch asks once a second: now it waits for an answer
    m_weir->signal(SIGSTOP);
    QTest::qWait(4000); // longer than the hang deadline, which is what has to pass
    m_weir->signal(SIGCONT);
    QTest::qWait(1000); // the server wakes up later, but not by the deadline
    ::kill(pid, SIGCONT);
    QVERIFY(comesTo(200));
    QTest::qWait(1500); // a verdict that was on its way has come
    QCOMPARE(child(), pid);
    QVERIFY2(!m_weir->errors().contains("ended"), m_weir->errors());
    QCOMPARE(m_weir->stop(kStopTimeout), 0);
}

void TestPrivateStore::killedFiveTimesItStaysDown()
{
    start();
    BusyClients clients{m_weir->port(), kClients};
    QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 100, kPatienceMs);
    int last = 0;
    for (int i = 0; i < 5; ++i) {
        QTRY_VERIFY_WITH_TIMEOUT(child() != 0 && child() != last, kPatienceMs);
        // Only one that answers has been started again; before that it is the same start.
        QTRY_COMPARE_WITH_TIMEOUT(PrivateRedis{m_folder->path()}.ask("PING"), QByteArray{"+PONG"}, kPatienceMs);
        last = child();
        ::kill(last, SIGKILL);
        QTRY_VERIFY_WITH_TIMEOUT(child() != last, kPatienceMs);
    }
    QTRY_VERIFY_WITH_TIMEOUT(m_weir->errors().contains("the private redis-server ended 5 times within a minute: "),
                             kPatienceMs);
    QCOMPARE(child(), 0);
    const auto response = get(m_weir->port());
    QVERIFY(response);
    QCOMPARE(response->status, 503); // the policy goes on deciding
    everybodyWasAnswered(clients.stop());
    QCOMPARE(m_weir->errors().count("ended 5 times"), 1);
    QCOMPARE(m_weir->stop(kStopTimeout), 0);
}

void TestPrivateStore::brokenFilesAreNoObstacle()
{
    start();
    QCOMPARE(m_weir->stop(kStopTimeout), 0);
    QFile manifest{m_folder->filePath(QStringLiteral("redis/appendonlydir/appendonly.aof.manifest"))};
    QVERIFY(manifest.open(QIODevice::WriteOnly));
    manifest.write("this is no manifest\n");
    manifest.close();
    start();
    QCOMPARE(get(m_weir->port())->status, 200);
    const QByteArray said = m_weir->errors();
    QVERIFY2(said.contains("were moved to " + m_folder->path().toUtf8() + "/redis/appendonlydir.broken-"), said);
    QCOMPARE(m_weir->stop(kStopTimeout), 0);
}

void TestPrivateStore::weirEndsWhileItHangs()
{
    start();
    QCOMPARE(get(m_weir->port())->status, 200);
    const int hung = child();
    ::kill(hung, SIGSTOP);
    QCOMPARE(m_weir->stop(kStopTimeout), 0);
    QVERIFY(!WeirProcess::isAlive(hung));
    start();
    QCOMPARE(get(m_weir->port())->status, 200);
    QCOMPARE(field("tokens"), std::int64_t{999'998});
    QCOMPARE(m_weir->stop(kStopTimeout), 0);
}

void TestPrivateStore::weirIsKilledWhileItHangs()
{
    start();
    const int hung = child();
    ::kill(hung, SIGSTOP);
    m_weir->kill();
    QTRY_VERIFY_WITH_TIMEOUT(!WeirProcess::isAlive(hung), kPatienceMs);
}

void TestPrivateStore::weirEndsWhileItIsDown()
{
    start();
    const int first = child();
    for (int i = 0; i < 3; ++i) { // into the back-off
        QTRY_VERIFY_WITH_TIMEOUT(child() != 0, kPatienceMs);
        const int killed = child();
        ::kill(killed, SIGKILL);
        QTRY_VERIFY_WITH_TIMEOUT(child() != killed, kPatienceMs);
    }
    QCOMPARE(m_weir->stop(kStopTimeout), 0);
    QVERIFY(!WeirProcess::isAlive(first));
}

QTEST_GUILESS_MAIN(TestPrivateStore)
#include "tst_private_store.moc"

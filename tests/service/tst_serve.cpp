// SPDX-License-Identifier: GPL-3.0-only
// weir serve: says when it is ready, and ends in order however it is ended.
#include <QDir>
#include <QTest>

#include <csignal>

#include "tests/support/busy_clients.h"
#include "tests/support/orphans.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 10'000;
constexpr auto kStopTimeout = 10s;
constexpr int kClients = 8;

int statusOf(std::uint16_t port, const QByteArray &host = QByteArrayLiteral("127.0.0.1"))
{
    RawHttpClient client;
    if (!client.connectTo(port, host) || !client.sendRequest("GET", "/"))
        return -1;
    const auto response = client.readResponse();
    return response ? response->status : -1;
}

QByteArray deciderOf(std::uint16_t port)
{
    RawHttpClient client;
    if (!client.connectTo(port) || !client.sendRequest("GET", "/"))
        return {};
    const auto response = client.readResponse();
    return response ? response->header("weir-decided-by") : QByteArray{};
}

bool hasIpv6Loopback()
{
    QFile addresses{QStringLiteral("/proc/net/if_inet6")};
    return addresses.open(QIODevice::ReadOnly) && addresses.readAll().contains("00000000000000000000000000000001");
}

} // namespace

class TestServe : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup()
    {
        QTRY_VERIFY_WITH_TIMEOUT(m_orphans.alive().empty(), kPatienceMs);
        WEIR_NO_WARNINGS(m_warnings);
    }

    void theFirstLineIsWhereItListens();
    void everyAddressAnswersFromOneBucket();
    void aSignalDrains_data();
    void aSignalDrains();
    void anIdleConnectionDoesNotHoldItUp();
    void withoutClientsItEndsAtOnce();
    void itEndsInOrderWhenItsRedisIsGone();
    void sigkillLeavesNoOrphan();

private:
    WarningsFail m_warnings;
    Orphans m_orphans;
};

void TestServe::theFirstLineIsWhereItListens()
{
    WeirProcess weir;
    QVERIFY2(weir.start(words("serve")), weir.errors());
    QVERIFY(weir.port() != 0);
    QCOMPARE(weir.output(), "listening on http://127.0.0.1:" + QByteArray::number(weir.port()) + '\n');
    QCOMPARE(statusOf(weir.port()), 200);
    QCOMPARE(weir.stop(kStopTimeout), 0);
    QCOMPARE(weir.output().count('\n'), 1); // the log is on stderr
}

void TestServe::everyAddressAnswersFromOneBucket()
{
    QStringList arguments = words("serve --every 366d --listen 127.0.0.1:0 --listen 127.0.0.2:0");
    QByteArrayList hosts{"127.0.0.1", "127.0.0.2"};
    if (hasIpv6Loopback()) {
        arguments += words("--listen [::1]:0");
        hosts << "::1";
    }
    WeirProcess weir;
    QVERIFY2(weir.start(arguments), weir.errors());
    QTRY_COMPARE_WITH_TIMEOUT(weir.output().count('\n'), hosts.size(), kPatienceMs);
    const QByteArrayList lines = weir.output().trimmed().split('\n');
    for (qsizetype i = 0; i < 6; ++i) {
        const QByteArray &line = lines.at(i % hosts.size());
        const auto port = line.mid(line.lastIndexOf(':') + 1).toUShort();
        QCOMPARE(statusOf(port, hosts.at(i % hosts.size())), i < 5 ? 200 : 429);
    }
    QCOMPARE(weir.stop(kStopTimeout), 0);
}

void TestServe::aSignalDrains_data()
{
    QTest::addColumn<int>("number");
    QTest::newRow("SIGTERM") << SIGTERM;
    QTest::newRow("SIGINT") << SIGINT;
}

// No answer is cut: a client sees whole answers, the last of which says that it is the last.
void TestServe::aSignalDrains()
{
    QFETCH(const int, number);
    WeirProcess weir;
    QVERIFY2(weir.start(words("serve --capacity 1000000 --threads 2")), weir.errors());
    const std::vector<int> children = weir.childPids();
    QCOMPARE(children.size(), std::size_t{1});
    QVERIFY(WeirProcess::isAlive(children.front()));
    BusyClients clients{weir.port(), kClients};
    QTRY_VERIFY_WITH_TIMEOUT(clients.answers() >= 100 * kClients, kPatienceMs);
    weir.signal(number);
    const Tally tally = clients.wait();
    QCOMPARE(weir.waitForExit(kStopTimeout), 0);
    QVERIFY2(!WeirProcess::isAlive(children.front()), "redis-server is left");
    qInfo("%lld answers, %lld of them the last, %lld requests met a closed connection",
          static_cast<long long>(tally.answers()), static_cast<long long>(tally.closings),
          static_cast<long long>(tally.unanswered));
    QCOMPARE(tally.cutShort, std::int64_t{0});
    QCOMPARE(tally.other, std::int64_t{0});
    QCOMPARE(tally.closings + tally.unanswered, std::int64_t{kClients});
    QVERIFY(tally.closings > 0);
    QCOMPARE(weir.errors(), QByteArray{});
}

void TestServe::anIdleConnectionDoesNotHoldItUp()
{
    WeirProcess weir;
    QVERIFY2(weir.start(words("serve")), weir.errors());
    RawHttpClient silent, half;
    QVERIFY(silent.connectTo(weir.port()));
    QVERIFY(half.connectTo(weir.port()));
    QVERIFY(half.send("GET / HTTP/1.1\r\nHos"));
    QCOMPARE(statusOf(weir.port()), 200);
    QCOMPARE(weir.stop(kStopTimeout), 0);
    QCOMPARE(silent.readUntilClosed(), std::optional{QByteArray{}});
    QVERIFY(half.readUntilClosed());
}

void TestServe::withoutClientsItEndsAtOnce()
{
    WeirProcess weir;
    QVERIFY2(weir.start(words("serve")), weir.errors());
    QCOMPARE(weir.stop(kStopTimeout), 0);
    QCOMPARE(statusOf(weir.port()), -1);
    QCOMPARE(weir.errors(), QByteArray{});
}

void TestServe::itEndsInOrderWhenItsRedisIsGone()
{
    WeirProcess weir;
    QVERIFY2(weir.start(words("serve")), weir.errors());
    QCOMPARE(statusOf(weir.port()), 200);
    const std::vector<int> children = weir.childPids();
    QCOMPARE(children.size(), std::size_t{1});
    ::kill(children.front(), SIGKILL);
    QTRY_COMPARE_WITH_TIMEOUT(deciderOf(weir.port()), QByteArray{"local"}, kPatienceMs);
    QVERIFY(weir.isRunning());
    QCOMPARE(weir.stop(kStopTimeout), 0);
}

void TestServe::sigkillLeavesNoOrphan()
{
    WeirProcess weir;
    QVERIFY2(weir.start(words("serve")), weir.errors());
    QCOMPARE(statusOf(weir.port()), 200);
    const std::vector<int> children = weir.childPids();
    QCOMPARE(children.size(), std::size_t{1});
    weir.signal(SIGKILL);
    QCOMPARE(weir.waitForExit(kStopTimeout), 128 + SIGKILL);
    QTRY_VERIFY_WITH_TIMEOUT(!WeirProcess::isAlive(children.front()), kPatienceMs);
}

QTEST_GUILESS_MAIN(TestServe)
#include "tst_serve.moc"

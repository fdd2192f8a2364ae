// SPDX-License-Identifier: GPL-3.0-only
// Clients that want more than their share: what they send is not held, what they do not read ends them.
#include <QFile>
#include <QStandardPaths>
#include <QTest>

#include <memory>
#include <vector>

#include "tests/support/orphans.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"
#include "tests/support/raw_http_client.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 20'000;
constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;
constexpr qsizetype k40MiB = 40 * kMiB;

const QByteArray kRequest = QByteArrayLiteral("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
const QByteArray kStart = QByteArrayLiteral("POST / HTTP/1.1\r\nHost: a\r\n");

} // namespace

class TestGreedyClients : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init();
    void cleanup();

    void whatIsTooLongIsNotHeld_data();
    void whatIsTooLongIsNotHeld();
    void aBodyThatIsAllowedIsNotHeldEither();
    void whoNeverReadsIsCut();
    void slowHeadsAreCheap();
    void aFullHouseIsLeftAndEnteredAgain();

private:
    [[nodiscard]] int statusOfHonest() const;
    [[nodiscard]] std::int64_t grown() const { return m_weir->residentBytes() - m_before; }

    Orphans m_orphans;
    WarningsFail m_warnings;
    std::optional<WeirProcess> m_weir;
    std::int64_t m_before{0};
};

void TestGreedyClients::init()
{
    m_weir.emplace();
    QVERIFY(m_weir->start(words("serve --threads 1 --capacity 1000000 --refill 1000000 --every 1h")));
    RawHttpClient warm; // what the first requests allocate is no growth
    QVERIFY(warm.connectTo(m_weir->port()));
    for (int i = 0; i < 200; ++i) {
        QVERIFY(warm.send(kRequest));
        QVERIFY(warm.readResponse());
    }
    m_before = m_weir->residentBytes();
    QVERIFY(m_before > 0);
}

void TestGreedyClients::cleanup()
{
    if (m_weir && m_weir->isRunning())
        QCOMPARE(m_weir->stop(), 0);
    m_weir.reset();
    QVERIFY(m_orphans.alive().empty());
    WEIR_NO_WARNINGS(m_warnings);
}

int TestGreedyClients::statusOfHonest() const
{
    RawHttpClient client;
    if (!client.connectTo(m_weir->port()) || !client.send(kRequest))
        return 0;
    const auto response = client.readResponse();
    return response ? response->status : 0;
}

void TestGreedyClients::whatIsTooLongIsNotHeld_data()
{
    QTest::addColumn<QByteArray>("start");
    QTest::addColumn<QByteArray>("repeated");
    QTest::addColumn<int>("status");
    const QByteArray block(64 * kKiB, 'x');
    QTest::newRow("a body as announced") << (kStart + "Content-Length: 41943040\r\n\r\n") << block << 413;
    QTest::newRow("a body in one chunk") << (kStart + "Transfer-Encoding: chunked\r\n\r\n2800000\r\n") << block << 413;
    QTest::newRow("a body in chunks") << (kStart + "Transfer-Encoding: chunked\r\n\r\n")
                                      << ("10000\r\n" + block + "\r\n") << 413;
    QTest::newRow("a trailer") << (kStart + "Transfer-Encoding: chunked\r\n\r\n0\r\n") << ("X: " + block + "\r\n")
                               << 431;
    QTest::newRow("a field") << (kStart + "X: ") << block << 431;
    QTest::newRow("fields") << kStart << QByteArray{"X: y\r\n"}.repeated(10'000) << 431;
    QTest::newRow("a target") << QByteArray{"GET /"} << block << 414;
}

// All of it is sent, whatever the server says; the answer is there all the same.
void TestGreedyClients::whatIsTooLongIsNotHeld()
{
    QFETCH(QByteArray, start);
    QFETCH(QByteArray, repeated);
    QFETCH(int, status);
    RawHttpClient client;
    QVERIFY(client.connectTo(m_weir->port()));
    QVERIFY(client.send(start));
    std::int64_t most = 0;
    for (qsizetype sent = 0; sent < k40MiB; sent += repeated.size()) {
        QVERIFY2(client.send(repeated), qPrintable(client.error()));
        most = std::max(most, grown());
    }
    const auto response = client.readResponse();
    QVERIFY2(response, qPrintable(client.error()));
    QCOMPARE(response->status, status);
    QCOMPARE(client.readUntilClosed(), QByteArray{});
    QVERIFY2(most < 2 * kMiB, QByteArray::number(static_cast<qlonglong>(most)).constData());
    QCOMPARE(statusOfHonest(), 200);
}

void TestGreedyClients::aBodyThatIsAllowedIsNotHeldEither()
{
    std::vector<std::unique_ptr<RawHttpClient>> clients;
    const QByteArray request = kStart + "Content-Length: 1048576\r\n\r\n" + QByteArray(kMiB - 1, 'x');
    for (int i = 0; i < 50; ++i) {
        clients.push_back(std::make_unique<RawHttpClient>());
        QVERIFY(clients.back()->connectTo(m_weir->port()));
        QVERIFY(clients.back()->send(request)); // all but the last byte
    }
    QCOMPARE(statusOfHonest(), 200);
    const std::int64_t most = grown();
    QVERIFY2(most < 2 * kMiB, QByteArray::number(static_cast<qlonglong>(most)).constData());
    for (const auto &client : clients) {
        QVERIFY(client->send("x"));
        QCOMPARE(client->readResponse()->status, 200);
    }
}

void TestGreedyClients::whoNeverReadsIsCut()
{
    RawHttpClient client{1000ms};
    QVERIFY(client.connectTo(m_weir->port()));
    const QByteArray many = kRequest.repeated(100);
    std::int64_t most = 0;
    for (int i = 0; i < 100 && client.send(many); ++i) // 10,000 requests, unless it is cut meanwhile
        most = std::max(most, grown());
    QTRY_VERIFY_WITH_TIMEOUT(!client.send(kRequest), kPatienceMs);
    QVERIFY2(most < kMiB, QByteArray::number(static_cast<qlonglong>(most)).constData());
    QCOMPARE(statusOfHonest(), 200);
}

void TestGreedyClients::slowHeadsAreCheap()
{
    constexpr int kClients = 1000;
    std::vector<std::unique_ptr<RawHttpClient>> clients;
    for (int i = 0; i < kClients; ++i) {
        clients.push_back(std::make_unique<RawHttpClient>());
        QVERIFY2(clients.back()->connectTo(m_weir->port()), qPrintable(clients.back()->error()));
        QVERIFY(clients.back()->send(kStart + "X-Slow: " + QByteArray(i % 100, 'a')));
    }
    QCOMPARE(statusOfHonest(), 200);
    const std::int64_t each = grown() / kClients;
    QVERIFY2(each < 25 * kKiB, QByteArray::number(static_cast<qlonglong>(each)).constData());
    QVERIFY(clients.front()->send("\r\n\r\n"));
    QCOMPARE(clients.front()->readResponse()->status, 200);
}

void TestGreedyClients::aFullHouseIsLeftAndEnteredAgain()
{
    if (QStandardPaths::findExecutable(QStringLiteral("prlimit")).isEmpty())
        QSKIP("prlimit is not there to lower the descriptor limit");
    QCOMPARE(m_weir->stop(), 0);
    m_weir.emplace();
    m_weir->setWrapper(words("prlimit --nofile=64:64"));
    QVERIFY(m_weir->start(words("serve --threads 1 --capacity 1000000 --refill 1000000 --every 1h")));
    std::vector<std::unique_ptr<RawHttpClient>> clients;
    int turnedAway = 0;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(std::make_unique<RawHttpClient>());
        QVERIFY(clients.back()->connectTo(m_weir->port()));
    }
    for (const auto &client : clients) {
        client->send(kRequest);
        const auto response = client->readResponse();
        turnedAway += response && response->status == 503 ? 1 : 0;
    }
    QVERIFY2(turnedAway >= 130, QByteArray::number(turnedAway).constData());
    QCOMPARE(statusOfHonest(), 503);
    clients.clear();
    QTRY_COMPARE_WITH_TIMEOUT(statusOfHonest(), 200, kPatienceMs);
}

QTEST_GUILESS_MAIN(TestGreedyClients)
#include "tst_greedy_clients.moc"

// SPDX-License-Identifier: GPL-3.0-only
// What the owner says about the front holds at the port: every limit, and whom a trusted proxy speaks for.
#include <QTest>

#include "tests/http/running_service.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr limit::LimitSpec kLarge{1'000'000, 1'000'000, Micros{3600s}, limit::StartLevel::Full};
constexpr int kPatienceMs = 10'000;
constexpr auto kPolicy = config::StoreFailurePolicy::Reject;

const QByteArray kGet = "GET / HTTP/1.1\r\nHost: a\r\n";
const QByteArray kPost = "POST / HTTP/1.1\r\nHost: a\r\n";

Network network(std::string_view text)
{
    return std::get<Network>(parseNetwork(text));
}

std::optional<int> statusOf(std::uint16_t port, const QByteArray &bytes)
{
    RawHttpClient client;
    if (!client.connectTo(port) || !client.send(bytes))
        return std::nullopt;
    const auto response = client.readResponse();
    return response ? std::optional{response->status} : std::nullopt;
}

} // namespace

class TestFrontOptions : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void sizesHold();
    void timesHold();
    void connectionsHold();
    void unreadHolds();
    void theClientIsWhomTheProxyNames_data();
    void theClientIsWhomTheProxyNames();

private:
    WarningsFail m_warnings;
    RedisServer m_redis;
};

void TestFrontOptions::sizesHold()
{
    const RunningService service{m_redis, kLarge, 1, kPolicy, [](config::Config &config) {
                                     config.http.maxUrlBytes = 300;
                                     config.http.maxHeaderBytes = 400;
                                     config.http.maxHeaderFields = 5;
                                     config.http.maxBodyBytes = 10;
                                 }};
    const auto url = [](int bytes) { return "GET /" + QByteArray(bytes - 1, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"; };
    QCOMPARE(statusOf(service.port(), url(300)), 404);
    QCOMPARE(statusOf(service.port(), url(301)), 414);
    const auto fields = [](int bytes) { return kGet + "X: " + QByteArray(bytes - 14, 'x') + "\r\n\r\n"; };
    QCOMPARE(statusOf(service.port(), fields(400)), 200);
    QCOMPARE(statusOf(service.port(), fields(401)), 431);
    QCOMPARE(statusOf(service.port(), kGet + QByteArray{"X: y\r\n"}.repeated(4) + "\r\n"), 200);
    QCOMPARE(statusOf(service.port(), kGet + QByteArray{"X: y\r\n"}.repeated(5) + "\r\n"), 431);
    QCOMPARE(statusOf(service.port(), kPost + "Content-Length: 10\r\n\r\n0123456789"), 200);
    QCOMPARE(statusOf(service.port(), kPost + "Content-Length: 11\r\n\r\n"), 413);
    QCOMPARE(statusOf(service.port(), kPost + "Transfer-Encoding: chunked\r\n\r\nb\r\n"), 413);
}

void TestFrontOptions::timesHold()
{
    const RunningService service{m_redis, kLarge, 1, kPolicy, [](config::Config &config) {
                                     config.http.headerTimeout = 100ms;
                                     config.http.bodyTimeout = 100ms;
                                     config.http.idleTimeout = 100ms;
                                 }};
    QCOMPARE(statusOf(service.port(), kGet), 408);
    QCOMPARE(statusOf(service.port(), kPost + "Content-Length: 10\r\n\r\n01234"), 408);
    QCOMPARE(statusOf(service.port(), kPost + "Transfer-Encoding: chunked\r\n\r\n5\r\n01"), 408);
    RawHttpClient idle;
    QVERIFY(idle.connectTo(service.port()));
    QCOMPARE(idle.readUntilClosed(), QByteArray{});
}

void TestFrontOptions::connectionsHold()
{
    const RunningService service{m_redis, kLarge, 2, kPolicy,
                                 [](config::Config &config) { config.http.maxConnections = 1; }};
    RawHttpClient first;
    QVERIFY(first.connectTo(service.port()));
    QVERIFY(first.send(kGet + "\r\n"));
    QCOMPARE(first.readResponse()->status, 200);
    QCOMPARE(statusOf(service.port(), kGet + "\r\n"), 503);
    first.close();
    // Asked once more after the first 200, as QTRY_COMPARE does, the house might be full of the one before.
    QVERIFY(QTest::qWaitFor([&] { return statusOf(service.port(), kGet + "\r\n") == 200; }, kPatienceMs));
}

// The rest of what a client asks for is lost to it, not held for it.
void TestFrontOptions::unreadHolds()
{
    RunningService service{m_redis, kLarge, 1, kPolicy,
                           [](config::Config &config) { config.http.maxUnreadBytes = 65'536; }};
    RawHttpClient greedy{1000ms};
    QVERIFY(greedy.connectTo(service.port()));
    greedy.send((kGet + "\r\n").repeated(10'000));
    using Reason = telemetry::TurnAwayReason;
    QTRY_COMPARE_WITH_TIMEOUT(service->status().totals.turnedAway(Reason::Unread), std::int64_t{1}, kPatienceMs);
}

void TestFrontOptions::theClientIsWhomTheProxyNames_data()
{
    QTest::addColumn<QByteArray>("trusted");
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<QByteArray>("client");
    const QByteArray loopback = "127.0.0.0/8";
    QTest::newRow("nobody is trusted") << QByteArray{} << QByteArray{"X-Forwarded-For: 192.0.2.1\r\n"}
                                       << QByteArray{"127.0.0.1"};
    QTest::newRow("another is trusted") << QByteArray{"192.0.2.0/24"} << QByteArray{"X-Forwarded-For: 192.0.2.1\r\n"}
                                        << QByteArray{"127.0.0.1"};
    QTest::newRow("no field") << loopback << QByteArray{} << QByteArray{"127.0.0.1"};
    QTest::newRow("one hop") << loopback << QByteArray{"X-Forwarded-For: 192.0.2.1\r\n"} << QByteArray{"192.0.2.1"};
    QTest::newRow("what the client made up is left of it")
        << loopback << QByteArray{"X-Forwarded-For: 10.0.0.1, 192.0.2.1\r\n"} << QByteArray{"192.0.2.1"};
    QTest::newRow("two fields are one list")
        << loopback << QByteArray{"X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 192.0.2.1, 127.0.0.9\r\n"}
        << QByteArray{"192.0.2.1"};
    QTest::newRow("another field is ignored")
        << loopback << QByteArray{"Forwarded: for=192.0.2.2\r\nX-Forwarded-For: 192.0.2.1\r\nX-Real-IP: x\r\n"}
        << QByteArray{"192.0.2.1"};
    QTest::newRow("mapped") << loopback << QByteArray{"X-Forwarded-For: ::ffff:192.0.2.1\r\n"}
                            << QByteArray{"192.0.2.1"};
    QTest::newRow("garbage") << loopback << QByteArray{"X-Forwarded-For: 192.0.2.1, <script>\r\n"}
                             << QByteArray{"127.0.0.1"};
}

void TestFrontOptions::theClientIsWhomTheProxyNames()
{
    QFETCH(QByteArray, trusted);
    QFETCH(QByteArray, fields);
    QFETCH(QByteArray, client);
    RunningService service{m_redis, kLarge, 1, kPolicy, [&trusted](config::Config &config) {
                               if (!trusted.isEmpty())
                                   config.trustedProxies.push_back(network(trusted.toStdString()));
                           }};
    RawHttpClient proxy; // one connection for many clients: nothing stays from one request to the next
    QVERIFY(proxy.connectTo(service.port()));
    QVERIFY(proxy.send(kGet + fields + "\r\n" + kGet + "\r\n"));
    QCOMPARE(proxy.readResponse()->status, 200);
    QCOMPARE(proxy.readResponse()->status, 200);
    const auto records = service->takeRequests();
    QCOMPARE(records.size(), std::size_t{2});
    QCOMPARE(std::string{records[0].client.view()}, client.toStdString());
    QCOMPARE(std::string{records[1].client.view()}, std::string{"127.0.0.1"});
}

QTEST_GUILESS_MAIN(TestFrontOptions)
#include "tst_front_options.moc"

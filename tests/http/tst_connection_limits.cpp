// SPDX-License-Identifier: GPL-3.0-only
// Too many connections and too slow requests: told why and closed, while honest clients are served.
#include <QElapsedTimer>
#include <QTest>

#include <limits>
#include <memory>
#include <vector>

#include <sys/resource.h>

#include "core/http/server_pool.h"
#include "core/redis/store/redis_store.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

const QByteArray kRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

// Two workers with limits of the test's choice.
class Pool {
public:
    Pool(const RedisServer &redis, const config::HttpLimits &limits, std::chrono::milliseconds storeDelay = 0ms)
        : m_pool{limits}
    {
        m_faults.delayMs = storeDelay.count();
        std::vector<telemetry::WorkerBoard *> boards{&m_boards[0], &m_boards[1]};
        auto group = http::openListenGroup({"127.0.0.1", 0}, 2);
        if (!group)
            qFatal("%s", group.error().detail.c_str());
        m_port = group.value().address().port;
        std::vector<http::ListenGroup> groups;
        groups.push_back(std::move(group).value());
        const auto url = redis::parseRedisUrl(redis.url()).value();
        config::LimitEntry entry;
        entry.spec = {1'000'000, 1, Micros{1h}, limit::StartLevel::Full};
        const auto policies = std::make_shared<engine::Policies>();
        policies->limit = {entry.name, entry.spec, 1};
        policies->limits = {policies->limit};
        policies->book = std::make_shared<const engine::LimitBook>(config::LimitSet{.limits = {entry}});
        const auto started = m_pool.start(
            std::move(groups),
            [this, url] {
                return std::make_unique<redis::RedisStore>(
                    url, redis::LinkOptions{.callDeadline = 10s, .connectDeadline = 10s, .faults = &m_faults});
            },
            policies, m_table, boards);
        if (!started)
            qFatal("%s", started.error().detail.c_str());
    }

    [[nodiscard]] std::uint16_t port() const { return m_port; }
    [[nodiscard]] telemetry::Totals totals() const
    {
        telemetry::Totals sum = m_boards[0].telemetry.totals();
        sum.add(m_boards[1].telemetry.totals());
        return sum;
    }

private:
    redis::LinkFaults m_faults;
    telemetry::WorkerBoard m_boards[2];
    engine::BucketTable m_table;
    http::ServerPool m_pool;
    std::uint16_t m_port{0};
};

IpAddress address(std::string_view text)
{
    return parseIpAddress(text).value();
}

int statusOf(const Pool &pool)
{
    RawHttpClient client;
    if (!client.connectTo(pool.port()) || !client.send(kRequest))
        return 0;
    const auto response = client.readResponse();
    return response ? response->status : 0;
}

} // namespace

class TestConnectionLimits : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void theDoorClosesAndOpensAgain();
    void loopbackIsExemptFromTheLimitPerAddress();
    void othersAreCountedByAddress();
    void halfAHeadIsWaitedForSoLong();
    void halfABodyIsWaitedForSoLong();
    void whoWaitsForAnswersIsNotLate();
    void whoWaitsToGoOnIsNotLate();
    void idleConnectionsAreClosed();
    void idleIsSinceTheLastAnswer();
    void aKeptConnectionTellsForHowLong();
    void aShortOneTellsNothing();
    void longHeadsTogetherAreBounded();
    void whoSendsIsNotIdle();
    void aLongPipelineIsAnsweredInOrder_data();
    void aLongPipelineIsAnsweredInOrder();
    void whoNeverReadsIsCut();
    void theDescriptorLimitCounts();

private:
    WarningsFail m_warnings;
    RedisServer m_redis;
};

void TestConnectionLimits::theDoorClosesAndOpensAgain()
{
    const Pool pool{m_redis, {.maxConnections = 10}};
    std::vector<std::unique_ptr<RawHttpClient>> clients;
    for (int i = 0; i < 10; ++i) {
        clients.push_back(std::make_unique<RawHttpClient>());
        QVERIFY(clients.back()->connectTo(pool.port()));
        QVERIFY(clients.back()->send(kRequest));
        QCOMPARE(clients.back()->readResponse()->status, 200);
    }
    for (int i = 0; i < 5; ++i) {
        RawHttpClient late;
        QVERIFY(late.connectTo(pool.port()));
        const auto response = late.readResponse();
        QVERIFY2(response, "no answer at the door");
        QCOMPARE(response->status, 503);
        QCOMPARE(response->header("content-type"), QByteArray{"application/problem+json"});
    }
    QCOMPARE(pool.totals().turnedAway(), std::int64_t{5});
    // Those inside are served all the same.
    QVERIFY(clients.front()->send(kRequest));
    QCOMPARE(clients.front()->readResponse()->status, 200);
    clients.clear();
    QTRY_COMPARE_WITH_TIMEOUT(statusOf(pool), 200, 5000);
}

void TestConnectionLimits::loopbackIsExemptFromTheLimitPerAddress()
{
    const Pool pool{m_redis, {.maxConnectionsPerAddress = 1}};
    RawHttpClient first;
    QVERIFY(first.connectTo(pool.port()));
    QVERIFY(first.send(kRequest));
    QCOMPARE(first.readResponse()->status, 200);
    QCOMPARE(statusOf(pool), 200);
}

void TestConnectionLimits::othersAreCountedByAddress()
{
    http::ConnectionCensus census{{.maxConnections = 5, .maxConnectionsPerAddress = 2}};
    QVERIFY(census.enter(address("192.0.2.1")));
    QVERIFY(census.enter(address("192.0.2.1")));
    QVERIFY(!census.enter(address("192.0.2.1")));
    QVERIFY(census.enter(address("192.0.2.2")));
    census.leave(address("192.0.2.1"));
    QVERIFY(census.enter(address("192.0.2.1")));
    QVERIFY(census.enter(address("127.0.0.1")));
    QVERIFY(census.enter(address("::1")));
    QVERIFY(!census.enter(address("192.0.2.3"))); // five are in
    census.leave(address("::1"));
    QVERIFY(census.enter(address("192.0.2.3")));
}

void TestConnectionLimits::halfAHeadIsWaitedForSoLong()
{
    const Pool pool{m_redis, {.headerTimeout = 100ms}};
    RawHttpClient slow;
    QVERIFY(slow.connectTo(pool.port()));
    QVERIFY(slow.send("GET / HTTP/1.1\r\nHost: a\r\nX: "));
    const auto response = slow.readResponse();
    QVERIFY2(response, "no answer");
    QCOMPARE(response->status, 408);
    QCOMPARE(slow.readUntilClosed(), QByteArray{});
}

void TestConnectionLimits::halfABodyIsWaitedForSoLong()
{
    const Pool pool{m_redis, {.bodyTimeout = 100ms}};
    RawHttpClient slow;
    QVERIFY(slow.connectTo(pool.port()));
    QVERIFY(slow.send(kRequest + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"));
    QCOMPARE(slow.readResponse()->status, 200);
    const auto response = slow.readResponse();
    QVERIFY2(response, "no answer");
    QCOMPARE(response->status, 408);
}

// The end of a head has come, and lies here unread because so much of everybody waits for an answer.
void TestConnectionLimits::whoWaitsForAnswersIsNotLate()
{
    const Pool pool{m_redis, {.headerTimeout = 300ms}, 1500ms};
    RawHttpClient client;
    QVERIFY(client.connectTo(pool.port()));
    QVERIFY(client.send(kRequest));
    QVERIFY(client.readResponse()); // the link is there
    QVERIFY(client.send(kRequest + kRequest.chopped(10)));
    std::vector<std::unique_ptr<RawHttpClient>> crowd;
    for (int i = 0; i < 100; ++i) {
        crowd.push_back(std::make_unique<RawHttpClient>(20s));
        QVERIFY(crowd.back()->connectTo(pool.port()));
        QVERIFY(crowd.back()->send(kRequest.repeated(64)));
    }
    for (int i = 0; i < 20;
         ++i) { // each is answered in a later turn of one of the workers: they have read the others by then
        RawHttpClient browser;
        QVERIFY(browser.connectTo(pool.port()) && browser.sendRequest("GET", "/favicon.ico"));
        QCOMPARE(browser.readResponse()->status, 200);
    }
    QVERIFY(client.send(kRequest.right(10)));
    for (int i = 0; i < 2; ++i) {
        const auto response = client.readResponse();
        QVERIFY2(response, qPrintable(client.error()));
        QCOMPARE(response->status, 200);
    }
    for (const auto &other : crowd)
        for (int i = 0; i < 64; ++i) {
            const auto response = other->readResponse();
            QVERIFY2(response, qPrintable(other->error()));
            QCOMPARE(response->status, 200);
        }
    QCOMPARE(pool.totals().turnedAway(), std::int64_t{0});
}

// The body is not sent before it is asked for, which is not done before the answers that come first.
void TestConnectionLimits::whoWaitsToGoOnIsNotLate()
{
    const Pool pool{m_redis, {.bodyTimeout = 600ms}, 1500ms};
    RawHttpClient client;
    QVERIFY(client.connectTo(pool.port()));
    QVERIFY(client.send(kRequest + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"));
    QCOMPARE(client.readResponse()->status, 200);
    const auto goOn = client.readResponse();
    QVERIFY2(goOn, qPrintable(client.error()));
    QCOMPARE(goOn->status, 100);
    QVERIFY(client.send("x"));
    QCOMPARE(client.readResponse()->status, 200);
    QCOMPARE(pool.totals().turnedAway(), std::int64_t{0});
}

void TestConnectionLimits::idleConnectionsAreClosed()
{
    const Pool pool{m_redis, {.idleTimeout = 100ms}};
    RawHttpClient fresh;
    QVERIFY(fresh.connectTo(pool.port()));
    QCOMPARE(fresh.readUntilClosed(), QByteArray{});
    RawHttpClient kept;
    QVERIFY(kept.connectTo(pool.port()));
    QVERIFY(kept.send(kRequest));
    QCOMPARE(kept.readResponse()->status, 200);
    QCOMPARE(kept.readUntilClosed(), QByteArray{});
    QCOMPARE(pool.totals().turnedAway(), std::int64_t{0});
}

void TestConnectionLimits::idleIsSinceTheLastAnswer()
{
    const Pool pool{m_redis, {.idleTimeout = 1000ms}, 1500ms};
    RawHttpClient client;
    QVERIFY(client.connectTo(pool.port()));
    QVERIFY(client.send(kRequest));
    QCOMPARE(client.readResponse()->status, 200);
    QElapsedTimer clock;
    clock.start();
    QCOMPARE(client.readUntilClosed(), QByteArray{});
    QVERIFY2(clock.elapsed() >= 900, qPrintable(QString::number(clock.elapsed())));
}

// A client that goes by what it is told gives the connection up a second before it is closed: none of its requests is reset.
void TestConnectionLimits::aKeptConnectionTellsForHowLong()
{
    const Pool pool{m_redis, {.idleTimeout = 2500ms}};
    RawHttpClient client;
    QVERIFY(client.connectTo(pool.port()));
    QVERIFY(client.send(kRequest));
    const auto kept = client.readResponse();
    QCOMPARE(kept->header("keep-alive"), QByteArray{"timeout=1"});
    QCOMPARE(kept->header("connection"), QByteArray{"keep-alive"});
    QElapsedTimer clock;
    clock.start();
    QCOMPARE(client.readUntilClosed(), QByteArray{});
    QVERIFY2(clock.elapsed() >= 2000, qPrintable(QString::number(clock.elapsed())));

    QVERIFY(client.connectTo(pool.port()));
    QVERIFY(client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    const auto last = client.readResponse();
    QCOMPARE(last->header("connection"), QByteArray{"close"});
    QVERIFY(!last->hasHeader("keep-alive"));
}

// Whole seconds, and one of them to spare: there is nothing to be told.
void TestConnectionLimits::aShortOneTellsNothing()
{
    const Pool pool{m_redis, {.idleTimeout = 1999ms}};
    RawHttpClient client;
    QVERIFY(client.connectTo(pool.port()));
    QVERIFY(client.send(kRequest));
    const auto kept = client.readResponse();
    QVERIFY(kept->status == 200 && !kept->hasHeader("keep-alive"));
}

// 10,000 of them may not have what one may: 64 MiB in all, then those that grow go, and others are served.
void TestConnectionLimits::longHeadsTogetherAreBounded()
{
    const Pool pool{m_redis, {.maxHeaderBytes = 196'608, .headerTimeout = 60s}};
    constexpr int kClients = 360, kFieldBytes = 39'000, kFields = 5; // 195,000 bytes each, 70 MB together
    std::vector<std::unique_ptr<RawHttpClient>> clients;
    const QByteArray field = "X: " + QByteArray(kFieldBytes - 5, 'x') + "\r\n";
    for (int i = 0; i < kClients; ++i) {
        clients.push_back(std::make_unique<RawHttpClient>());
        QVERIFY(clients.back()->connectTo(pool.port()));
        (void)clients.back()->send("GET / HTTP/1.1\r\nHost: a\r\n" + field.repeated(kFields)); // it may be gone by then
    }
    QTRY_VERIFY_WITH_TIMEOUT(pool.totals().turnedAway(telemetry::TurnAwayReason::TooMany) > 0, 10'000);
    QVERIFY(pool.totals().turnedAway(telemetry::TurnAwayReason::TooMany) < kClients / 4);
    RawHttpClient honest;
    QVERIFY(honest.connectTo(pool.port()));
    QVERIFY(honest.send(kRequest));
    QCOMPARE(honest.readResponse()->status, 200);
    QVERIFY(clients.front()->send("\r\n")); // whoever was there before goes on
    QCOMPARE(clients.front()->readResponse()->status, 200);
    const std::int64_t turnedAway = pool.totals().turnedAway(telemetry::TurnAwayReason::TooMany);
    clients.clear(); // and all of it is given back
    for (int i = 0; i < 20; ++i) {
        RawHttpClient next;
        QVERIFY(next.connectTo(pool.port()));
        QVERIFY(next.send("GET / HTTP/1.1\r\nHost: a\r\n" + field.repeated(kFields)));
        QVERIFY(next.send("\r\n"));
        QCOMPARE(next.readResponse()->status, 200);
    }
    QCOMPARE(pool.totals().turnedAway(telemetry::TurnAwayReason::TooMany), turnedAway);
}

void TestConnectionLimits::whoSendsIsNotIdle()
{
    const Pool pool{m_redis, {.idleTimeout = 1000ms}};
    RawHttpClient busy;
    QVERIFY(busy.connectTo(pool.port()));
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < 1600) { // longer than the limit in all, never so long in between
        QVERIFY(busy.send(kRequest));
        const auto response = busy.readResponse();
        QVERIFY(response);
        QCOMPARE(response->status, 200);
    }
}

void TestConnectionLimits::aLongPipelineIsAnsweredInOrder_data()
{
    QTest::addColumn<bool>("halfCloses");
    QTest::newRow("of a client that stays") << false;
    QTest::newRow("of a client that has ended its half") << true;
}

void TestConnectionLimits::aLongPipelineIsAnsweredInOrder()
{
    QFETCH(bool, halfCloses);
    const Pool pool{m_redis, {}};
    RawHttpClient client;
    QVERIFY(client.connectTo(pool.port()));
    constexpr int kRequests = 500;
    QVERIFY(client.send(kRequest.repeated(kRequests)));
    if (halfCloses)
        client.halfClose();
    std::int64_t last = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < kRequests; ++i) {
        const auto response = client.readResponse();
        QVERIFY(response);
        QCOMPARE(response->status, 200);
        const QByteArray left = response->header("ratelimit").split(';').value(1).mid(2);
        QVERIFY(left.toLongLong() < last);
        last = left.toLongLong();
    }
    if (halfCloses)
        QCOMPARE(client.readUntilClosed(), QByteArray{});
}

void TestConnectionLimits::whoNeverReadsIsCut()
{
    const Pool pool{m_redis, {}};
    RawHttpClient greedy;
    QVERIFY(greedy.connectTo(pool.port()));
    greedy.send(kRequest.repeated(10'000)); // fails half way, at the latest when it is cut
    QTRY_COMPARE_WITH_TIMEOUT(pool.totals().turnedAway(telemetry::TurnAwayReason::Unread), std::int64_t{1}, 20'000);
    QCOMPARE(statusOf(pool), 200);
}

void TestConnectionLimits::theDescriptorLimitCounts()
{
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit small = before;
    small.rlim_cur = 256;
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &small), 0);
    const int fitted = http::fittedToDescriptors({}).maxConnections;
    ::setrlimit(RLIMIT_NOFILE, &before);
    QCOMPARE(fitted, 256 - 64);
    QCOMPARE(http::fittedToDescriptors({.maxConnections = 3}).maxConnections, 3);
}

QTEST_GUILESS_MAIN(TestConnectionLimits)
#include "tst_connection_limits.moc"

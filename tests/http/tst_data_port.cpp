// SPDX-License-Identifier: GPL-3.0-only
// The data port over real sockets: every answer of the contract, in order, to clients good and bad.
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include "tests/http/running_service.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr limit::LimitSpec kHourly{5, 5, Micros{3600s}, limit::StartLevel::Full};
constexpr limit::LimitSpec kLarge{1'000'000, 1'000'000, Micros{3600s}, limit::StartLevel::Full};
const QByteArray kGreeting = R"({"message":"Congrats, your request was succesfull!"})";

QJsonObject json(const QByteArray &body)
{
    return QJsonDocument::fromJson(body).object();
}

// By the server's clock, which is the one that decides.
Micros redisNow(RedisServer &redis)
{
    const RespValue time = redis.command({"TIME"});
    return Micros{time.items[0].text.toLongLong() * 1'000'000 + time.items[1].text.toLongLong()};
}

std::int64_t secondsToNextHour(Micros now)
{
    const Micros left = 3600s - now % 3600s;
    return (left.count() + 999'999) / 1'000'000;
}

} // namespace

class TestDataPort : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void init() { m_redis.command({"FLUSHALL"}); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void fiveGreetingsThenA429();
    void otherPathsCostATokenToo();
    void otherMethods();
    void theFaviconCostsNothing();
    void headHasTheHeaderAndNoBody();
    void connectionCloseIsHonoured();
    void http10();
    void theWindowIsThatOfTheRefillInWholeSeconds();
    void pipelinedAnswersComeInOrder();
    void requestsMayComeByteByByte();
    void bodiesAreReadOver();
    void aBodyMayWaitForContinue();
    void whatIsOwedComesBeforeA400();
    void aBadRequestIsToldWhy_data();
    void aBadRequestIsToldWhy();
    void clientsMayLeaveAtAnyTime();
    void aChangeHoldsForTheNextRequest();
    void fillAndEmpty();
    void countsAreThoseOfTheClient();
    void requestsAreRecorded();

private:
    WarningsFail m_warnings;
    RedisServer m_redis;
};

void TestDataPort::fiveGreetingsThenA429()
{
    RunningService service{m_redis, kHourly};
    RawHttpClient client;
    QVERIFY(client.connectTo(service.port()));
    for (int left = 4; left >= 0; --left) {
        QVERIFY(client.sendRequest("GET", "/"));
        const auto response = client.readResponse();
        QVERIFY(response);
        QCOMPARE(response->statusLine, QByteArray{"HTTP/1.1 200 OK"});
        QCOMPARE(response->body, kGreeting);
        QCOMPARE(response->header("content-type"), QByteArray{"application/json"});
        QCOMPARE(response->header("ratelimit-policy"), QByteArray{"\"global\";q=5;w=3600"});
        QVERIFY(response->header("ratelimit").startsWith("\"global\";r=" + QByteArray::number(left) + ";t="));
        QVERIFY(!response->hasHeader("retry-after"));
    }
    const std::int64_t before = secondsToNextHour(redisNow(m_redis));
    QVERIFY(client.sendRequest("GET", "/"));
    const auto refused = client.readResponse();
    const std::int64_t after = secondsToNextHour(redisNow(m_redis));
    QVERIFY(refused);
    QCOMPARE(refused->statusLine, QByteArray{"HTTP/1.1 429 Too Many Requests"});
    QCOMPARE(refused->header("content-type"), QByteArray{"application/problem+json"});
    QCOMPARE(refused->header("cache-control"), QByteArray{"no-store"});
    QCOMPARE(refused->header("ratelimit-policy"), QByteArray{"\"global\";q=5;w=3600"});
    const std::int64_t retryAfter = refused->header("retry-after").toLongLong();
    QVERIFY2(retryAfter <= before && retryAfter >= after, "Retry-After is not true to the second");
    QCOMPARE(refused->header("ratelimit"), "\"global\";r=0;t=" + QByteArray::number(qint64{retryAfter}));
    const QJsonObject problem = json(refused->body);
    QCOMPARE(problem["type"_L1].toString(),
             QStringLiteral("https://iana.org/assignments/http-problem-types#quota-exceeded"));
    QCOMPARE(problem["status"_L1].toInt(), 429);
    QVERIFY(!problem["title"_L1].toString().isEmpty());
    QCOMPARE(problem["retry_after"_L1].toInteger(), qint64{retryAfter});
    QCOMPARE(problem["detail"_L1].toString(),
             QStringLiteral("The bucket is empty; the next token comes in %1 s.").arg(retryAfter));
    QCOMPARE(problem["violated-policies"_L1].toVariant().toStringList(), QStringList{QStringLiteral("global")});
}

void TestDataPort::otherPathsCostATokenToo()
{
    RunningService service{m_redis, kHourly};
    const auto missing = service.get("/orders?id=7");
    QVERIFY(missing);
    QCOMPARE(missing->status, 404);
    QCOMPARE(missing->header("content-type"), QByteArray{"application/problem+json"});
    QVERIFY(missing->header("ratelimit").startsWith("\"global\";r=4;"));
    const auto found = service.get("/?x=1");
    QCOMPARE(found->status, 200);
    QVERIFY(found->header("ratelimit").startsWith("\"global\";r=3;"));
}

void TestDataPort::otherMethods()
{
    RunningService service{m_redis, kHourly};
    RawHttpClient client;
    QVERIFY(client.connectTo(service.port()));
    QVERIFY(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"));
    const auto post = client.readResponse();
    QCOMPARE(post->status, 200);
    QVERIFY(client.sendRequest("TRACE", "/"));
    const auto trace = client.readResponse();
    QVERIFY(trace);
    QCOMPARE(trace->status, 405);
    QCOMPARE(trace->header("allow"), QByteArray{"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"});
    QVERIFY(client.sendRequest("OPTIONS", "/"));
    const auto options = client.readResponse(true);
    QCOMPARE(options->status, 204);
    QVERIFY(client.sendRequest("GET", "/"));
    const auto get = client.readResponse();
    QCOMPARE(get->status, 200);
    QVERIFY(get->header("ratelimit").startsWith("\"global\";r=1;"));
}

void TestDataPort::theFaviconCostsNothing()
{
    RunningService service{m_redis, kHourly};
    for (int i = 0; i < 10; ++i) {
        const auto icon = service.get("/favicon.ico");
        QCOMPARE(icon->status, 200);
        QCOMPARE(icon->header("content-type"), QByteArray{"image/svg+xml"});
        QVERIFY(!icon->hasHeader("ratelimit"));
    }
    QVERIFY(service.get()->header("ratelimit").startsWith("\"global\";r=4;"));
}

void TestDataPort::headHasTheHeaderAndNoBody()
{
    RunningService service{m_redis, kHourly};
    RawHttpClient client;
    QVERIFY(client.connectTo(service.port()));
    for (const char *target : {"/", "/missing", "/favicon.ico"}) {
        QVERIFY(client.sendRequest("HEAD", target));
        const auto head = client.readResponse(true);
        QVERIFY(head);
        QVERIFY(head->header("content-length").toInt() > 0);
    }
    // A body after one of them would stand in front of this answer.
    QVERIFY(client.sendRequest("GET", "/"));
    const auto get = client.readResponse();
    QCOMPARE(get->statusLine, QByteArray{"HTTP/1.1 200 OK"});
    QCOMPARE(get->body, kGreeting);
}

void TestDataPort::connectionCloseIsHonoured()
{
    RunningService service{m_redis, kHourly};
    RawHttpClient client;
    QVERIFY(client.connectTo(service.port()));
    QVERIFY(client.sendRequest("GET", "/", "Connection: close\r\n"));
    const auto all = client.readUntilClosed();
    QVERIFY2(all, "the connection stays open");
    QVERIFY(all->startsWith("HTTP/1.1 200 OK\r\n"));
    QVERIFY(all->contains("\r\nConnection: close\r\n"));
    QVERIFY(all->endsWith(kGreeting));
}

void TestDataPort::http10()
{
    RunningService service{m_redis, kHourly};
    RawHttpClient client;
    QVERIFY(client.connectTo(service.port()));
    QVERIFY(client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    const auto kept = client.readResponse();
    QCOMPARE(kept->header("connection"), QByteArray{"keep-alive"});
    QVERIFY(client.send("GET / HTTP/1.0\r\n\r\n"));
    const auto last = client.readUntilClosed();
    QVERIFY2(last, "the connection stays open");
    QVERIFY(last->endsWith(kGreeting));
}

void TestDataPort::theWindowIsThatOfTheRefillInWholeSeconds()
{
    const auto policyOf = [this](const limit::LimitSpec &spec) {
        m_redis.command({"FLUSHALL"});
        return RunningService{m_redis, spec}.get()->header("ratelimit-policy");
    };
    const auto full = limit::StartLevel::Full;
    QCOMPARE(policyOf({60, 5, Micros{2'000'000}, full}), QByteArray{"\"global\";q=60;w=24"});
    QCOMPARE(policyOf({20, 15, Micros{60'000'000}, full}), QByteArray{"\"global\";q=15;w=60"}); // what 60 s bring
    QCOMPARE(policyOf({5, 5, Micros{1'500'000}, full}), QByteArray{"\"global\";q=5;w=2"});
    QCOMPARE(policyOf({5, 5, Micros{10'000}, full}),
             QByteArray{"\"global\";q=5"}); // a second would be 100 times too long
}

void TestDataPort::pipelinedAnswersComeInOrder()
{
    RunningService service{m_redis, kLarge};
    RawHttpClient client;
    QVERIFY(client.connectTo(service.port()));
    // The icon is answered at once, the others after a round trip to Redis: it must wait for them.
    QByteArray requests;
    for (int i = 0; i < 60; ++i)
        requests += "GET "
                    + QByteArray{i % 3 == 0   ? "/favicon.ico"
                                 : i % 3 == 1 ? "/"
                                              : "/missing"}
                    + " HTTP/1.1\r\nHost: a\r\n\r\n";
    QVERIFY(client.send(requests));
    std::int64_t left = kLarge.capacity;
    for (int i = 0; i < 60; ++i) {
        const auto response = client.readResponse();
        QVERIFY(response);
        QCOMPARE(response->status, i % 3 == 2 ? 404 : 200);
        QCOMPARE(response->header("content-type"), QByteArray{i % 3 == 0   ? "image/svg+xml"
                                                              : i % 3 == 1 ? "application/json"
                                                                           : "application/problem+json"});
        if (i % 3 != 0)
            QVERIFY(
                response->header("ratelimit").startsWith("\"global\";r=" + QByteArray::number(qint64{--left}) + ";"));
    }
}

void TestDataPort::requestsMayComeByteByByte()
{
    RunningService service{m_redis, kLarge};
    RawHttpClient client;
    QVERIFY(client.connectTo(service.port()));
    const QByteArray two =
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const char byte : two)
        QVERIFY(client.send(QByteArray{1, byte}));
    QCOMPARE(client.readResponse()->status, 404);
    QCOMPARE(client.readResponse()->status, 200);
}

void TestDataPort::bodiesAreReadOver()
{
    RunningService service{m_redis, kLarge};
    RawHttpClient client;
    QVERIFY(client.connectTo(service.port()));
    const QByteArray body(1024 * 1024, 'b');
    QVERIFY(client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + body
                        + "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    QCOMPARE(client.readResponse()->status, 404);
    QCOMPARE(client.readResponse()->status, 200);
}

void TestDataPort::aBodyMayWaitForContinue()
{
    RunningService service{m_redis, kLarge};
    RawHttpClient client;
    QVERIFY(client.connectTo(service.port()));
    QVERIFY(client.send("POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
    QCOMPARE(client.readResponse(true)->status, 100);
    QVERIFY(client.send("abc"));
    QCOMPARE(client.readResponse()->status, 404);
}

void TestDataPort::whatIsOwedComesBeforeA400()
{
    RunningService service{m_redis, kLarge};
    RawHttpClient client;
    QVERIFY(client.connectTo(service.port()));
    const QByteArray good = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    QVERIFY(client.send(good + good + "GET / HTTP/1.1\r\nHost : a\r\n\r\n" + good));
    QCOMPARE(client.readResponse()->status, 200);
    QCOMPARE(client.readResponse()->status, 200);
    QCOMPARE(client.readResponse()->status, 400);
    QCOMPARE(client.readUntilClosed(), QByteArray{});
}

void TestDataPort::aBadRequestIsToldWhy_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("status");
    QTest::newRow("no host") << QByteArray{"GET / HTTP/1.1\r\n\r\n"} << 400;
    QTest::newRow("smuggled length")
        << QByteArray{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4x\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n"}
        << 400;
    QTest::newRow("bad chunk")
        << QByteArray{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n"} << 400;
    QTest::newRow("https") << QByteArray{"GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n"} << 421;
    QTest::newRow("long header") << ("GET / HTTP/1.1\r\nHost: a\r\nX: " + QByteArray(200'000, 'x') + "\r\n\r\n") << 431;
    QTest::newRow("long body") << ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n"
                                   + QByteArray(400'000, 'x'))
                               << 413;
    QTest::newRow("HTTP/3.0") << QByteArray{"GET / HTTP/3.0\r\nHost: a\r\n\r\n"} << 505;
    QTest::newRow("websocket")
        << QByteArray{"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"} << 501;
    QTest::newRow("a bad line, no end of the head") << QByteArray{"PING\r\n"} << 400;
    QTest::newRow("not HTTP") << QByteArray{"hello\r\n\r\n"} << 400;
}

void TestDataPort::aBadRequestIsToldWhy()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, status);
    RunningService service{m_redis, kHourly};
    RawHttpClient client;
    QVERIFY(client.connectTo(service.port()));
    client.send(bytes); // the server may have heard enough before the end
    const auto response = client.readResponse();
    QVERIFY2(response, "no answer arrived");
    QCOMPARE(response->status, status);
    QCOMPARE(response->header("content-type"), QByteArray{"application/problem+json"});
    QVERIFY(!json(response->body)["detail"_L1].toString().isEmpty());
    QCOMPARE(client.readUntilClosed(), QByteArray{});
    // The next one is served, and the bad one cost nothing.
    QVERIFY(service.get()->header("ratelimit").startsWith("\"global\";r=4;"));
    QCOMPARE(service->status().totals.turnedAway(), std::int64_t{1});
}

void TestDataPort::clientsMayLeaveAtAnyTime()
{
    RunningService service{m_redis, kLarge};
    for (int i = 0; i < 200; ++i) {
        RawHttpClient client;
        QVERIFY(client.connectTo(service.port()));
        const QByteArray request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        QVERIFY(client.send(request.repeated(1 + i % 5).left(request.size() * (1 + i % 5) - i % 7)));
        i % 2 == 0 ? client.abort() : client.close();
    }
    QCOMPARE(service.get()->status, 200);
    QTRY_VERIFY_WITH_TIMEOUT(service->status().totals.connections <= 1, 5000);
}

void TestDataPort::aChangeHoldsForTheNextRequest()
{
    RunningService service{m_redis, kHourly, 4};
    for (int round = 1; round <= 20; ++round) {
        const limit::Tokens capacity = 100 + round;
        QVERIFY(service.change({capacity, 1, Micros{3600s}, limit::StartLevel::Full}, limit::TokenMode::Refill));
        // New connections land on any of the four workers.
        for (int i = 1; i <= 8; ++i) {
            const auto response = service.get();
            QCOMPARE(response->header("ratelimit-policy"), "\"global\";q=" + QByteArray::number(qint64{capacity})
                                                               + ";w=" + QByteArray::number(qint64{capacity} * 3600));
            QVERIFY(response->header("ratelimit")
                        .startsWith("\"global\";r=" + QByteArray::number(qint64{capacity - i}) + ";"));
        }
    }
}

void TestDataPort::fillAndEmpty()
{
    RunningService service{m_redis, kHourly};
    QVERIFY(service.setLevel(limit::StartLevel::Empty));
    QCOMPARE(service.get()->status, 429);
    QVERIFY(service.setLevel(limit::StartLevel::Full));
    for (int i = 0; i < 5; ++i)
        QCOMPARE(service.get()->status, 200);
    QCOMPARE(service.get()->status, 429);
}

void TestDataPort::countsAreThoseOfTheClient()
{
    RunningService service{m_redis, {10, 10, Micros{3600s}, limit::StartLevel::Full}};
    int admitted = 0;
    int refused = 0;
    for (int i = 0; i < 25; ++i)
        ++(service.get()->status == 200 ? admitted : refused);
    QCOMPARE(admitted, 10);
    const auto totals = service->status().totals;
    QCOMPARE(totals.admitted, std::int64_t{admitted});
    QCOMPARE(totals.refused, std::int64_t{refused});
    QCOMPARE(m_redis.command({"HGET", "weir:{global}", "admitted"}).text, QByteArray::number(admitted));
    QTRY_COMPARE(m_redis.command({"HGET", "weir:{global}", "refused"}).text, QByteArray::number(refused));
    QCOMPARE(service->status().level.admittedLifetime, std::int64_t{admitted});
}

void TestDataPort::requestsAreRecorded()
{
    RunningService service{m_redis, {1, 1, Micros{3600s}, limit::StartLevel::Full}};
    service.get("/a?b");
    service.get("/c");
    const auto records = service->takeRequests();
    QCOMPARE(records.size(), 2U);
    QCOMPARE(records[0].client.view(), std::string_view{"127.0.0.1"});
    QCOMPARE(records[0].method.view(), std::string_view{"GET"});
    QCOMPARE(records[0].target.view(), std::string_view{"/a?b"});
    QCOMPARE(records[0].status, 404);
    QCOMPARE(records[0].tokensLeft, std::int64_t{0});
    QCOMPARE(records[1].status, 429);
    QVERIFY(records[1].retryAfterS > 0);
    QVERIFY(service->takeRequests().empty());
}

QTEST_GUILESS_MAIN(TestDataPort)
#include "tst_data_port.moc"

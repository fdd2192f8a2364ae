// SPDX-License-Identifier: GPL-3.0-only
// /v1/authorize as proxies ask it, each in its own form, by raw requests: who is charged, and what no client can forge.
#include <QTest>

#include "core/http/forward_auth.h"
#include "tests/http/running_service.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using config::KeyPart;

namespace {

constexpr limit::Tokens kTokens = 100;

config::LimitEntry entry(const std::string &name, limit::Tokens capacity, std::vector<KeyPart> key = {})
{
    config::LimitEntry entry;
    entry.name = name;
    entry.key = std::move(key);
    entry.spec = {capacity, 1, Micros{366LL * 24h}, limit::StartLevel::Full};
    return entry;
}

QByteArray forwarded(const QByteArray &method, const QByteArray &uri, const QByteArray &client = {})
{
    return "X-Forwarded-Method: " + method + "\r\nX-Forwarded-Uri: " + uri + "\r\n"
           + (client.isEmpty() ? QByteArray{} : "X-Forwarded-For: " + client + "\r\n");
}

/// Where the limits of a test come from: one or several, with keys or without.
struct Setup {
    const char *name;
    std::vector<config::LimitEntry> limits;
    const char *bucket; ///< of 10.0.0.9, of the limit that refuses first
};

std::vector<Setup> setups()
{
    return {{"one", {entry("global", 2)}, "global"},
            {"several", {entry("wide", kTokens), entry("narrow", 2)}, "narrow"},
            {"by key", {entry("client", 2, {{KeyPart::Kind::Ip, {}}})}, "client:10.0.0.9"},
            {"key beside none",
             {entry("wide", kTokens), entry("client", 2, {{KeyPart::Kind::Ip, {}}})},
             "client:10.0.0.9"}};
}

} // namespace

class TestForwardAuth : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    std::unique_ptr<RunningService> m_service;

    void serve(std::vector<config::LimitEntry> limits, const std::function<void(config::Config &)> &adjust = {})
    {
        m_service = std::make_unique<RunningService>(m_redis, limits.front().spec, 1,
                                                     config::StoreFailurePolicy::Reject, [&](config::Config &config) {
                                                         config.admin = {true, true, {"127.0.0.1", 0}};
                                                         config.limitSet.limits = limits;
                                                         if (adjust)
                                                             adjust(config);
                                                     });
    }
    std::optional<RawResponse> ask(const QByteArray &target, const QByteArray &fields, const QByteArray &method = "GET",
                                   const QByteArray &version = "1.1", const QByteArray &host = "app.example")
    {
        RawHttpClient client;
        const QUrl url{QString::fromStdString((*m_service)->status().adminUrl)};
        if (!client.connectTo(static_cast<std::uint16_t>(url.port())))
            return std::nullopt;
        client.send(method + ' ' + target + " HTTP/" + version + "\r\n"
                    + (host.isEmpty() ? QByteArray{} : "Host: " + host + "\r\n") + fields + "\r\n");
        return client.readResponse(method == "HEAD");
    }
    int statusOf(const QByteArray &target, const QByteArray &fields, const QByteArray &method = "GET")
    {
        const auto response = ask(target, fields, method);
        return response ? response->status : -1;
    }
    /// What the store has; -1: no such bucket. One that all share is there from the start.
    qint64 tokensOf(const QByteArray &bucket)
    {
        const QByteArray tokens = storedField(m_redis, "weir:{" + bucket + "}", "tokens");
        return tokens.isEmpty() ? -1 : tokens.toLongLong();
    }

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
    }
    void cleanup()
    {
        m_service.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void admitsWithoutABodyAndRefusesWithItsFields_data()
    {
        QTest::addColumn<int>("setup");
        for (int i = 0; i < static_cast<int>(setups().size()); ++i)
            QTest::newRow(setups()[static_cast<std::size_t>(i)].name) << i;
    }
    void admitsWithoutABodyAndRefusesWithItsFields()
    {
        QFETCH(int, setup);
        const Setup with = setups()[static_cast<std::size_t>(setup)];
        serve(with.limits);
        const QByteArray fields = forwarded("GET", "/orig?x=1", "10.0.0.9");
        for (int i = 1; i >= 0; --i) {
            const auto admitted = ask("/v1/authorize", fields);
            QVERIFY(admitted);
            QCOMPARE(admitted->status, 200);
            QVERIFY(admitted->body.isEmpty());
            QCOMPARE(admitted->header("content-length"), QByteArray{"0"});
            QVERIFY(!admitted->hasHeader("content-type"));
            QVERIFY2(admitted->header("ratelimit").contains("r=" + QByteArray::number(i)),
                     admitted->header("ratelimit"));
            QVERIFY(admitted->hasHeader("ratelimit-policy"));
            QCOMPARE(tokensOf(with.bucket), i);
        }
        const auto refused = ask("/v1/authorize", fields);
        QVERIFY(refused);
        QCOMPARE(refused->status, 429);
        QCOMPARE(refused->header("content-type"), QByteArray{"application/problem+json"});
        QVERIFY(refused->header("retry-after").toLongLong() > 0);
        QCOMPARE(refused->header("cache-control"), QByteArray{"no-store"});
        QCOMPARE(statusOf("/v1/authorize", fields + "X-Weir-Deny-Status: 403\r\n"), 403);
        const engine::Status status = (*m_service)->status();
        QCOMPARE(status.totals.admitted, 2);
        QCOMPARE(status.totals.refused, 2);
    }

    // The request that it is about, not the one that asks, is in the table and matched.
    void isJudgedAsTheRequestThatItAsksAbout()
    {
        config::LimitEntry paid = entry("paid", kTokens);
        paid.match.path = "/paid/*";
        paid.match.methods = {"POST"};
        paid.cost.cost = 3;
        serve({paid, entry("all", kTokens)});
        QCOMPARE(statusOf("/v1/authorize", forwarded("POST", "/paid/1?x=%20", "10.0.0.9")), 200);
        QCOMPARE(statusOf("/v1/authorize", forwarded("GET", "/paid/1")), 200);
        QCOMPARE(statusOf("/v1/authorize", forwarded("POST", "/free")), 200);
        QCOMPARE(tokensOf("paid"), kTokens - 3);
        QCOMPARE(tokensOf("all"), kTokens - 3);
        const auto rows = (*m_service)->takeRequests();
        QCOMPARE(rows.size(), std::size_t{3});
        QCOMPARE(rows[0].method.view(), std::string_view{"POST"});
        QCOMPARE(rows[0].target.view(), std::string_view{"/paid/1?x=%20"});
        QCOMPARE(rows[0].client.view(), std::string_view{"10.0.0.9"});
    }

    void oneLimitAloneByThePath()
    {
        serve({entry("a", kTokens), entry("b", kTokens)});
        QCOMPARE(statusOf("/v1/authorize/limit/b", forwarded("GET", "/x")), 200);
        QCOMPARE(tokensOf("b"), kTokens - 1);
        QCOMPARE(tokensOf("a"), kTokens); // never asked
        QCOMPARE(statusOf("/v1/authorize/limit/c", forwarded("GET", "/x")), 404);
        QCOMPARE(statusOf("/v1/authorize/limit/", forwarded("GET", "/x")), 404);
        QCOMPARE(statusOf("/v1/authorize/other", forwarded("GET", "/x")), 404);
        QCOMPARE(tokensOf("b"), kTokens - 1);
    }

    // Envoy appends the path of the client, with its method: a page called /limit/b must not choose the limit.
    void envoyAppendsThePath()
    {
        config::LimitEntry a = entry("a", kTokens);
        a.match.path = "/limit/*";
        a.match.methods = {"DELETE"};
        serve({a, entry("b", kTokens)});
        const auto response =
            ask("/v1/authorize/limit/b?q=1", "Content-Length: 0\r\nX-Envoy-Internal: true\r\n", "DELETE");
        QVERIFY(response);
        QCOMPARE(response->status, 200);
        QCOMPARE(tokensOf("a"), kTokens - 1);
        QCOMPARE(tokensOf("b"), kTokens - 1);
        const auto rows = (*m_service)->takeRequests();
        QCOMPARE(rows.back().target.view(), std::string_view{"/limit/b?q=1"});
        const auto head = ask("/v1/authorize/x", "Content-Length: 0\r\n", "HEAD");
        QVERIFY(head);
        QCOMPARE(head->status, 200);
        QVERIFY(head->body.isEmpty());
    }

    // Caddy puts the client's query behind the path of Weir, and expects a 100 without a body.
    void theQueryOfTheQuestionMeansNothing()
    {
        config::LimitEntry byToken = entry("token", kTokens, {{KeyPart::Kind::Query, "token"}});
        serve({byToken});
        QCOMPARE(statusOf("/v1/authorize?token=forged&limit=other",
                          forwarded("GET", "/p?token=real") + "Expect: 100-continue\r\n"),
                 200);
        QCOMPARE(tokensOf("token:real"), kTokens - 1);
        QCOMPARE(tokensOf("token:forged"), -1);
        QCOMPARE(statusOf("/v1/authorize?token=forged", {}), 200); // of no proxy's: the request has no such part
        QCOMPARE(tokensOf("token:forged"), -1);
    }

    // nginx: always GET, HTTP/1.0, the name of the upstream block for a Host, a Content-Type without a body.
    void nginxAsksByHttp10()
    {
        serve({entry("global", kTokens)});
        const auto response = ask(
            "/v1/authorize", forwarded("POST", "/x", "10.0.0.9") + "Content-Type: text/plain\r\nConnection: close\r\n",
            "GET", "1.0", "weir");
        QVERIFY(response);
        QCOMPARE(response->status, 200);
        QCOMPARE(response->header("connection"), QByteArray{"close"});
        QCOMPARE(ask("/v1/authorize", forwarded("POST", "/x"), "GET", "1.0", {}).value().status, 200);
        QCOMPARE(tokensOf("global"), kTokens - 2);
    }

    // Traefik with trustForwardHeader leaves the client's addresses in front: the last that is not trusted counts.
    void aForgedAddressStandsLeft()
    {
        serve({entry("client", kTokens, {{KeyPart::Kind::Ip, {}}})});
        QCOMPARE(statusOf("/v1/authorize", forwarded("GET", "/", "1.1.1.1, 10.0.0.9")), 200);
        QCOMPARE(tokensOf("client:10.0.0.9"), kTokens - 1);
        QCOMPARE(tokensOf("client:1.1.1.1"), -1);
    }

    // Whoever is no trusted proxy asks about its own request, whatever it says.
    void onlyTrustedPeersSpeakOfOthers()
    {
        config::LimitEntry paid = entry("paid", kTokens);
        paid.match.path = "/paid";
        serve({paid, entry("client", 1, {{KeyPart::Kind::Ip, {}}})}, [](config::Config &config) {
            config.trustedProxies = {std::get<Network>(parseNetwork("192.0.2.0/24"))};
        });
        QCOMPARE(statusOf("/v1/authorize", forwarded("GET", "/paid", "10.0.0.9")), 200);
        QCOMPARE(statusOf("/v1/authorize", forwarded("GET", "/paid", "10.0.0.10") + "X-Weir-Deny-Status: 403\r\n"),
                 429);
        QCOMPARE(tokensOf("paid"), kTokens);
        QCOMPARE(tokensOf("client:127.0.0.1"), 0);
    }

    void whatCannotBeMeantIs400_data()
    {
        QTest::addColumn<QByteArray>("fields");
        const QByteArray fine = forwarded("GET", "/x", "10.0.0.9");
        for (const char *name : {"Method: POST", "Uri: /y", "For: 10.0.0.8", "Host: a", "Proto: https"})
            QTest::addRow("two of %s", name)
                << fine + "X-Forwarded-Host: b\r\nX-Forwarded-Proto: http\r\nX-Forwarded-" + name + "\r\n";
        QTest::newRow("two deny statuses") << fine + "X-Weir-Deny-Status: 403\r\nx-weir-deny-status: 403\r\n";
        QTest::newRow("no method") << forwarded("GE T", "/x");
        QTest::newRow("two methods in one") << forwarded("GET, POST", "/x");
        QTest::newRow("a long method") << forwarded(QByteArray(33, 'A'), "/x");
        QTest::newRow("an empty method") << forwarded("", "/x");
        QTest::newRow("an empty uri") << forwarded("GET", "");
        QTest::newRow("a whole url") << forwarded("GET", "http://app.example/x");
        QTest::newRow("a uri without a slash") << forwarded("GET", "x");
        QTest::newRow("a uri with a space") << forwarded("GET", "/a b");
        QTest::newRow("a uri with a fragment") << forwarded("GET", "/a#b");
        QTest::newRow("a status that is none") << fine + "X-Weir-Deny-Status: 200\r\n";
        QTest::newRow("an empty status") << fine + "X-Weir-Deny-Status:\r\n";
    }
    void whatCannotBeMeantIs400()
    {
        QFETCH(QByteArray, fields);
        serve({entry("global", kTokens)});
        const auto response = ask("/v1/authorize", fields);
        QVERIFY(response);
        QCOMPARE(response->status, 400);
        QCOMPARE(response->header("content-type"), QByteArray{"application/problem+json"});
        QCOMPARE(tokensOf("global"), kTokens); // nothing was taken
        const telemetry::Totals totals = (*m_service)->status().totals;
        QCOMPARE(totals.answers(), 0);
        QCOMPARE(totals.turnedAway(), 1);
    }

    void blockedAndCostlyRequests()
    {
        config::LimitEntry small = entry("small", 2);
        small.cost.cost = 3;
        serve({small}, [](config::Config &config) { config.limitSet.block.paths = {"/secret*"}; });
        QCOMPARE(statusOf("/v1/authorize", forwarded("GET", "/secret/1")), 403);
        const auto impossible = ask("/v1/authorize", forwarded("GET", "/x"));
        QVERIFY(impossible);
        QCOMPARE(impossible->status, 429);
        QVERIFY(!impossible->hasHeader("retry-after"));
    }

    // The store away and the policy reject: 503, never 429, whatever refusals are to be.
    void theStoreAwayIs503()
    {
        config::LimitEntry strict = entry("global", kTokens);
        strict.onStoreFailure = config::StoreFailurePolicy::Reject;
        serve({strict});
        QCOMPARE(statusOf("/v1/authorize", forwarded("GET", "/x")), 200);
        m_redis.stop();
        QTRY_COMPARE(statusOf("/v1/authorize", forwarded("GET", "/x") + "X-Weir-Deny-Status: 403\r\n"), 503);
    }

    // Both ports decide on the same buckets, and a change holds on both once it is confirmed.
    void theDataPortAndThisOneShareTheirBuckets()
    {
        serve({entry("global", 2)});
        QCOMPARE(m_service->get().value().status, 200);
        QCOMPARE(statusOf("/v1/authorize", forwarded("GET", "/")), 200);
        QCOMPARE(m_service->get().value().status, 429);
        QCOMPARE(statusOf("/v1/authorize", forwarded("GET", "/")), 429);
        QVERIFY(m_service->setLevel(limit::StartLevel::Full));
        QCOMPARE(statusOf("/v1/authorize", forwarded("GET", "/")), 200);
        QVERIFY(m_service->change({9, 9, Micros{1h}}, limit::TokenMode::Refill));
        QVERIFY(ask("/v1/authorize", forwarded("GET", "/")).value().header("ratelimit").contains("r=8"));
    }
};

QTEST_GUILESS_MAIN(TestForwardAuth)
#include "tst_forward_auth.moc"

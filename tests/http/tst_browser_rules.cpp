// SPDX-License-Identifier: GPL-3.0-only
// Pages in browsers: names that Weir answers to, other sites that may ask or not, preflights; and spread retries.
#include <QTest>

#include <set>

#include "tests/http/running_service.h"
#include "tests/support/stored_bucket.h"

using namespace weir;
using namespace weir::test;

namespace {

const limit::LimitSpec kThree{3, 1, Micros{limit::kMaxInterval}, limit::StartLevel::Full};

} // namespace

class TestBrowserRules : public QObject {
    Q_OBJECT
    RedisServer m_redis;
    std::unique_ptr<RunningService> m_service;

    void serve(const std::function<void(config::HttpLimits &)> &adjust, bool isTrusting = false,
               const limit::LimitSpec &spec = kThree)
    {
        m_service = std::make_unique<RunningService>(
            m_redis, spec, 1, config::StoreFailurePolicy::Reject, [&](config::Config &config) {
                adjust(config.http);
                if (isTrusting)
                    config.trustedProxies = {std::get<Network>(parseNetwork("127.0.0.1"))};
            });
    }
    RawResponse ask(const QByteArray &fields, const QByteArray &method = "GET", const QByteArray &host = "weir.test")
    {
        RawHttpClient client;
        if (!client.connectTo(m_service->port()))
            return {};
        client.send(method + " / HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n");
        return client.readResponse().value_or(RawResponse{});
    }
    QByteArray tokens() { return storedField(m_redis, "weir:{global}", "tokens"); }

private Q_SLOTS:
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
    }
    void cleanup() { m_service.reset(); }

    // A name that somebody points at this address is not ours, and costs no token.
    void onlyOurNamesAreAnswered()
    {
        serve([](config::HttpLimits &http) { http.hosts = {"weir.test", "Other.test:8080", "[::1]"}; });
        for (const char *host : {"weir.test", "WEIR.test", "weir.test:99", "other.test:8080"})
            QVERIFY2(ask({}, "GET", host).status != 421, host);
        QCOMPARE(ask({}).status, 429); // by now they have taken all
        for (const char *host :
             {"evil.test", "weir.test.evil.test", "xweir.test", "other.test", "other.test:80", "127.0.0.1"}) {
            const RawResponse answer = ask({}, "GET", host);
            QCOMPARE(answer.status, 421);
            QVERIFY(answer.body.contains("does not answer to that Host"));
        }
        QVERIFY(ask({}, "GET", "[::1]:8080").status == 429);
    }
    void withoutAListEveryNameIsOurs()
    {
        serve([](config::HttpLimits &) {});
        QCOMPARE(ask({}, "GET", "anything.test").status, 200);
        QCOMPARE(ask("Sec-Fetch-Site: cross-site\r\n").status, 200);
        QVERIFY(!ask("Origin: https://a.test\r\n").hasHeader("access-control-allow-origin"));
    }

    void pagesOfOtherSitesTakeNothing()
    {
        serve([](config::HttpLimits &http) {
            http.refusesCrossSite = true;
            http.corsOrigins = {"https://app.test"};
        });
        for (const char *method : {"GET", "POST", "OPTIONS"})
            QCOMPARE(ask("Sec-Fetch-Site: cross-site\r\n", method).status, 403);
        QCOMPARE(ask("Sec-Fetch-Site: cross-site\r\nOrigin: https://evil.test\r\n").status, 403);
        QCOMPARE(ask("Sec-Fetch-Site: cross-site\r\nOrigin: https://app.test\r\n").status, 200);
        QCOMPARE(tokens(), QByteArray{"2"});
        QCOMPARE(ask("Sec-Fetch-Site: same-origin\r\n").status, 200);
        QCOMPARE(ask("Sec-Fetch-Site: none\r\n").status, 200); // typed by a person
        QCOMPARE(tokens(), QByteArray{"0"});
    }
    // Who follows a link to a site behind a proxy is no attack on Weir.
    void aTrustedProxySendsOnWhatItGets()
    {
        serve([](config::HttpLimits &http) { http.refusesCrossSite = true; }, true);
        QCOMPARE(ask("Sec-Fetch-Site: cross-site\r\n").status, 200);
    }

    void pagesThatMayAskCanReadTheAnswer()
    {
        serve([](config::HttpLimits &http) { http.corsOrigins = {"https://app.test", "http://localhost:3000"}; });
        const QByteArray preflight = "Origin: https://app.test\r\nAccess-Control-Request-Method: PUT\r\n"
                                     "Access-Control-Request-Headers: x-api-key, content-type\r\n";
        const RawResponse may = ask(preflight, "OPTIONS");
        QCOMPARE(may.status, 204);
        QCOMPARE(may.header("access-control-allow-origin"), QByteArray{"https://app.test"});
        QCOMPARE(may.header("access-control-allow-headers"), QByteArray{"x-api-key, content-type"});
        QVERIFY(may.header("access-control-allow-methods").contains("PUT"));
        QCOMPARE(may.header("vary"), QByteArray{"Origin"});
        QCOMPARE(m_redis.command({"HGET", "weir:{global}", "admitted"}).text.toInt(), 0); // it cost nothing

        for (int i = 0; i < 4; ++i) {
            const RawResponse answer = ask("Origin: https://app.test\r\n");
            QCOMPARE(answer.status, i < 3 ? 200 : 429);
            QCOMPARE(answer.header("access-control-allow-origin"), QByteArray{"https://app.test"});
            for (const char *name : {"RateLimit", "RateLimit-Policy", "Retry-After"})
                QVERIFY(answer.header("access-control-expose-headers").contains(name));
        }
        QCOMPARE(ask(preflight, "OPTIONS").status, 204); // also when there is nothing left
        QVERIFY(!ask("Origin: https://evil.test\r\n").hasHeader("access-control-allow-origin"));
        QVERIFY(!ask("Origin: https://evil.test\r\nAccess-Control-Request-Method: GET\r\n", "OPTIONS")
                     .hasHeader("access-control-allow-origin"));
        QCOMPARE(ask({}, "OPTIONS").status, 429); // no preflight: a question as others
    }
    void everybodyMayAskWhereThatIsSaid()
    {
        serve([](config::HttpLimits &http) { http.corsOrigins = {"*"}; });
        const RawResponse answer = ask("Origin: https://any.test\r\n");
        QCOMPARE(answer.header("access-control-allow-origin"), QByteArray{"*"});
        QVERIFY(!answer.hasHeader("vary"));
        QVERIFY(!ask({}).hasHeader("access-control-allow-origin"));
    }
    // What is sent back is a list of names, whatever was asked for.
    void nothingOfAStrangersIsSentBackUnread()
    {
        serve([](config::HttpLimits &http) { http.corsOrigins = {"*"}; });
        const RawResponse answer = ask("Origin: https://any.test\r\nAccess-Control-Request-Method: GET\r\n"
                                       "Access-Control-Request-Headers: x-a, <script>;\r\n",
                                       "OPTIONS");
        QCOMPARE(answer.status, 204);
        QVERIFY(!answer.hasHeader("access-control-allow-headers"));
    }

    // Obedient clients that were refused in one moment do not all come back in one.
    void refusedClientsAreToldOtherSeconds()
    {
        serve([](config::HttpLimits &http) { http.retrySpread = std::chrono::seconds{30}; }, false,
              {1, 1, Micros{3'600'000'000}, limit::StartLevel::Full});
        QCOMPARE(ask({}).status, 200);
        const auto truth = [this] {
            // Until the hour is full, by the clock of Redis.
            const RespValue time = m_redis.command({"TIME"});
            return 3600 - time.items.value(0).text.toLongLong() % 3600;
        };
        std::set<qint64> waits;
        for (int i = 0; i < 40; ++i) {
            const qint64 before = truth();
            const RawResponse refused = ask({});
            QCOMPARE(refused.status, 429);
            const qint64 wait = refused.header("retry-after").toLongLong();
            QVERIFY2(wait >= truth() && wait <= before + 1 + 30, refused.header("retry-after"));
            QVERIFY(refused.body.contains(refused.header("retry-after") + " s"));
            QVERIFY(refused.header("ratelimit").endsWith(";t=" + refused.header("retry-after")));
            waits.insert(wait - before);
        }
        QVERIFY2(waits.size() > 10, QByteArray::number(qint64(waits.size())));
    }
};

QTEST_GUILESS_MAIN(TestBrowserRules)
#include "tst_browser_rules.moc"

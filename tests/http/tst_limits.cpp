// SPDX-License-Identifier: GPL-3.0-only
// Several limits over real HTTP with a real Redis: who pays what, all or nothing, and what the answers say.
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

#include "tests/http/running_service.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using config::KeyPart;
using limit::Algorithm;

namespace {

constexpr int kSoonMs = 10'000;

/// Refills so seldom that no test meets it.
config::LimitEntry entry(const std::string &name, limit::Tokens capacity, std::vector<KeyPart> key = {})
{
    config::LimitEntry entry;
    entry.name = name;
    entry.key = std::move(key);
    entry.spec = {capacity, 1, Micros{366LL * 24h}, limit::StartLevel::Full};
    return entry;
}

const KeyPart kByKey{KeyPart::Kind::Header, "X-Api-Key"};

struct Want {
    QByteArray target{"/"};
    QByteArray key;    ///< X-Api-Key; empty: none
    QByteArray cost;   ///< X-Cost; empty: none
    QByteArray more{}; ///< other field lines
    QByteArray method{"GET"};
};

} // namespace

class TestLimits : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    std::unique_ptr<RunningService> m_service;

    void serve(std::vector<config::LimitEntry> limits, const std::function<void(config::Config &)> &adjust = {})
    {
        m_service = std::make_unique<RunningService>(m_redis, limits.front().spec, 2, config::StoreFailurePolicy::Local,
                                                     [&](config::Config &config) {
                                                         config.limitSet.limits = limits;
                                                         if (adjust)
                                                             adjust(config);
                                                     });
    }
    RawResponse ask(const Want &want = {})
    {
        RawHttpClient client;
        if (!client.connectTo(m_service->port()))
            return {};
        QByteArray bytes = want.method + ' ' + want.target + " HTTP/1.1\r\nHost: localhost\r\n" + want.more;
        if (!want.key.isEmpty())
            bytes += "X-Api-Key: " + want.key + "\r\n";
        if (!want.cost.isEmpty())
            bytes += "X-Cost: " + want.cost + "\r\n";
        client.send(bytes + "\r\n");
        return client.readResponse().value_or(RawResponse{});
    }
    int statusOf(const Want &want = {}) { return ask(want).status; }
    QByteArray field(const char *bucket, const char *name)
    {
        return storedField(m_redis, QByteArray{"weir:{"} + bucket + "}", name);
    }
    engine::LimitCounts counts(std::size_t place) { return (*m_service)->status().limits.at(place); }

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

    // Else each would go on with the whole of every bucket while Redis is away.
    void instancesCountEachOther_data()
    {
        QTest::addColumn<bool>("isByKeyOnly");
        QTest::newRow("one bucket for all among them") << false;
        QTest::newRow("by key only") << true;
    }
    void instancesCountEachOther()
    {
        QFETCH(const bool, isByKeyOnly);
        std::vector<config::LimitEntry> limits{entry("per-key", 5, {kByKey})};
        if (!isByKeyOnly)
            limits.push_back(entry("global", 9));
        serve(limits);
        const auto one = std::move(m_service);
        serve(limits);
        QVERIFY(one->get() && m_service->get()); // by key, the first answer tells the time of Redis
        QTRY_COMPARE_WITH_TIMEOUT((*one)->status().failure.liveInstances, std::int64_t{2}, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().failure.liveInstances, std::int64_t{2}, kSoonMs);
    }

    void aRequestTakesFromAllOrFromNone()
    {
        serve({entry("global", 5), entry("per-key", 2, {kByKey})});
        const RawResponse first = ask({"/", "a"});
        QCOMPARE(first.status, 200);
        QVERIFY2(first.header("ratelimit-policy").startsWith("\"global\";q=5;w="), first.header("ratelimit-policy"));
        QVERIFY2(first.header("ratelimit-policy").contains(", \"per-key\";q=2;w="), first.header("ratelimit-policy"));
        QVERIFY2(first.header("ratelimit").startsWith("\"global\";r=4;t="), first.header("ratelimit"));
        QVERIFY2(first.header("ratelimit").contains(", \"per-key\";r=1;t="), first.header("ratelimit"));
        QCOMPARE(statusOf({"/", "a"}), 200);
        const RawResponse refused = ask({"/", "a"});
        QCOMPARE(refused.status, 429);
        QVERIFY2(refused.body.contains(R"("violated-policies":["per-key"])"), refused.body.constData());
        QVERIFY(!refused.header("retry-after").isEmpty());
        QCOMPARE(field("global", "tokens"), QByteArray{"3"}); // the refusal took nothing of it
        QCOMPARE(statusOf({"/", "b"}), 200);
        QCOMPARE(statusOf({"/", "b"}), 200);
        QCOMPARE(statusOf({"/", "c"}), 200);
        const RawResponse empty = ask({"/", "c"});
        QCOMPARE(empty.status, 429);
        QVERIFY2(empty.body.contains(R"("violated-policies":["global"])"), empty.body.constData());
        QCOMPARE(field("per-key:c", "tokens"), QByteArray{"1"});
        QTRY_COMPARE_WITH_TIMEOUT(counts(0).admitted, 5, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(counts(0).refused, 1, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(counts(1).refused, 1, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(counts(1).liveBuckets, 3, kSoonMs);
    }

    void everyAlgorithmCountsToItsCapacity_data()
    {
        QTest::addColumn<int>("algorithm");
        for (std::size_t i = 0; i < limit::kAlgorithmNames.size(); ++i)
            QTest::newRow(std::string{limit::kAlgorithmNames[i]}.c_str()) << static_cast<int>(i);
    }
    void everyAlgorithmCountsToItsCapacity()
    {
        QFETCH(const int, algorithm);
        config::LimitEntry one = entry("one", 3, {kByKey});
        one.spec.algorithm = static_cast<Algorithm>(algorithm);
        one.spec.interval = Micros{1h};
        if (limit::isWindow(one.spec.algorithm))
            one.spec.refill = one.spec.capacity;
        serve({one});
        for (int i = 0; i < 3; ++i)
            QCOMPARE(statusOf({"/", "a"}), 200);
        const RawResponse refused = ask({"/", "a"});
        QCOMPARE(refused.status, 429);
        const int wait = refused.header("retry-after").toInt();
        QVERIFY2(wait > 0 && wait <= 7200, refused.header("retry-after"));
        QCOMPARE(statusOf({"/", "b"}), 200);
    }

    void whatMatchesWhat()
    {
        config::LimitEntry api = entry("api", 1);
        api.match.path = "/api/*";
        config::LimitEntry dear = entry("all", 10);
        dear.cost.routes = {{{"/export", {}, {}, {}}, 7}};
        serve({api, dear});
        QCOMPARE(statusOf({"/api/x", {}}), 404); // admitted, and nothing is there
        QCOMPARE(statusOf({"/api/y", {}}), 429);
        QCOMPARE(statusOf({"/", {}}), 200);
        QCOMPARE(statusOf({"/export", {}}), 404);
        QCOMPARE(field("all", "tokens"), QByteArray{"1"});
        QCOMPARE(statusOf({"/export", {}}), 429);
        QCOMPARE(statusOf({"/", {}}), 200);
    }

    // What a proxy cannot have meant must not be the cheapest.
    void aCostThatNoBucketHoldsNeverGetsIn()
    {
        config::LimitEntry priced = entry("priced", 10);
        priced.cost.header = "X-Cost";
        serve({priced},
              [](config::Config &config) { config.trustedProxies = {std::get<Network>(parseNetwork("127.0.0.1"))}; });
        for (const char *cost : {"11", "1000000001", "99999999999999999999", "many", "1.5", "-1"}) {
            const RawResponse response = ask({"/", {}, cost});
            QCOMPARE(response.status, 429);
            QVERIFY2(!response.hasHeader("retry-after"), cost);
            QVERIFY2(response.body.contains("no retry can succeed"), response.body);
            QVERIFY2(response.header("ratelimit").startsWith("\"priced\";r=10;"), response.header("ratelimit"));
        }
        QCOMPARE(statusOf({"/", {}, "10"}), 200);
        QCOMPARE(statusOf({"/", {}, "0"}), 200);
        QCOMPARE(statusOf(), 429);
        QCOMPARE(field("priced", "tokens"), QByteArray{"0"});
        QTRY_COMPARE_WITH_TIMEOUT(field("priced", "refused"), QByteArray{"7"}, kSoonMs); // some are told afterwards
    }

    void aShadowCountsAndNeverRefuses()
    {
        config::LimitEntry shadow = entry("trial", 1);
        shadow.isShadow = true;
        serve({entry("global", 3), shadow});
        for (int i = 0; i < 3; ++i) {
            const RawResponse response = ask();
            QCOMPARE(response.status, 200);
            QVERIFY(!response.header("ratelimit").contains("trial"));
        }
        QCOMPARE(statusOf(), 429);
        QTRY_COMPARE_WITH_TIMEOUT(counts(1).admitted, 1, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(counts(1).refused, 2, kSoonMs);
    }

    void listsGoBeforeLimits()
    {
        serve({entry("global", 1)}, [](config::Config &config) {
            config.limitSet.allow.keys = {{kByKey, "friend"}};
            config.limitSet.block.keys = {{kByKey, "foe"}};
        });
        QCOMPARE(statusOf({"/", "foe"}), 403);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(statusOf({"/", "friend"}), 200);
        QCOMPARE(statusOf(), 200);
        QCOMPARE(statusOf(), 429);
    }

    // Strangers make up keys: what is in Redis of them is bounded, however fast their buckets are full again.
    void madeUpKeysFillNoRedis_data()
    {
        QTest::addColumn<int>("algorithm");
        QTest::addColumn<qint64>("refill");
        QTest::addColumn<qint64>("everyMs");
        const auto row = [](const char *name, Algorithm algorithm, qint64 refill, qint64 everyMs) {
            QTest::newRow(name) << static_cast<int>(algorithm) << refill << everyMs;
        };
        row("full at once", Algorithm::TokenBucket, 100, 1'000);
        row("full within a minute", Algorithm::TokenBucket, 100, 60'000);
        row("smooth, full in 10 ms", Algorithm::TokenBucketSmooth, 100, 1'000);
        row("gcra, full in 600 ms", Algorithm::Gcra, 100, 60'000);
        row("a window", Algorithm::FixedWindow, 100, 1'000);
        row("a log", Algorithm::SlidingLog, 100, 1'000);
    }
    void madeUpKeysFillNoRedis()
    {
        QFETCH(const int, algorithm);
        QFETCH(const qint64, refill);
        QFETCH(const qint64, everyMs);
        constexpr int kMostLive = 100;
        config::LimitEntry one = entry("one", 100, {kByKey});
        one.spec.algorithm = static_cast<Algorithm>(algorithm);
        one.spec.refill = refill;
        one.spec.interval = Micros{everyMs * 1000};
        serve({one}, [](config::Config &config) { config.limitSet.keys.maxLive = kMostLive; });
        RawHttpClient client;
        QVERIFY(client.connectTo(m_service->port()));
        constexpr int kKeys = 6'000, kAtOnce = 50;
        qint64 most = 0;
        for (int sent = 0; sent < kKeys; sent += kAtOnce) {
            QByteArray pipelined;
            for (int i = 0; i < kAtOnce; ++i)
                pipelined +=
                    "GET / HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: k" + QByteArray::number(sent + i) + "\r\n\r\n";
            QVERIFY(client.send(pipelined));
            for (int i = 0; i < kAtOnce; ++i)
                QVERIFY(client.readResponse());
            most = std::max(most, m_redis.command({"DBSIZE"}).number);
        }
        QVERIFY2(most <= 2 * kMostLive, QByteArray::number(most));
        QVERIFY2(most >= kMostLive, QByteArray::number(most));
    }

    void tooManyKeysShareOneBucket()
    {
        serve({entry("per-key", 2, {kByKey})}, [](config::Config &config) { config.limitSet.keys.maxLive = 3; });
        for (const char *key : {"a", "b", "c"})
            QCOMPARE(statusOf({"/", key}), 200);
        QCOMPARE(statusOf({"/", "d"}), 200);
        QCOMPARE(statusOf({"/", "e"}), 200);
        QCOMPARE(statusOf({"/", "f"}), 429);
        QCOMPARE(statusOf({"/", "a"}), 200); // who is live keeps a bucket
        QTRY_COMPARE_WITH_TIMEOUT(counts(0).overflows, 3, kSoonMs);
    }

    void anyBucketCanBeShown()
    {
        serve({entry("global", 50), entry("per-key", 5, {kByKey})});
        for (int i = 0; i < 2; ++i)
            QCOMPARE(statusOf({"/", "a"}), 200);
        QCOMPARE((*m_service)->status().limit.name, std::string{"global"});
        (*m_service)->setWatched(true);
        (*m_service)->showBucket("per-key", "a");
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().limit.name, std::string{"per-key"}, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().level.tokens, limit::Tokens{3}, kSoonMs);
        QCOMPARE(statusOf({"/", "b"}), 200);
        QCOMPARE(statusOf({"/", "a"}), 200);
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().level.tokens, limit::Tokens{2}, kSoonMs);
        QVERIFY(m_service->setLevel(limit::StartLevel::Empty));
        QCOMPARE(statusOf({"/", "a"}), 429);
        QCOMPARE(statusOf({"/", "b"}), 200);
        (*m_service)->showBucket("no such limit", {});
        QTRY_COMPARE_WITH_TIMEOUT((*m_service)->status().limit.name, std::string{"global"}, kSoonMs);
    }

    // What the request table knows of a decision.
    void theRecordHasTheLimitThatDecided()
    {
        std::vector<config::LimitEntry> limits{entry("wide", 100), entry("by-key", 5, {kByKey})};
        limits[1].cost.cost = 3;
        serve(limits);
        QCOMPARE(statusOf({"/", "a"}), 200);
        QCOMPARE(statusOf({"/", "a"}), 429);
        const std::vector<telemetry::RequestRecord> records = (*m_service)->takeRequests();
        QCOMPARE(records.size(), std::size_t{2});
        for (const telemetry::RequestRecord &record : records) {
            QCOMPARE(record.limit.view(), std::string_view{"by-key"});
            QCOMPARE(record.key.view(), std::string_view{"a"});
            QCOMPARE(record.cost, std::uint32_t{3});
            QCOMPARE(record.tokensLeft, std::int64_t{2});
            QCOMPARE(record.decidedBy, telemetry::DecidedBy::Store);
        }
        QCOMPARE(records[0].refusedBy(), std::string_view{});
        QCOMPARE(records[1].refusedBy(), std::string_view{"by-key"});
    }

    void aRequestIsSentAgainAsItIsWritten()
    {
        serve({entry("wide", 100)});
        QObject context;
        std::vector<engine::SendReport> reports;
        const auto send = [&](const char *method, const char *target) {
            (*m_service)->sendAgain(method, target, &context, [&](const engine::SendReport &report) {
                reports.push_back(report);
            });
        };
        send("DELETE", "/api//x?a=%20&b=%2F");
        QTRY_COMPARE_WITH_TIMEOUT(reports.size(), std::size_t{1}, kSoonMs);
        QCOMPARE(reports[0].other, 1); // admitted, and there is nothing
        const std::vector<telemetry::RequestRecord> records = (*m_service)->takeRequests();
        QCOMPARE(records.size(), std::size_t{1});
        QCOMPARE(records[0].method.view(), std::string_view{"DELETE"});
        QCOMPARE(QByteArray::fromStdString(std::string{records[0].target.view()}), QByteArray{"/api//x?a=%20&b=%2F"});
        send("HEAD", "/");
        QTRY_COMPARE_WITH_TIMEOUT(reports.size(), std::size_t{2}, kSoonMs);
        QCOMPARE(reports[1].admitted, 1);
        for (const char *target : {"*", "/a/../b", "/a b", "/a#b", "http://elsewhere/"}) {
            reports.clear();
            send("GET", target);
            QTRY_COMPARE_WITH_TIMEOUT(reports.size(), std::size_t{1}, kSoonMs);
            QCOMPARE(reports[0].failed, 1);
        }
        QCOMPARE((*m_service)->takeRequests().size(), std::size_t{1}); // that of HEAD
    }

    // "3 with a key, 2 by address for everybody else, and nobody at /paid without one."
    void whoHasNoKeyIsLimitedElsewhereOrTurnedAway()
    {
        std::vector<config::LimitEntry> limits{entry("paid", 9, {kByKey}), entry("by-key", 3, {kByKey}),
                                               entry("rest", 2, {KeyPart{}})};
        limits[0].match.path = "/paid*";
        limits[0].withoutKey = config::WithoutKey::Refused;
        limits[1].withoutKey = config::WithoutKey::Unlimited;
        limits[2].isOtherwise = true;
        serve(limits);
        for (int i = 0; i < 2; ++i)
            QCOMPARE(statusOf({"/"}), 200);
        QCOMPARE(ask({"/"}).header("ratelimit-policy").left(6), QByteArray{"\"rest\""});
        QCOMPARE(statusOf({"/"}), 429);
        for (const char *key : {"a", "b"}) {
            for (int i = 0; i < 3; ++i)
                QCOMPARE(statusOf({"/", key}), 200);
            QCOMPARE(statusOf({"/", key}), 429);
        }
        const RawResponse refused = ask({"/paid"});
        QCOMPARE(refused.status, 403);
        QVERIFY2(refused.body.contains("The request lacks what it is limited by."), refused.body.constData());
        QCOMPARE((*m_service)->status().totals.blocked, std::int64_t{1});
        QCOMPARE(statusOf({"/paid", "c"}), 404); // admitted, and there is nothing
        for (const telemetry::RequestRecord &record : (*m_service)->takeRequests())
            if (record.status == 403)
                QCOMPARE(record.refusedBy(), std::string_view{"paid"});
    }

    void eachMethodAndSegmentHasItsOwn()
    {
        serve({entry("by", 1, {{KeyPart::Kind::Method, {}}, {KeyPart::Kind::Path, "2"}})});
        const auto statusOfUser = [&](const char *target, const char *method) {
            return statusOf({target, {}, {}, {}, method});
        };
        QCOMPARE(statusOfUser("/users/7", "GET"), 404);
        QCOMPARE(statusOfUser("/people/%37/orders?x=8", "GET"), 429);
        QCOMPARE(statusOfUser("/users/7", "DELETE"), 404);
        QCOMPARE(statusOfUser("/users/8", "GET"), 404);
        QCOMPARE(field("by:GET,7", "tokens"), QByteArray{"0"});
    }

    void nobodyFindsACredential()
    {
        std::vector<config::LimitEntry> limits{entry("bearer", 2, {{KeyPart::Kind::Header, "Authorization"}}),
                                               entry("session", 9, {{KeyPart::Kind::Cookie, "sid"}}),
                                               entry("token", 9, {{KeyPart::Kind::Query, "token"}})};
        limits[2].hashKey = config::HashKey::Always;
        serve(limits);
        const Want want{"/?a=1&%74oken=sesame&b=2", {}, {}, "Authorization: Bearer sesame\r\nCookie: sid=sesame\r\n"};
        QCOMPARE(statusOf(want), 200);
        QCOMPARE(statusOf(want), 200);
        QCOMPARE(statusOf(want), 429);
        const QByteArray all = m_redis
                                   .command({"EVAL",
                                             "local all = '' for _, key in ipairs(redis.call('KEYS', '*')) do local "
                                             "type = redis.call('TYPE', key).ok "
                                             "local values = type == 'hash' and redis.call('HGETALL', key) or type == "
                                             "'string' and {redis.call('GET', "
                                             "key)} or redis.call('ZRANGE', key, 0, -1) all = all .. key .. ' ' .. "
                                             "table.concat(values, ' ') .. '\\n' "
                                             "end return all",
                                             "0"})
                                   .text;
        QVERIFY2(all.contains("weir:{bearer:#") && all.contains("weir:{session:#") && all.contains("weir:{token:#"),
                 all.constData());
        QVERIFY2(!all.contains("sesame"), all.constData());
        const auto records = (*m_service)->takeRequests();
        QCOMPARE(records.size(), std::size_t{3});
        for (const telemetry::RequestRecord &record : records)
            QCOMPARE(record.target.view(), std::string_view{"/?a=1&%74oken=***&b=2"});
    }

    void aChangeHoldsForTheNextRequest()
    {
        serve({entry("global", 5), entry("per-key", 1, {kByKey})});
        QCOMPARE(statusOf({"/", "a"}), 200);
        QCOMPARE(statusOf({"/", "a"}), 429);
        config::LimitSet next = *(*m_service)->limits();
        next.limits[1].spec.capacity = 3;
        next.limits.erase(next.limits.begin());
        std::optional<Result<Done>> done;
        QObject context;
        (*m_service)->changeLimits(next, limit::TokenMode::Keep, &context, [&](const Result<Done> &result) {
            done = result;
        });
        QTRY_VERIFY_WITH_TIMEOUT(done.has_value(), kSoonMs);
        QVERIFY2(*done, *done ? "" : done->error().detail.c_str());
        const RawResponse other = ask({"/", "b"});
        QCOMPARE(other.status, 200);
        QVERIFY2(other.header("ratelimit-policy").startsWith("\"per-key\";q=3"), other.header("ratelimit-policy"));
        QCOMPARE(statusOf({"/", "a"}), 429); // it keeps its tokens
        next.limits.front().spec.capacity = 0;
        done.reset();
        (*m_service)->changeLimits(next, limit::TokenMode::Keep, &context, [&](const Result<Done> &result) {
            done = result;
        });
        QTRY_VERIFY_WITH_TIMEOUT(done.has_value(), kSoonMs);
        QVERIFY(!*done && done->error().code == Error::Code::Invalid);
    }

    void anOutageIsCountedAndSettled()
    {
        m_warnings.expect(QStringLiteral(".*"));
        serve({entry("global", 100), entry("per-key", 3, {kByKey})});
        QCOMPARE(statusOf({"/", "a"}), 200);
        QCOMPARE(::kill(m_redis.pid(), SIGSTOP), 0);
        QElapsedTimer clock;
        clock.start();
        RawResponse local = ask({"/", "a"});
        QCOMPARE(local.status, 200);
        QCOMPARE(local.header("weir-decided-by"), QByteArray{"local"});
        QVERIFY2(clock.elapsed() < 1000, QByteArray::number(clock.elapsed()));
        QCOMPARE(statusOf({"/", "a"}), 200); // of the one in flight when it stopped nobody was given anything
        QCOMPARE(statusOf({"/", "a"}), 429);
        QCOMPARE(statusOf({"/", "b"}), 429); // nobody here knows whether it was emptied before this Weir began
        QCOMPARE(::kill(m_redis.pid(), SIGCONT), 0);
        QTRY_VERIFY_WITH_TIMEOUT(!(*m_service)->status().failure.isDegraded, kSoonMs);
        QTRY_VERIFY_WITH_TIMEOUT(ask({"/", "z"}).header("weir-decided-by").isEmpty(), kSoonMs);
        // Known to the store now: the first, the one that was stopped in flight, and two local ones.
        QCOMPARE(field("per-key:a", "taken"), QByteArray{"4"});
        QCOMPARE(statusOf({"/", "a"}), 429);
    }
};

QTEST_GUILESS_MAIN(TestLimits)
#include "tst_limits.moc"

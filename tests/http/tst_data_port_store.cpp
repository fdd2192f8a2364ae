// SPDX-License-Identifier: GPL-3.0-only
// The data port when Redis is not there, and when it comes back.
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include "tests/http/running_service.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

// Large enough for any number of tries; one worker, so that all requests meet the same link.
constexpr limit::LimitSpec kHourly{1'000'000, 5, Micros{3600s}, limit::StartLevel::Full};
constexpr int kThreads = 1;
constexpr int kRecoveryMs = 10'000; // the back-off of the link ends at 5 s

QString reasonOf(const RawResponse &response)
{
    return QJsonDocument::fromJson(response.body)[QStringLiteral("reason")].toString();
}

// Asked again and again, each answer once: a comparison that asks twice may see two answers.
bool comesTo(RunningService &service, int status)
{
    return QTest::qWaitFor(
        [&] {
            const auto response = service.get();
            return response && response->status == status;
        },
        kRecoveryMs);
}

} // namespace

class TestDataPortStore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void withoutRedisRequestsAreTurnedAway();
    void withoutRedisRequestsMayBeLetThrough();
    void aHungRedisIsNotWaitedFor();
    void withoutRedisItGoesOnLocally();
    void flushedScriptsAreSentAgain();
    void brokenContentIsAnErrorAndStays();
    void anotherInstancesLimitIsAdopted();

private:
    WarningsFail m_warnings;
    RedisServer m_redis;
};

void TestDataPortStore::withoutRedisRequestsAreTurnedAway()
{
    RunningService service{m_redis, kHourly, kThreads};
    QCOMPARE(service.get()->status, 200);
    m_redis.kill();
    QTRY_COMPARE_WITH_TIMEOUT(service->status().store.state, engine::StoreStatus::State::Down, 5000);
    const auto away = service.get();
    QVERIFY(away);
    QCOMPARE(away->status, 503);
    QCOMPARE(away->header("retry-after"), QByteArray{"1"});
    QCOMPARE(away->header("cache-control"), QByteArray{"no-store"});
    QCOMPARE(away->header("content-type"), QByteArray{"application/problem+json"});
    QCOMPARE(reasonOf(*away), QStringLiteral("store-unavailable"));
    QVERIFY(!away->body.contains(m_redis.socketPath().toUtf8()));
    QVERIFY(service->status().totals.undecided >= 1);

    QVERIFY(m_redis.start());
    QVERIFY(comesTo(service, 200));
    QTRY_COMPARE_WITH_TIMEOUT(service->status().store.state, engine::StoreStatus::State::Ready, kRecoveryMs);
}

void TestDataPortStore::withoutRedisRequestsMayBeLetThrough()
{
    RunningService service{m_redis, kHourly, kThreads};
    QVERIFY(service.setPolicy(config::StoreFailurePolicy::Allow));
    m_redis.kill();
    QVERIFY(comesTo(service, 200));
    const auto allowed = service.get();
    QCOMPARE(allowed->status, 200);
    QCOMPARE(allowed->header("weir-decided-by"), QByteArray{"allow"});
    QVERIFY(!allowed->hasHeader("ratelimit"));
}

void TestDataPortStore::aHungRedisIsNotWaitedFor()
{
    RunningService service{m_redis, kHourly, kThreads};
    m_redis.pause();
    const auto hung = service.get();
    m_redis.resume();
    QVERIFY2(hung, "no answer while Redis hangs");
    QCOMPARE(hung->status, 503);
    QVERIFY(reasonOf(*hung).startsWith(QStringLiteral("store-")));
    QVERIFY(comesTo(service, 200));
}

void TestDataPortStore::withoutRedisItGoesOnLocally()
{
    RunningService service{
        m_redis, {2, 1, 3600s, limit::StartLevel::Full}, kThreads, config::StoreFailurePolicy::Local};
    QCOMPARE(service.get()->status, 200);
    m_redis.kill();
    const auto last = service.get();
    QCOMPARE(last->status, 200);
    QCOMPARE(last->header("weir-decided-by"), QByteArray{"local"});
    QVERIFY2(last->header("ratelimit").startsWith("\"global\";r=0;t="), last->header("ratelimit"));
    QCOMPARE(last->header("ratelimit-policy"), QByteArray{"\"global\";q=2;w=7200"});
    const auto refused = service.get();
    QCOMPARE(refused->status, 429);
    QCOMPARE(refused->header("weir-decided-by"), QByteArray{"local"});
    QCOMPARE(refused->header("cache-control"), QByteArray{"no-store"});
    const int wait = refused->header("retry-after").toInt();
    QVERIFY(wait >= 1 && wait <= 3600);

    const auto rows = service->takeRequests();
    QCOMPARE(rows.size(), std::size_t{3});
    QCOMPARE(rows.at(0).decidedBy, telemetry::DecidedBy::Store);
    QCOMPARE(rows.at(2).decidedBy, telemetry::DecidedBy::Local);
    QCOMPARE(rows.at(1).tokensLeft, std::int64_t{0});
    QTRY_VERIFY_WITH_TIMEOUT(service->status().failure.isDegraded, kRecoveryMs);
    QCOMPARE(service->status().failure.by, telemetry::DecidedBy::Local);

    QVERIFY(m_redis.start()); // empty
    QTRY_VERIFY_WITH_TIMEOUT(!service->status().failure.isDegraded, kRecoveryMs);
    const auto back = service.get();
    QCOMPARE(back->status, 429);
    QVERIFY(!back->hasHeader("weir-decided-by"));
    QCOMPARE(service->status().failure.exactReturns, std::int64_t{1});
    QVERIFY(service->status().failure.statesLost >= 1);
    QCOMPARE(storedField(m_redis, "weir:{global}", "taken"), QByteArray{"2"});
}

void TestDataPortStore::flushedScriptsAreSentAgain()
{
    RunningService service{m_redis, kHourly, kThreads};
    for (int i = 0; i < 20; ++i) {
        m_redis.command({"SCRIPT", "FLUSH"});
        QCOMPARE(service.get()->status, 200);
    }
    QCOMPARE(m_redis.command({"HGET", "weir:{global}", "admitted"}).text, QByteArray{"20"});
}

void TestDataPortStore::brokenContentIsAnErrorAndStays()
{
    RunningService service{m_redis, kHourly, kThreads};
    QCOMPARE(service.get()->status, 200);
    m_redis.command({"HSET", "weir:{global}", "state", "nan"});
    QVERIFY(service.setPolicy(config::StoreFailurePolicy::Allow)); // which does not cover this
    const auto broken = service.get();
    QCOMPARE(broken->status, 503);
    QCOMPARE(reasonOf(*broken), QStringLiteral("store-content"));
    QCOMPARE(m_redis.command({"HGET", "weir:{global}", "state"}).text, QByteArray{"nan"});

    m_redis.command({"DEL", "weir:{global}"});
    m_redis.command({"SET", "weir:{global}", "x"});
    QCOMPARE(reasonOf(*service.get()), QStringLiteral("store-configuration"));
    QCOMPARE(m_redis.command({"GET", "weir:{global}"}).text, QByteArray{"x"});
}

void TestDataPortStore::anotherInstancesLimitIsAdopted()
{
    RunningService one{m_redis, kHourly, kThreads};
    RunningService other{m_redis, kHourly, kThreads};
    QVERIFY(one.change({7, 7, Micros{3600s}, limit::StartLevel::Full}, limit::TokenMode::Refill));
    QCOMPARE(other.get()->header("ratelimit-policy"), QByteArray{"\"global\";q=7;w=3600"});
    QTRY_COMPARE_WITH_TIMEOUT(other->status().limit.spec.capacity, limit::Tokens{7}, 5000);
    QVERIFY(other.change({9, 9, Micros{3600s}, limit::StartLevel::Full}));
    QCOMPARE(one.get()->header("ratelimit-policy"), QByteArray{"\"global\";q=9;w=3600"});
    QCOMPARE(m_redis.command({"HGET", "weir:limits", "global"}).text, QByteArray{"3 9 9 3600000000 full"});
}

QTEST_GUILESS_MAIN(TestDataPortStore)
#include "tst_data_port_store.moc"

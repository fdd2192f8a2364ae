// SPDX-License-Identifier: GPL-3.0-only
// Clients that send far more at once than is decided at once: the store is no less there for it, and nobody else waits
// until they are through.
#include <QTest>

#include "tests/http/running_service.h"
#include "tests/support/pipelining_clients.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using Policy = config::StoreFailurePolicy;

namespace {

constexpr int kConnections = 400;
constexpr int kEach = 64;
constexpr std::int64_t kRequests = kConnections * kEach;
constexpr int kSoonMs = 30'000;

config::LimitEntry entry(const std::string &name, limit::Tokens capacity, Policy policy)
{
    config::LimitEntry entry;
    entry.name = name;
    entry.spec = {capacity, 1, limit::kMaxInterval, limit::StartLevel::Full};
    entry.onStoreFailure = policy;
    return entry;
}

config::LimitEntry keyed(config::LimitEntry entry)
{
    entry.key = {{config::KeyPart::Kind::Header, "X-Api-Key"}};
    return entry;
}

// Half of all requests cost as much as half of the log.
config::LimitEntry loggedLimit(limit::Tokens capacity, Policy policy)
{
    config::LimitEntry logged = entry("log", capacity, policy);
    logged.spec.algorithm = limit::Algorithm::SlidingLog;
    logged.spec.refill = capacity;
    config::RouteCost dear;
    dear.match.path = "/dear";
    dear.cost = capacity / 2;
    logged.cost.routes = {dear};
    return logged;
}

QByteArray request(const char *target, const QByteArray &key)
{
    return QByteArray{"GET "} + target + " HTTP/1.1\r\nHost: a\r\nX-Api-Key: " + key + "\r\n\r\n";
}

} // namespace

class TestPipelinedFlood : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void init() { m_redis.command({"FLUSHALL"}); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void theBucketHoldsAndNobodyIsTurnedAway_data();
    void theBucketHoldsAndNobodyIsTurnedAway();
    void othersHaveTheirTurn_data();
    void othersHaveTheirTurn();

private:
    // "one": a single bucket for all; "several": that and one by key; "key": one by key; "log": a full sliding log.
    std::unique_ptr<RunningService> serve(const QString &limits, limit::Tokens capacity, Policy policy, int threads)
    {
        const limit::LimitSpec spec{capacity, 1, limit::kMaxInterval, limit::StartLevel::Full};
        return std::make_unique<RunningService>(m_redis, spec, threads, policy, [&](config::Config &config) {
            auto &limitSet = config.limitSet.limits;
            if (limits == QStringLiteral("several"))
                limitSet = {entry("all", capacity, policy), keyed(entry("key", limit::kMaxCapacity, policy))};
            else if (limits == QStringLiteral("key"))
                limitSet = {keyed(entry("key", capacity, policy))};
            else if (limits == QStringLiteral("log"))
                limitSet = {loggedLimit(capacity, policy)};
        });
    }

    WarningsFail m_warnings;
    RedisServer m_redis;
};

void TestPipelinedFlood::theBucketHoldsAndNobodyIsTurnedAway_data()
{
    QTest::addColumn<QString>("limits");
    QTest::addColumn<Policy>("policy");
    QTest::addColumn<int>("threads");
    for (const char *limits : {"one", "several", "key", "log"})
        for (const auto &[name, policy] :
             {std::pair{"reject", Policy::Reject}, {"allow", Policy::Allow}, {"local", Policy::Local}})
            for (const int threads : {1, 2})
                QTest::addRow("%s, %s, %d", limits, name, threads) << QString::fromLatin1(limits) << policy << threads;
}

void TestPipelinedFlood::theBucketHoldsAndNobodyIsTurnedAway()
{
    QFETCH(const QString, limits);
    QFETCH(const Policy, policy);
    QFETCH(const int, threads);
    constexpr std::int64_t kCapacity = 4096;
    const auto service = serve(limits, kCapacity, policy, threads);
    std::int64_t admitted = 0;
    RawHttpClient before; // each request a moment of its own: so many records has the log
    QVERIFY(before.connectTo(service->port()));
    for (; admitted < kCapacity - 96; ++admitted) {
        QVERIFY(before.send(request("/", "k")));
        const auto response = before.readResponse();
        QVERIFY(response && response->status == 200);
    }
    const bool isLog = limits == QStringLiteral("log");
    PipeliningClients clients;
    QVERIFY(clients.connectTo(service->port(), kConnections));
    QVERIFY(clients.send([&](int i) {
        const QByteArray key = limits == QStringLiteral("several") ? QByteArray::number(i) : QByteArray{"k"};
        return (request("/", key) + request(isLog ? "/dear" : "/", key)).repeated(kEach / 2);
    }));
    const Tally tally = clients.read(kEach);
    const telemetry::Totals totals = (*service)->status().totals;
    qInfo("%lld admitted, %lld refused, %lld others; %lld undecided, %lld local; %lld calls",
          static_cast<long long>(tally.admitted), static_cast<long long>(tally.refused),
          static_cast<long long>(tally.other), static_cast<long long>(totals.undecided),
          static_cast<long long>(totals.decided(telemetry::DecidedBy::Local)),
          static_cast<long long>(totals.storeCalls));
    QCOMPARE(tally.unanswered + tally.other, std::int64_t{0});
    QCOMPARE(tally.admitted, kCapacity - admitted);
    QCOMPARE(tally.refused, kRequests - tally.admitted);
    QCOMPARE(totals.decided(telemetry::DecidedBy::Store), kRequests + admitted);
}

void TestPipelinedFlood::othersHaveTheirTurn_data()
{
    QTest::addColumn<QString>("limits");
    for (const char *limits : {"one", "several", "key"})
        QTest::newRow(limits) << QString::fromLatin1(limits);
}

// What came before on other connections and waits there is not decided before what comes now. Counted, not timed: how many
// were decided when the answer was there.
void TestPipelinedFlood::othersHaveTheirTurn()
{
    QFETCH(const QString, limits);
    const auto service = serve(limits, limit::kMaxCapacity, Policy::Reject, 1);
    QCOMPARE(service->get()->status, 200);
    engine::Harm slow;
    slow.linkDelay = std::chrono::milliseconds{40};
    (*service)->setHarm(slow);
    QTRY_VERIFY_WITH_TIMEOUT((*service)->status().harm == slow, kSoonMs);
    PipeliningClients clients;
    RawHttpClient honest;
    QVERIFY(clients.connectTo(service->port(), kConnections) && honest.connectTo(service->port()));
    QVERIFY(clients.send([](int i) { return request("/", QByteArray::number(i)).repeated(kEach); }));
    std::int64_t most = 0;
    for (int i = 0; i < 3; ++i) {
        const std::int64_t before = (*service)->status().totals.requests();
        QVERIFY(honest.send(request("/", "honest")));
        const auto response = honest.readResponse();
        QVERIFY(response && response->status == 200);
        most = std::max(most, (*service)->status().totals.requests() - before);
    }
    qInfo("at most %lld of %lld before it", static_cast<long long>(most), static_cast<long long>(kRequests));
    const Tally tally = clients.read(kEach);
    QCOMPARE(tally.admitted, kRequests);
    QVERIFY(most < kRequests / 2);
}

QTEST_GUILESS_MAIN(TestPipelinedFlood)
#include "tst_pipelined_flood.moc"

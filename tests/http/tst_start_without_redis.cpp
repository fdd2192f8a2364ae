// SPDX-License-Identifier: GPL-3.0-only
// Redis is away when Weir starts: it serves by the policy of each limit, says so, and brings to Redis what it decided once that
// comes, whatever the limits are.
#include <QTest>

#include "tests/http/limits_file.h"
#include "tests/http/serve_setup.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using Policy = config::StoreFailurePolicy;

namespace {

constexpr int kSoonMs = 15'000;
constexpr int kCapacity = 20;

struct Answers {
    int admitted{0};
    int refused{0};
    int rejected{0}; ///< 503
    int other{0};
    QByteArray by; ///< Weir-Decided-By of the last one
};

Answers ask(RunningService &service, int requests, const QByteArray &fields = {})
{
    Answers answers;
    for (int i = 0; i < requests; ++i) {
        RawHttpClient client;
        const bool isSent = client.connectTo(service.port()) && client.sendRequest("GET", "/", fields);
        const auto response = isSent ? client.readResponse() : std::nullopt;
        const int status = response ? response->status : 0;
        ++(status == 200   ? answers.admitted
           : status == 429 ? answers.refused
           : status == 503 ? answers.rejected
                           : answers.other);
        answers.by = response ? response->header("weir-decided-by") : QByteArray{};
    }
    return answers;
}

} // namespace

class TestStartWithoutRedis : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    std::unique_ptr<RedisServer> m_redis; ///< not started yet
    LimitsFile m_file;

    void expectToBeTold() { m_warnings.expect(QStringLiteral("^--redis: .*starting without it")); }
    static bool isBack(RunningService &service)
    {
        const engine::Status status = service->status();
        return status.store.state == engine::StoreStatus::State::Ready && !status.failure.isDegraded;
    }
    /// As Redis keeps it over a stop.
    const QStringList kKept{QStringLiteral("--appendonly"), QStringLiteral("yes")};

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init() { m_redis = std::make_unique<RedisServer>(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void eachPolicyHoldsUntilItComes_data()
    {
        QTest::addColumn<LimitSetup::Kind>("kind");
        QTest::addColumn<Policy>("policy");
        for (const LimitSetup::Kind kind : kLimitKinds)
            for (const auto &[policy, name] :
                 {std::pair{Policy::Reject, "reject"}, {Policy::Allow, "allow"}, {Policy::Local, "local"}})
                QTest::addRow("%s, %s", LimitSetup{kind, cappedAt(kCapacity)}.name().c_str(), name) << kind << policy;
    }
    void eachPolicyHoldsUntilItComes()
    {
        QFETCH(const LimitSetup::Kind, kind);
        QFETCH(const Policy, policy);
        expectToBeTold();
        const LimitSetup setup{kind, cappedAt(kCapacity)};
        const auto capacity = static_cast<int>(setup.spec().capacity);
        const auto service = serve(*m_redis, setup, 2, policy);
        const engine::Status status = (*service)->status(); // what the banner of the panel is made of
        QCOMPARE(status.store.state, engine::StoreStatus::State::Down);
        QVERIFY(status.store.isAwaited);
        QVERIFY(!status.store.problem.empty());
        QVERIFY(status.failure.isDegraded);
        QVERIFY(status.failure.isUnheard);
        for (std::size_t group = 0; group < setup.groups(); ++group) {
            const Answers answers = ask(*service, capacity + 3, setup.fields(group));
            const bool isLocal = policy == Policy::Local;
            QCOMPARE(answers.admitted, isLocal ? capacity : policy == Policy::Allow ? capacity + 3 : 0);
            QCOMPARE(answers.refused, isLocal ? 3 : 0);
            QCOMPARE(answers.rejected, policy == Policy::Reject ? capacity + 3 : 0);
            QCOMPARE(answers.by, QByteArray{isLocal ? "local" : policy == Policy::Allow ? "allow" : ""});
        }

        QVERIFY(m_redis->start());
        QTRY_VERIFY_WITH_TIMEOUT(isBack(*service), kSoonMs);
        const engine::FailureStatus failure = (*service)->status().failure;
        QCOMPARE(failure.exactReturns, std::int64_t{1});
        QCOMPARE(failure.excess, limit::Tokens{0});
        QCOMPARE(failure.statesLost, std::int64_t{0});
        for (std::size_t group = 0; group < setup.groups(); ++group) {
            const Answers answers = ask(*service, capacity + 1, setup.fields(group));
            QCOMPARE(answers.admitted, policy == Policy::Local ? 0 : capacity);
            QCOMPARE(answers.by, QByteArray{});
        }
        for (const LimitSetup::Bucket &bucket : setup.buckets())
            QCOMPARE(storedField(*m_redis, bucket.key, "taken").toInt(), capacity);
        QTRY_COMPARE_WITH_TIMEOUT(m_redis->command({"HGET", "weir:limits", "global"}).text.split(' ').value(1),
                                  QByteArray::number(capacity), kSoonMs);
    }

    void noRequestMeanwhileIsNoHarm()
    {
        expectToBeTold();
        const auto service = serve(*m_redis, {LimitSetup::Kind::One, cappedAt(kCapacity)}, 2, Policy::Local);
        QVERIFY(m_redis->start());
        QTRY_VERIFY_WITH_TIMEOUT(isBack(*service), kSoonMs);
        QCOMPARE(ask(*service, kCapacity + 1).admitted, kCapacity);
    }

    // Nobody knows of the other one, so both give all; what that was too much is told.
    void twoTellWhatWasTooMuch_data()
    {
        QTest::addColumn<LimitSetup::Kind>("kind");
        for (const LimitSetup::Kind kind : kLimitKinds)
            QTest::addRow("%s", LimitSetup{kind, cappedAt(kCapacity)}.name().c_str()) << kind;
    }
    void twoTellWhatWasTooMuch()
    {
        QFETCH(const LimitSetup::Kind, kind);
        expectToBeTold();
        const LimitSetup setup{kind, cappedAt(kCapacity)};
        const auto a = serve(*m_redis, setup, 1, Policy::Local), b = serve(*m_redis, setup, 1, Policy::Local);
        int admitted = 0;
        for (std::size_t group = 0; group < setup.groups(); ++group)
            for (const auto &service : {a.get(), b.get()})
                admitted += ask(*service, kCapacity + 3, setup.fields(group)).admitted;
        QCOMPARE(admitted, 2 * kCapacity);
        QVERIFY(m_redis->start());
        QTRY_VERIFY_WITH_TIMEOUT(isBack(*a) && isBack(*b), kSoonMs);
        for (std::size_t group = 0; group < setup.groups(); ++group)
            for (const auto &service : {a.get(), b.get()})
                admitted += ask(*service, 2, setup.fields(group)).admitted;
        const limit::Tokens told = (*a)->status().failure.excess + (*b)->status().failure.excess;
        QVERIFY2(admitted <= kCapacity + told,
                 QByteArray::number(admitted) + " with " + QByteArray::number(qint64{told}));
        QCOMPARE(told, limit::Tokens{kCapacity});
    }

    // What Redis has kept of an earlier Weir: the tokens that are left, and the numbers that nobody has said now.
    void whatItRemembersHolds()
    {
        QVERIFY(m_redis->start(kKept));
        {
            RunningService before{*m_redis, cappedAt(kCapacity), 1, Policy::Local};
            QCOMPARE(ask(before, 15).admitted, 15);
        }
        m_redis->stop();
        expectToBeTold();
        RunningService service{*m_redis, limit::LimitSpec{}, 1, Policy::Local,
                               [](config::Config &config) { config.limit = {}; }};
        QCOMPARE(ask(service, 7).admitted, 5); // of the default limit
        QVERIFY(m_redis->start(kKept));
        QTRY_VERIFY_WITH_TIMEOUT(isBack(service), kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(inForce(service), QByteArray{"global=20 "}, kSoonMs);
        QCOMPARE(service->status().failure.excess, limit::Tokens{0});
        QCOMPARE(ask(service, 1).refused, 1);
        QCOMPARE(storedField(*m_redis, "weir:{global}", "taken").toInt(), kCapacity);
    }

    // As at any start the file's numbers go before those of Redis, which hold until then for nobody.
    void whatTheFileSaysHolds()
    {
        QVERIFY(m_redis->start(kKept));
        {
            RunningService before{*m_redis, cappedAt(kCapacity), 1, Policy::Local};
            QCOMPARE(ask(before, 15).admitted, 15);
        }
        m_redis->stop();
        expectToBeTold();
        const auto service = m_file.serve(*m_redis, limitText("global", 8));
        QCOMPARE(ask(*service, 4).admitted, 4);
        m_file.write(limitText("global", 10)); // it waits for Redis, as in an outage
        m_warnings.expect(QStringLiteral("the limits stay as they were, and it is tried again"));
        QTRY_VERIFY_WITH_TIMEOUT((*service)->status().config.isRetried, kSoonMs);
        QCOMPARE(inForce(*service), QByteArray{"global=8 "});
        QVERIFY(m_redis->start(kKept));
        QTRY_VERIFY_WITH_TIMEOUT(isBack(*service), kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(inForce(*service), QByteArray{"global=10 "}, kSoonMs);
        QTRY_VERIFY_WITH_TIMEOUT(m_redis->command({"HGET", "weir:limits", "global"}).text.contains(" 10 1 "), kSoonMs);
        QCOMPARE(ask(*service, 6).admitted, 1); // 20 - 15 - 4
    }

    void itDoesNotStartWhenItIsToWait()
    {
        for (const bool isWaiting : {true, false}) {
            config::Config config;
            config.listen = {config::ListenAddress{"127.0.0.1", 0}};
            config.redisUrl = m_redis->url().toStdString();
            config.dataDir = m_redis->folder().toStdString();
            config.waitForRedis = isWaiting;
            if (isWaiting)
                expectToBeTold();
            app::Service service{config};
            const auto urls = service.start();
            QCOMPARE(urls.isOk(), isWaiting);
            if (!urls)
                QVERIFY(urls.error().detail.starts_with("--redis: cannot reach Redis"));
        }
    }

    // A person has to look at those: nothing is served.
    void whatIsWrongThereIsNoAbsence()
    {
        QVERIFY(m_redis->start({QStringLiteral("--requirepass"), QStringLiteral("r1ght")}));
        config::Config config;
        config.listen = {config::ListenAddress{"127.0.0.1", 0}};
        config.redisUrl = m_redis->url().toStdString();
        config.dataDir = m_redis->folder().toStdString();
        app::Service service{config};
        QVERIFY(!service.start());
    }
};

QTEST_GUILESS_MAIN(TestStartWithoutRedis)
#include "tst_start_without_redis.moc"

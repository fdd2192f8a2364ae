// SPDX-License-Identifier: GPL-3.0-only
// A limit gets another algorithm while clients ask: by the file, by the panel, by another instance. No request is lost, no
// token comes back by it.
#include <QTest>

#include "tests/http/limits_file.h"
#include "tests/support/busy_clients.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kSoonMs = 15'000;
constexpr int kCapacity = 3000;

QByteArray wordOf(limit::Algorithm algorithm)
{
    return limit::nameOf(algorithm).data();
}

/// Of which nothing comes back during a test, by key or not.
QByteArray textOf(limit::Algorithm algorithm, bool isByKey, int capacity = kCapacity)
{
    const QByteArray number = QByteArray::number(capacity);
    return "[[limit]]\nname = \"global\"\nalgorithm = \"" + wordOf(algorithm) + "\"\ncapacity = " + number
           + "\nrefill = " + (limit::isWindow(algorithm) || capacity < 1000 ? number : QByteArray{"1000"})
           + "\nevery = \"366d\"\n" + (isByKey ? kByKey : "");
}

/// How RateLimit-Policy begins for that limit: what whole intervals bring; of a sliding counter one token goes to its rounding.
QByteArray quotaOf(limit::Algorithm algorithm, int capacity)
{
    const int brought = limit::isWindow(algorithm) || capacity < 1000 ? capacity : capacity / 1000 * 1000;
    const int quota = algorithm == limit::Algorithm::SlidingCounter ? capacity - 1 : brought;
    return "\"global\";q=" + QByteArray::number(quota) + ';';
}

} // namespace

class TestAlgorithmChange : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;
    LimitsFile m_file;
    std::unique_ptr<RunningService> m_service;
    std::unique_ptr<BusyClients> m_clients;

    void endLoad()
    {
        const Tally tally = m_clients->stop();
        m_clients.reset();
        qInfo("%lld answers, %lld admitted, %lld refused, %lld other", static_cast<long long>(tally.answers()),
              static_cast<long long>(tally.admitted), static_cast<long long>(tally.refused),
              static_cast<long long>(tally.other));
        QCOMPARE(tally.other, std::int64_t{0});
        QCOMPARE(tally.unanswered + tally.cutShort + tally.closings + tally.local, std::int64_t{0});
        QVERIFY(tally.answers() > 0);
        m_admitted += tally.admitted;
    }
    /// One request; what it is told of the limit. Counted when it was admitted.
    QByteArray policyAt(RunningService &service)
    {
        RawHttpClient client;
        if (!client.connectTo(service.port()) || !client.sendRequest("GET", "/", "X-Api-Key: k\r\n"))
            return {};
        const auto response = client.readResponse();
        if (!response || (response->status != 200 && response->status != 429))
            return response ? "status " + QByteArray::number(response->status) + ": " + response->body : QByteArray{};
        m_admitted += response->status == 200 ? 1 : 0;
        return response->header("ratelimit-policy");
    }
    bool changeBy(RunningService &service, limit::Algorithm to, limit::TokenMode mode = limit::TokenMode::Keep)
    {
        config::LimitSet next = *service->limits();
        next.limits[0].spec.algorithm = to;
        const limit::Tokens capacity = next.limits[0].spec.capacity;
        next.limits[0].spec.refill = limit::isWindow(to) ? capacity : std::min<limit::Tokens>(capacity, 1000);
        std::optional<Result<Done>> done;
        QObject context;
        service->changeLimits(next, mode, &context, [&done](const Result<Done> &result) { done = result; });
        if (!QTest::qWaitFor([&] { return done.has_value(); }, kSoonMs) || !*done) {
            qWarning("%s", done ? done->error().detail.c_str() : "no answer");
            return false;
        }
        return true;
    }
    QByteArray algorithmInRedis()
    {
        QFETCH_GLOBAL(const bool, isByKey);
        return storedField(m_redis, isByKey ? "weir:{global:k}" : "weir:{global}", "algorithm");
    }
    /// One that says nothing of its limit.
    std::unique_ptr<RunningService> servePlain()
    {
        return std::make_unique<RunningService>(m_redis, limit::LimitSpec{}, 2, config::StoreFailurePolicy::Local,
                                                [](config::Config &config) { config.limit = {}; });
    }

    std::int64_t m_admitted{0}; ///< by all clients of a test

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void initTestCase_data()
    {
        QTest::addColumn<bool>("isByKey");
        QTest::newRow("one bucket") << false;
        QTest::newRow("by key") << true;
    }
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
        m_admitted = 0;
    }
    void cleanup()
    {
        m_clients.reset();
        m_service.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }

    // Through all 42 pairs, one after the other: a closed walk over the 7 algorithms.
    void byThePanelFromAnyToAnyOther()
    {
        QFETCH_GLOBAL(const bool, isByKey);
        constexpr std::size_t kAlgorithms = limit::kAlgorithmNames.size();
        m_service = m_file.serve(m_redis, textOf(limit::Algorithm::TokenBucket, isByKey));
        m_clients = std::make_unique<BusyClients>(m_service->port(), 2, 300us);
        std::size_t at = 0, changes = 0;
        for (std::size_t step = 1; step < kAlgorithms; ++step) {
            for (std::size_t n = 0; n < kAlgorithms; ++n, ++changes) {
                at = (at + step) % kAlgorithms;
                const auto next = static_cast<limit::Algorithm>(at);
                QVERIFY2(changeBy(*m_service, next), wordOf(next));
                const QByteArray policy = policyAt(*m_service);
                QVERIFY2(policy.startsWith(quotaOf(next, kCapacity)), wordOf(next) + ": " + policy);
                QCOMPARE(algorithmInRedis(), wordOf(next));
                QCOMPARE((*m_service)->status().limit.spec.algorithm, next);
            }
        }
        QCOMPARE(changes, std::size_t{42});
        endLoad();
        const std::int64_t buckets = isByKey ? 2 : 1; // that of the key, and that of requests without one
        QVERIFY2(m_admitted <= buckets * kCapacity, QByteArray::number(qint64{m_admitted}));
    }

    // The file has another one at the next start. What was taken stays taken.
    void byARestartFromAnyToAnyOther()
    {
        QFETCH_GLOBAL(const bool, isByKey);
        constexpr std::size_t kAlgorithms = limit::kAlgorithmNames.size();
        std::size_t at = 0;
        for (std::size_t step = 1; step < kAlgorithms; ++step) {
            for (std::size_t n = 0; n < kAlgorithms; ++n) {
                at = (at + step) % kAlgorithms;
                const auto next = static_cast<limit::Algorithm>(at);
                m_service.reset();
                m_service = m_file.serve(m_redis, textOf(next, isByKey, 20));
                const QByteArray policy = policyAt(*m_service);
                QVERIFY2(policy.startsWith(quotaOf(next, 20)), wordOf(next) + ": " + policy);
                QCOMPARE(algorithmInRedis(), wordOf(next));
            }
        }
        QVERIFY2(m_admitted >= 10 && m_admitted <= 20, QByteArray::number(qint64{m_admitted})); // 42 asked
    }

    void byTheFileToATokenBucketAndBack()
    {
        QFETCH_GLOBAL(const bool, isByKey);
        m_service = m_file.serve(m_redis, textOf(limit::Algorithm::Gcra, isByKey));
        m_clients = std::make_unique<BusyClients>(m_service->port(), 2, 300us);
        for (int i = 1; i < 8; ++i) { // another capacity each time, to see that the file was read
            for (const auto to : {limit::Algorithm::TokenBucket, static_cast<limit::Algorithm>(i % 7)}) {
                const int capacity = kCapacity - 2 * i - (to == limit::Algorithm::TokenBucket ? 1 : 0);
                m_file.write(textOf(to, isByKey, capacity));
                QTRY_COMPARE_WITH_TIMEOUT(inForce(*m_service), "global=" + QByteArray::number(capacity) + ' ', kSoonMs);
                const QByteArray policy = policyAt(*m_service);
                QVERIFY2(policy.startsWith(quotaOf(to, capacity)), policy);
                QCOMPARE(algorithmInRedis(), wordOf(to));
            }
        }
        endLoad();
        QVERIFY2(m_admitted <= (isByKey ? 2 : 1) * kCapacity, QByteArray::number(qint64{m_admitted}));
    }

    // One has a file and changes the algorithm; the other has none and goes by what the store says. Both go on deciding.
    void anotherInstanceFollows()
    {
        QFETCH_GLOBAL(const bool, isByKey);
        m_service = m_file.serve(m_redis, textOf(limit::Algorithm::TokenBucket, isByKey));
        QVERIFY(policyAt(*m_service).startsWith("\"global\";q=3000"));
        const LimitsFile none;
        const auto other =
            isByKey ? none.serveWithout(m_redis, textOf(limit::Algorithm::TokenBucket, isByKey)) : servePlain();
        BusyClients clients{other->port(), 2, 300us};
        for (const auto to : {limit::Algorithm::Gcra, limit::Algorithm::FixedWindow, limit::Algorithm::TokenBucket,
                              limit::Algorithm::SlidingLog, limit::Algorithm::TokenBucket}) {
            QVERIFY2(changeBy(*m_service, to), wordOf(to));
            for (int again = 0; again < 4; ++again) { // on each worker
                const QByteArray policy = policyAt(*other);
                QVERIFY2(policy.startsWith(quotaOf(to, kCapacity)), wordOf(to) + ": " + policy);
            }
            QTRY_COMPARE_WITH_TIMEOUT((*other)->status().limit.spec.algorithm, to, kSoonMs);
            policyAt(*other);                         // a bucket by key takes it over with its next request
            QCOMPARE(algorithmInRedis(), wordOf(to)); // it was not changed back
            QCOMPARE((*m_service)->status().limit.spec.algorithm, to);
        }
        const Tally tally = clients.stop();
        QCOMPARE(tally.other + tally.unanswered + tally.cutShort + tally.local, std::int64_t{0});
        m_admitted += tally.admitted;
        QVERIFY2(m_admitted <= (isByKey ? 2 : 1) * kCapacity, QByteArray::number(qint64{m_admitted}));
    }

    // Somebody else's algorithm is there already when this one starts, and says nothing of an algorithm itself.
    void aWeirWithoutAFileStartsByWhatIsThere()
    {
        QFETCH_GLOBAL(const bool, isByKey);
        if (isByKey)
            return; // without a file there is no key
        for (const auto algorithm : {limit::Algorithm::LeakyBucket, limit::Algorithm::SlidingCounter}) {
            m_service.reset();
            m_redis.command({"FLUSHALL"});
            m_service = m_file.serveWithout(m_redis, textOf(algorithm, false, 5));
            for (int i = 0; i < 3; ++i)
                QVERIFY(policyAt(*m_service).startsWith(quotaOf(algorithm, 5)));
            m_service = servePlain();
            m_admitted = 0;
            for (int i = 0; i < 4; ++i)
                QVERIFY(policyAt(*m_service).startsWith(quotaOf(algorithm, 5)));
            QCOMPARE(m_admitted, std::int64_t{2});
            QCOMPARE(algorithmInRedis(), wordOf(algorithm));
            QVERIFY(m_service->setLevel(limit::StartLevel::Full));
            for (int i = 0; i < 6; ++i)
                QVERIFY(policyAt(*m_service).startsWith(quotaOf(algorithm, 5)));
            QCOMPARE(m_admitted, std::int64_t{7});
        }
    }

    // What the panel offers for the tokens holds for another algorithm as well.
    void theModeHoldsForAnotherAlgorithm()
    {
        QFETCH_GLOBAL(const bool, isByKey);
        if (isByKey)
            return; // those by key keep their tokens
        for (const auto from : {limit::Algorithm::Gcra, limit::Algorithm::FixedWindow}) {
            m_service.reset();
            m_redis.command({"FLUSHALL"});
            m_service = m_file.serveWithout(m_redis, textOf(from, false, 4));
            for (int i = 0; i < 3; ++i)
                QVERIFY(policyAt(*m_service).startsWith("\"global\";q=4"));
            QVERIFY(changeBy(*m_service, limit::Algorithm::TokenBucket, limit::TokenMode::Refill));
            m_admitted = 0;
            for (int i = 0; i < 6; ++i)
                QVERIFY(policyAt(*m_service).startsWith("\"global\";q=4"));
            QCOMPARE(m_admitted, std::int64_t{4});
        }
    }
};

QTEST_GUILESS_MAIN(TestAlgorithmChange)
#include "tst_algorithm_change.moc"

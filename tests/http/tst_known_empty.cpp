// SPDX-License-Identifier: GPL-3.0-only
// A bucket that is known to be empty, over real connections with a real Redis: few calls, and every count stays exact.
#include <QTest>

#include "tests/http/one_or_two_limits.h"
#include "tests/support/busy_clients.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kClients = 8;
constexpr int kSoonMs = 10'000;
constexpr int kIntervals = 20;
constexpr Micros kYear{365LL * 24h};

struct Books {
    std::int64_t tokens{0}, interval{0}, born{0}, admitted{0}, refused{0}, taken{0};
};

} // namespace

class TestKnownEmpty : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;

    std::unique_ptr<RunningService> serve(const limit::LimitSpec &spec) { return serveOneOrTwo(m_redis, spec); }
    Books books()
    {
        const auto [tokens, interval, born, admitted, refused, taken] =
            storedNumbers(m_redis, "weir:{global}", "tokens", "interval", "born", "admitted", "refused", "taken");
        return {tokens, interval, born, admitted, refused, taken};
    }

private Q_SLOTS:
    void initTestCase_data() { addOneAndTwoLimits(); }
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void init() { m_redis.command({"FLUSHALL"}); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void fewCallsAndThreeEqualCounts()
    {
        const auto service = serve({100, 100, kYear, limit::StartLevel::Full});
        BusyClients clients{service->port(), kClients};
        QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 5000, 4 * kSoonMs);
        const Tally tally = clients.stop();
        QCOMPARE(tally.other + tally.cutShort + tally.unanswered, std::int64_t{0});
        QCOMPARE(tally.admitted, std::int64_t{100});
        const telemetry::Totals totals = (*service)->status().totals;
        QCOMPARE(totals.admitted, tally.admitted);
        QCOMPARE(totals.refused, tally.refused);
        QVERIFY(2 * totals.refusedKnown > totals.refused && totals.refusedKnown <= totals.refused);
        QCOMPARE(totals.decided(telemetry::DecidedBy::Store), tally.answers());
        QTRY_COMPARE_WITH_TIMEOUT(books().refused, tally.refused, kSoonMs);
        QCOMPARE(books().admitted, tally.admitted);
        QCOMPARE(books().taken, tally.admitted);
        QTRY_COMPARE_WITH_TIMEOUT((*service)->status().level.refusedLifetime, tally.refused, kSoonMs);
        qInfo("%lld requests, %lld calls", static_cast<long long>(tally.answers()),
              static_cast<long long>(totals.storeCalls));
        QVERIFY(2 * totals.storeCalls < tally.answers());
    }

    // No refill is missed, and none is given twice: with requests always waiting it is equality.
    void everyRefillIsTaken()
    {
        constexpr limit::Tokens kRefill = 7;
        constexpr Micros kEvery{50'000};
        const auto service = serve({1000, kRefill, kEvery, limit::StartLevel::Empty});
        BusyClients clients{service->port(), kClients};
        Books now;
        QTRY_VERIFY_WITH_TIMEOUT((now = books()).born > 0 && now.interval >= now.born / kEvery.count() + kIntervals
                                     && now.tokens == 0,
                                 kSoonMs);
        const Tally tally = clients.stop();
        QCOMPARE(now.admitted, kRefill * (now.interval - now.born / kEvery.count()));
        QVERIFY(tally.admitted >= now.admitted && tally.refused > 0);
        QTRY_COMPARE_WITH_TIMEOUT(books().refused, tally.refused, kSoonMs);
        QCOMPARE(books().admitted, tally.admitted);
    }

    void aFillIsSeenByTheNextRequest()
    {
        const auto service = serve({2, 2, kYear, limit::StartLevel::Full});
        for (int round = 0; round < 20; ++round) {
            for (int i = 0; i < 10; ++i)
                QCOMPARE(service->get()->status, i < 2 ? 200 : 429);
            QVERIFY(service->setLevel(limit::StartLevel::Full));
        }
        QCOMPARE(service->get()->status, 200);
    }

    void aChangedLimitIsSeenByTheNextRequest()
    {
        const auto service = serve({2, 2, kYear, limit::StartLevel::Full});
        for (limit::Tokens capacity = 3; capacity < 13; ++capacity) {
            for (int i = 0; i < 20; ++i)
                service->get();
            QCOMPARE(service->get()->status, 429);
            QVERIFY(service->change({capacity, 2, kYear, limit::StartLevel::Full}, limit::TokenMode::Refill));
            const auto response = service->get();
            QCOMPARE(response->status, 200);
            QVERIFY(response->header("ratelimit")
                        .startsWith("\"global\";r=" + QByteArray::number(qint64{capacity - 1}) + ";"));
        }
    }

    void aStopTellsWhatIsOwed()
    {
        for (int round = 0; round < 5; ++round) {
            m_redis.command({"FLUSHALL"});
            auto service = serve({2, 2, kYear, limit::StartLevel::Full});
            RawHttpClient client;
            QVERIFY(client.connectTo(service->port()));
            for (int i = 0; i < 40; ++i) {
                QVERIFY(client.sendRequest("GET", "/"));
                QVERIFY(client.readResponse());
            }
            service.reset();
            QCOMPARE(books().admitted, std::int64_t{2});
            QCOMPARE(books().refused, std::int64_t{38});
        }
    }
};

QTEST_GUILESS_MAIN(TestKnownEmpty)
#include "tst_known_empty.moc"

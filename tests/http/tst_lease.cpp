// SPDX-License-Identifier: GPL-3.0-only
// Tokens that are taken ahead (--lease), over real connections with a real Redis: few calls, and every token accounted for.
#include <QTest>

#include <csignal>

#include "tests/http/one_or_two_limits.h"
#include "tests/support/busy_clients.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kClients = 8;
constexpr int kSoonMs = 20'000;
constexpr limit::Tokens kMost = 100;
constexpr limit::Tokens kPlenty = limit::kMaxCapacity;
constexpr Micros kYear{365LL * 24h};

struct Books {
    std::int64_t tokens{0}, admitted{0}, refused{0}, taken{0}, refilled{0};
};

limit::LimitSpec yearly(limit::Tokens capacity)
{
    return {capacity, capacity, kYear, limit::StartLevel::Full};
}

} // namespace

class TestLease : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;

    std::unique_ptr<RunningService> serve(const limit::LimitSpec &spec, limit::Tokens lease = kMost)
    {
        return serveOneOrTwo(m_redis, spec, lease);
    }
    Books books()
    {
        const auto [tokens, admitted, refused, taken, refilled] =
            storedNumbers(m_redis, "weir:{global}", "tokens", "admitted", "refused", "taken", "refilled");
        return {tokens, admitted, refused, taken, refilled};
    }
    [[nodiscard]] double callsARequest(limit::Tokens lease)
    {
        m_redis.command({"FLUSHALL"});
        const auto service = serve(yearly(kPlenty), lease);
        BusyClients clients{service->port(), kClients};
        (void)QTest::qWaitFor([&] { return clients.answers() > 10'000; }, kSoonMs);
        const Tally tally = clients.stop();
        return static_cast<double>((*service)->status().totals.storeCalls) / static_cast<double>(tally.answers());
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

    void aSteadyLoadIsCountedTheSameByAll()
    {
        const auto service = serve(yearly(kPlenty));
        BusyClients clients{service->port(), kClients};
        QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 20'000, 2 * kSoonMs);
        const Tally tally = clients.stop();
        QCOMPARE(tally.refused + tally.other + tally.cutShort + tally.unanswered, std::int64_t{0});
        const telemetry::Totals totals = (*service)->status().totals;
        QCOMPARE(totals.admitted, tally.admitted);
        QCOMPARE(totals.decided(telemetry::DecidedBy::Store), tally.answers());
        QTRY_COMPARE_WITH_TIMEOUT(books().admitted, tally.admitted, kSoonMs); // once all was given back
        QCOMPARE((*service)->status().lease.held, limit::Tokens{0});
        QCOMPARE((*service)->status().lease.most, kMost);
        QCOMPARE(books().tokens, kPlenty - tally.admitted);
        QCOMPARE(books().taken - books().refilled, tally.admitted);
        QCOMPARE(books().refused, std::int64_t{0});
        qInfo("%lld requests, %lld calls", static_cast<long long>(tally.answers()),
              static_cast<long long>(totals.storeCalls));
    }

    void itNeedsFarFewerCalls()
    {
        const double without = callsARequest(0), with = callsARequest(kMost);
        qInfo("%.3f and %.3f calls a request", without, with);
        QVERIFY(4 * with < without);
    }

    // What the store has granted and no client has got is what is held, and what is under way.
    void noMoreIsHeldThanWasPromised()
    {
        const auto first = serve(yearly(kPlenty)), second = serve(yearly(kPlenty));
        BusyClients some{first->port(), kClients}, others{second->port(), kClients};
        const auto answers = [&] { return some.answers() + others.answers(); };
        std::int64_t most = 0;
        for (int look = 0; look < 200; ++look) {
            const std::int64_t next = answers() + 100;
            QTRY_VERIFY_WITH_TIMEOUT(answers() > next, kSoonMs);
            const std::int64_t granted = books().admitted;
            most = std::max(most, granted - answers());
        }
        QVERIFY2(most <= kMost * kWorkers * 2 + std::int64_t{2} * kClients, qPrintable(QString::number(most)));
        QVERIFY2(most > 0, qPrintable(QString::number(most)));
        QTRY_COMPARE_WITH_TIMEOUT((*first)->status().lease.bound, kMost * kWorkers * 2, kSoonMs);
        const std::int64_t admitted = some.stop().admitted + others.stop().admitted;
        QTRY_COMPARE_WITH_TIMEOUT(books().admitted, admitted, kSoonMs);
    }

    // Every token is given to somebody, and none twice, by two instances that come to the edge together.
    void theLastTokenIsTheLast()
    {
        constexpr limit::Tokens kSome = 5000;
        const auto first = serve(yearly(kSome)), second = serve(yearly(kSome));
        BusyClients some{first->port(), kClients}, others{second->port(), kClients};
        QTRY_VERIFY_WITH_TIMEOUT(some.answers() + others.answers() > 2 * kSome, kSoonMs);
        const auto held = [&] { return (*first)->status().lease.held + (*second)->status().lease.held; };
        QTRY_VERIFY_WITH_TIMEOUT(held() == 0 && books().tokens == 0, kSoonMs);
        const Tally a = some.stop(), b = others.stop();
        QCOMPARE(a.admitted + b.admitted, std::int64_t{kSome});
        QCOMPARE(books().admitted, std::int64_t{kSome});
        QTRY_COMPARE_WITH_TIMEOUT(books().refused, a.refused + b.refused, kSoonMs);
    }

    void refillsAreGivenOnce()
    {
        constexpr limit::Tokens kCapacity = 2000, kRefill = 400;
        const auto service = serve({kCapacity, kRefill, 50ms, limit::StartLevel::Full});
        BusyClients clients{service->port(), kClients};
        QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 20'000, 2 * kSoonMs);
        const Tally tally = clients.stop();
        QTRY_COMPARE_WITH_TIMEOUT((*service)->status().lease.held, limit::Tokens{0}, kSoonMs);
        QTRY_COMPARE_WITH_TIMEOUT(books().admitted, tally.admitted, kSoonMs);
        QVERIFY(books().tokens >= 0 && books().tokens <= kCapacity);
        QCOMPARE(books().tokens, kCapacity + books().refilled - books().taken);
        QTRY_COMPARE_WITH_TIMEOUT(books().refused, tally.refused, kSoonMs);
    }

    void aDrainStopsItAtOnce()
    {
        const auto service = serve(yearly(kPlenty));
        BusyClients clients{service->port(), kClients};
        QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 3000, kSoonMs);
        QVERIFY(service->setLevel(limit::StartLevel::Empty));
        for (int i = 0; i < 20; ++i)
            QCOMPARE(service->get()->status, 429);
        const Tally tally = clients.stop();
        QTRY_COMPARE_WITH_TIMEOUT((*service)->status().lease.held, limit::Tokens{0}, kSoonMs);
        QVERIFY(tally.admitted > 0 && tally.refused > 0);
        QCOMPARE(books().tokens, std::int64_t{0}); // nothing came back
    }

    void ofFiveThereAreFive()
    {
        const auto service = serve(yearly(5), 1000);
        BusyClients clients{service->port(), kClients};
        QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 500, kSoonMs);
        const Tally tally = clients.stop();
        QCOMPARE(tally.admitted, std::int64_t{5});
        QTRY_COMPARE_WITH_TIMEOUT(books().refused, tally.refused, kSoonMs);
        QCOMPARE(books().taken, std::int64_t{5}); // none was ever taken ahead
    }

    void aStopGivesBack()
    {
        for (int round = 0; round < 3; ++round) {
            m_redis.command({"FLUSHALL"});
            auto service = serve(yearly(kPlenty), 10'000);
            BusyClients clients{service->port(), kClients};
            QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 3000, kSoonMs);
            const Tally tally = clients.stop();
            service.reset(); // before what is held goes back by itself
            QCOMPARE(books().tokens, kPlenty - tally.admitted);
            QCOMPARE(books().admitted, tally.admitted);
        }
    }

    void sigtermGivesBack()
    {
        WeirProcess weir;
        QVERIFY2(
            weir.start(words("serve --threads 2 --capacity 1000000000 --refill 1 --every 365d --lease 10000 --redis ")
                       + QStringList{m_redis.url()}),
            weir.errors());
        BusyClients clients{weir.port(), kClients};
        QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 3000, kSoonMs);
        weir.signal(SIGTERM);
        const Tally tally = clients.wait();
        QCOMPARE(weir.waitForExit(10s), 0);
        QCOMPARE(tally.cutShort, std::int64_t{0});
        QCOMPARE(books().admitted, tally.admitted);
        QCOMPARE(books().tokens, kPlenty - tally.admitted);
    }

    // What it held is lost, no more than was promised; nobody ever got a token that the store did not grant.
    void killedItLosesWhatItHeld()
    {
        constexpr limit::Tokens kHeld = 1000;
        WeirProcess weir;
        QVERIFY2(
            weir.start(words("serve --threads 2 --capacity 1000000000 --refill 1 --every 365d --lease 1000 --redis ")
                       + QStringList{m_redis.url()}),
            weir.errors());
        BusyClients clients{weir.port(), kClients};
        QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 5000, kSoonMs);
        weir.signal(SIGKILL);
        const Tally tally = clients.wait();
        weir.waitForExit(10s);
        const std::int64_t lost = books().admitted - tally.admitted;
        QVERIFY2(lost >= 0 && lost <= kHeld * kWorkers + kClients, qPrintable(QString::number(lost)));
        QCOMPARE(books().tokens, kPlenty - books().admitted);
    }
};

QTEST_GUILESS_MAIN(TestLease)
#include "tst_lease.moc"

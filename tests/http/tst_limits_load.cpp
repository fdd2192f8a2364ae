// SPDX-License-Identifier: GPL-3.0-only
// All or nothing under load: clients in parallel, 1, 2 and 5 limits, and the three counts are the same.
#include <QTest>

#include <atomic>
#include <thread>

#include "tests/http/running_service.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kClients = 8;
constexpr int kRequests = 400; // of each client
constexpr int kSoonMs = 10'000;

struct Outcome {
    std::atomic<std::int64_t> admitted{0};
    std::atomic<std::int64_t> refused{0};
    std::atomic<std::int64_t> other{0};
};

void askAgainAndAgain(std::uint16_t port, int client, Outcome &outcome)
{
    RawHttpClient http;
    if (!http.connectTo(port))
        return;
    for (int i = 0; i < kRequests; ++i) {
        const QByteArray key = "X-Api-Key: k" + QByteArray::number((client + i) % 3) + "\r\n";
        http.sendRequest("GET", "/", key);
        const auto response = http.readResponse();
        const int status = response ? response->status : 0;
        ++(status == 200 ? outcome.admitted : status == 429 ? outcome.refused : outcome.other);
    }
}

} // namespace

class TestLimitsLoad : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    RedisServer m_redis;

private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void nothingIsTakenByHalves_data()
    {
        QTest::addColumn<int>("limits");
        for (const int limits : {1, 2, 5})
            QTest::addRow("%d", limits) << limits;
    }

    // Each limit has another capacity, so the tightest of them refuses; what it refuses must take nothing of the others.
    void nothingIsTakenByHalves()
    {
        QFETCH(const int, limits);
        m_redis.command({"FLUSHALL"});
        RunningService service{m_redis, {}, 2, config::StoreFailurePolicy::Reject, [&](config::Config &config) {
                                   for (int i = 0; i < limits; ++i) {
                                       config::LimitEntry entry;
                                       entry.name = "l" + std::to_string(i);
                                       entry.spec.algorithm = static_cast<limit::Algorithm>(i % 5);
                                       entry.spec.capacity = 600 + 100 * i;
                                       entry.spec.refill = entry.spec.capacity; // none comes back while a test runs
                                       entry.spec.interval = Micros{365LL * 24h};
                                       entry.onStoreFailure = config::StoreFailurePolicy::Reject;
                                       if (i % 2 == 0)
                                           entry.key = {{config::KeyPart::Kind::Header, "X-Api-Key"}};
                                       config.limitSet.limits.push_back(entry);
                                   }
                               }};
        Outcome outcome;
        std::vector<std::thread> clients;
        for (int i = 0; i < kClients; ++i)
            clients.emplace_back([&, i] { askAgainAndAgain(service.port(), i, outcome); });
        for (std::thread &client : clients)
            client.join();
        QCOMPARE(outcome.other.load(), std::int64_t{0});
        QVERIFY(outcome.refused.load() > 0);

        const engine::Status status = service->status();
        QCOMPARE(status.totals.admitted, outcome.admitted.load());
        QCOMPARE(status.totals.refused, outcome.refused.load());
        for (int i = 0; i < limits; ++i) {
            std::int64_t admitted = 0, taken = 0;
            const QByteArray name = "weir:{l" + QByteArray::number(i);
            for (const char *subject : {"}", ":k0}", ":k1}", ":k2}"}) {
                const auto stored = storedNumbers(m_redis, name + subject, "admitted", "taken");
                admitted += stored[0];
                taken += stored[1];
            }
            QCOMPARE(admitted, outcome.admitted.load()); // every limit, or none
            QCOMPARE(taken, outcome.admitted.load());
            QTRY_COMPARE_WITH_TIMEOUT(service->status().limits.at(static_cast<std::size_t>(i)).admitted,
                                      outcome.admitted.load(), kSoonMs);
        }
    }
};

QTEST_GUILESS_MAIN(TestLimitsLoad)
#include "tst_limits_load.moc"

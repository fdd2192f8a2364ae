// SPDX-License-Identifier: GPL-3.0-only
// The refiller is paused, and the whole process is: who refills then, and how much.
#include <QTest>

#include <csignal>
#include <map>

#include "tests/http/running_service.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr limit::LimitSpec kSpec{5, 5, 100ms, limit::StartLevel::Full};
constexpr int kPatienceMs = 10'000;

} // namespace

class TestRefillerFaults : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        QVERIFY(m_redis.isRunning() || m_redis.start());
        m_redis.command({"FLUSHALL"});
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void onDemandADeadRefillerChangesNothing();
    void withoutDemandADeadRefillerStarvesTheBucket();
    void whoRefilledLastIsKnown();
    void aStoppedProcessCatchesUpOnce();

private:
    qint64 field(const char *name) { return storedField(m_redis, "weir:{global}", name).toLongLong(); }
    /// All at one moment.
    std::map<QByteArray, qint64> bucket()
    {
        std::map<QByteArray, qint64> fields;
        const auto pairs = spelledOut(m_redis.hash("weir:{global}"));
        for (const auto &[name, value] : pairs)
            fields[name] = value.toLongLong();
        return fields;
    }
    /// Until so many intervals have passed by the clock.
    bool pass(int intervals)
    {
        const auto now = [] { return std::chrono::system_clock::now().time_since_epoch() / kSpec.interval; };
        const std::int64_t first = now();
        return QTest::qWaitFor([&] { return now() > first + intervals; }, kPatienceMs);
    }
    bool pause(RunningService &service, bool isOnDemand)
    {
        service->setRefillOnDemand(isOnDemand);
        service->pauseRefiller(true);
        return QTest::qWaitFor(
            [&] {
                const engine::RefillStatus refill = service->status().refill;
                return refill.isPaused && !refill.isRunning && refill.isOnDemand == isOnDemand;
            },
            kPatienceMs);
    }

    WarningsFail m_warnings;
    RedisServer m_redis;
};

void TestRefillerFaults::onDemandADeadRefillerChangesNothing()
{
    RunningService service{m_redis, kSpec, 1};
    QVERIFY(pause(service, true));
    const qint64 before = field("interval");
    for (int round = 0; round < 3; ++round) {
        QVERIFY(pass(1));
        QCOMPARE(service.get()->status, 200);
    }
    QVERIFY(field("interval") >= before + 3);
    QCOMPARE(m_redis.command({"HGET", "weir:{global}", "refiller"}).text, QByteArray{"-"}); // a request
}

void TestRefillerFaults::withoutDemandADeadRefillerStarvesTheBucket()
{
    RunningService service{m_redis, kSpec, 1};
    QVERIFY(pause(service, false));
    int admitted = 0;
    while (service.get()->status == 200)
        QVERIFY(++admitted <= 10); // what was there, and what the last tick has added
    const qint64 interval = field("interval");
    // Longer than the bucket would live if nobody asked.
    for (int round = 0; round < 6; ++round) {
        QVERIFY(pass(1));
        const auto refused = service.get();
        QCOMPARE(refused->status, 429);
        QVERIFY(refused->header("retry-after").toInt() >= 1);
    }
    QCOMPARE(field("interval"), interval);
    QCOMPARE(field("tokens"), qint64{0});
    service->pauseRefiller(false);
    QTRY_COMPARE_WITH_TIMEOUT(field("tokens"), qint64{5}, kPatienceMs);
    QCOMPARE(service.get()->status, 200);
}

void TestRefillerFaults::whoRefilledLastIsKnown()
{
    RunningService service{m_redis, kSpec, 1};
    service->setRefillOnDemand(false);
    const std::string us = ":" + std::to_string(QCoreApplication::applicationPid());
    QTRY_VERIFY_WITH_TIMEOUT(service->status().refill.lastBy.ends_with(us), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(service->status().refill.lateness > 0us, kPatienceMs);
    const engine::RefillStatus refill = service->status().refill;
    QVERIFY(refill.isRunning);
    QVERIFY(refill.tickedAtMs > 0);
    QVERIFY(refill.worstLateness >= refill.lateness);
    QVERIFY(m_redis.command({"HGET", "weir:{global}", "refiller"}).text.endsWith(us.c_str()));
}

// As after a suspend of the machine: the intervals of the pause come at once, up to the capacity.
void TestRefillerFaults::aStoppedProcessCatchesUpOnce()
{
    constexpr qint64 kCapacity = 30, kRefill = 2;
    WeirProcess weir;
    QVERIFY2(
        weir.start(words("serve --capacity 30 --refill 2 --every 100ms --threads 1 --redis " + m_redis.url().toUtf8())),
        weir.errors());
    RawHttpClient client;
    QVERIFY(client.connectTo(weir.port()));
    for (int i = 0; i < kCapacity; ++i)
        QVERIFY(client.sendRequest("GET", "/") && client.readResponse());
    weir.signal(SIGSTOP);
    const auto before = bucket();
    QVERIFY(pass(12)); // less than the bucket lives
    QCOMPARE(bucket(), before);
    weir.signal(SIGCONT);
    QTRY_VERIFY_WITH_TIMEOUT(field("interval") > before.at("interval") + 12, kPatienceMs);
    const auto after = bucket();
    const qint64 due = kRefill * (after.at("interval") - before.at("interval"));
    QCOMPARE(after.at("tokens"), std::min(kCapacity, before.at("tokens") + due));
    QCOMPARE(after.at("refilled") - before.at("refilled"), after.at("tokens") - before.at("tokens"));
    QCOMPARE(weir.stop(10s), 0);
}

QTEST_GUILESS_MAIN(TestRefillerFaults)
#include "tst_refiller_faults.moc"

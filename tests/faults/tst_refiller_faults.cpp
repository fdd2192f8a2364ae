// SPDX-License-Identifier: GPL-3.0-only
// The refiller is paused, and the whole process is: who refills then, and how much.
#include <QTest>

#include <csignal>
#include <map>

#include "tests/http/limits_file.h"
#include "tests/http/serve_setup.h"
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

Q_DECLARE_METATYPE(weir::test::LimitSetup::Kind)

class TestRefillerFaults : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase_data();
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
    /// With a bucket of `each`.
    static LimitSetup setup(limit::LimitSpec each = kSpec)
    {
        QFETCH_GLOBAL(const LimitSetup::Kind, kind);
        if (kind == LimitSetup::Kind::Keyed) {
            each.capacity *= qint64{LimitSetup::kKeys};
            each.refill *= qint64{LimitSetup::kKeys};
        }
        return {kind, each};
    }
    /// Buckets by key have none: requests refill them.
    static bool hasRefiller() { return setup().kind != LimitSetup::Kind::Keyed; }
    /// The bucket that get() takes from.
    static QByteArray key() { return setup().buckets().front().key; }
    static std::optional<RawResponse> get(std::uint16_t port)
    {
        RawHttpClient client;
        if (!client.connectTo(port) || !client.sendRequest("GET", "/", setup().fields(0)))
            return std::nullopt;
        return client.readResponse();
    }
    /// NAME INTERVAL.
    QByteArray refiller() { return m_redis.command({"HGET", key(), "refiller"}).text; }
    qint64 field(const char *name) { return storedField(m_redis, key(), name).toLongLong(); }
    /// All at one moment.
    std::map<QByteArray, qint64> bucket()
    {
        std::map<QByteArray, qint64> fields;
        const auto pairs = spelledOut(m_redis.hash(key()));
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

void TestRefillerFaults::initTestCase_data()
{
    QTest::addColumn<LimitSetup::Kind>("kind");
    for (const LimitSetup::Kind kind : kLimitKinds)
        QTest::addRow("limits: %s", LimitSetup{kind, kSpec}.name().c_str()) << kind;
}

void TestRefillerFaults::onDemandADeadRefillerChangesNothing()
{
    const auto served = serve(m_redis, setup(), 1, config::StoreFailurePolicy::Reject);
    RunningService &service = *served;
    QVERIFY(pause(service, true));
    QCOMPARE(get(service.port())->status, 200);
    const qint64 before = field("interval");
    for (int round = 0; round < 3; ++round) {
        QVERIFY(pass(1));
        QCOMPARE(get(service.port())->status, 200);
    }
    QVERIFY(field("interval") >= before + 3);
    // By a request: the last interval that the refiller applied, if any, is an older one.
    QVERIFY(!refiller().endsWith(' ' + QByteArray::number(field("interval"))));
}

void TestRefillerFaults::withoutDemandADeadRefillerStarvesTheBucket()
{
    const auto served = serve(m_redis, setup(), 1, config::StoreFailurePolicy::Reject);
    RunningService &service = *served;
    QVERIFY(pause(service, false));
    int admitted = 0;
    while (get(service.port())->status == 200)
        QVERIFY(++admitted <= 10); // what was there, and what the last tick has added
    const qint64 interval = field("interval");
    // Longer than the bucket would live if nobody asked.
    for (int round = 0; round < 6; ++round) {
        QVERIFY(pass(1));
        const auto refused = get(service.port());
        QCOMPARE(refused->status, 429);
        QVERIFY(refused->header("retry-after").toInt() >= 1);
    }
    QCOMPARE(field("interval"), interval);
    QCOMPARE(field("tokens"), qint64{0});
    service->pauseRefiller(false);
    if (!hasRefiller()) {
        QVERIFY(pass(1));
        QCOMPARE(get(service.port())->status, 429);
        service->setRefillOnDemand(true);
        QTRY_COMPARE_WITH_TIMEOUT(get(service.port())->status, 200, kPatienceMs);
        return;
    }
    QTRY_COMPARE_WITH_TIMEOUT(field("tokens"), qint64{5}, kPatienceMs);
    QCOMPARE(get(service.port())->status, 200);
}

void TestRefillerFaults::whoRefilledLastIsKnown()
{
    if (!hasRefiller())
        return;
    const auto served = serve(m_redis, setup(), 1, config::StoreFailurePolicy::Reject);
    RunningService &service = *served;
    service->setRefillOnDemand(false);
    const std::string us = ":" + std::to_string(QCoreApplication::applicationPid());
    // With several limits a refill is one that adds something.
    QTRY_VERIFY_WITH_TIMEOUT(get(service.port()) && service->status().refill.lastBy.ends_with(us), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(service->status().refill.lateness > 0us, kPatienceMs);
    const engine::RefillStatus refill = service->status().refill;
    QVERIFY(refill.isRunning);
    QVERIFY(refill.tickedAtMs > 0);
    QVERIFY(refill.worstLateness >= refill.lateness);
    QVERIFY(refiller().split(' ').first().endsWith(us.c_str()));
}

// As after a suspend of the machine: the intervals of the pause come at once, up to the capacity.
void TestRefillerFaults::aStoppedProcessCatchesUpOnce()
{
    constexpr qint64 kCapacity = 30, kRefill = 2;
    const LimitSetup limits = setup({kCapacity, kRefill, 100ms, limit::StartLevel::Full});
    const LimitsFile file;
    file.write(limits.text("local"));
    const QStringList arguments = words("serve --threads 1 --redis " + m_redis.url().toUtf8());
    WeirProcess weir;
    QVERIFY2(weir.start(arguments
                        + (limits.isPlain() ? words(limits.options("local"))
                                            : QStringList{QStringLiteral("--config"), file.path()})),
             weir.errors());
    RawHttpClient client;
    QVERIFY(client.connectTo(weir.port()));
    for (int i = 0; i < kCapacity; ++i)
        QVERIFY(client.sendRequest("GET", "/", limits.fields(0)) && client.readResponse());
    weir.signal(SIGSTOP);
    QVERIFY(pass(1)); // Redis may still be reading its last call
    const auto before = bucket();
    QVERIFY(pass(12)); // less than the bucket lives
    QCOMPARE(bucket(), before);
    weir.signal(SIGCONT);
    const qint64 taken = hasRefiller() ? 0 : 1;
    if (!hasRefiller())
        QVERIFY(client.sendRequest("GET", "/", limits.fields(0)) && client.readResponse());
    QTRY_VERIFY_WITH_TIMEOUT(field("interval") > before.at("interval") + 12, kPatienceMs);
    const auto after = bucket();
    const qint64 due = kRefill * (after.at("interval") - before.at("interval"));
    QCOMPARE(after.at("tokens"), std::min(kCapacity, before.at("tokens") + due) - taken);
    QCOMPARE(after.at("refilled") - before.at("refilled"), after.at("tokens") - before.at("tokens") + taken);
    QCOMPARE(weir.stop(10s), 0);
}

QTEST_GUILESS_MAIN(TestRefillerFaults)
#include "tst_refiller_faults.moc"

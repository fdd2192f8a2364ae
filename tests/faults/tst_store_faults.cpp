// SPDX-License-Identifier: GPL-3.0-only
// Redis hangs, dies, forgets, refuses: everybody is answered in time, nothing is overspent, and the counts agree.
#include <QTest>

#include <functional>
#include <map>
#include <memory>

#include "tests/http/serve_setup.h"
#include "tests/support/chaos_proxy.h"
#include "tests/support/free_port.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using Policy = config::StoreFailurePolicy;
using Kind = LimitSetup::Kind;

namespace {

// Refilled with less than the clients want, so that every token too many shows.
constexpr limit::LimitSpec kSpec{300, 40, 100ms, limit::StartLevel::Full};
constexpr int kClients = 4;
constexpr auto kPause = 1ms;
constexpr int kPatienceMs = 15'000;
// Weir promises 100 ms; the rest is for a machine that does other things as well.
constexpr std::chrono::milliseconds kLongest = 100ms + 400ms;

QStringList withFile()
{
    return {QStringLiteral("--appendonly"), QStringLiteral("yes"), QStringLiteral("--appendfsync"),
            QStringLiteral("everysec")};
}

} // namespace

class TestStoreFaults : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init()
    {
        QVERIFY(m_redis.start());
        m_redis.command({"FLUSHALL"});
    }
    void cleanup()
    {
        m_redis.resume();
        m_proxy.reset();
        m_redis.kill();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void nothingIsOverspent_data();
    void nothingIsOverspent();
    void twoInstancesShare_data();
    void twoInstancesShare();

private:
    using Fault = std::function<void(RunningService &)>;

    void hang(int ms);
    void flushEverything();
    void flushScripts();
    void restart(const QStringList &arguments);
    void refusePassword(RunningService &service);
    void runOutOfMemory();
    void beDemoted();
    void distort(ChaosProxy::Way way);

    WarningsFail m_warnings;
    RedisServer m_redis;
    std::unique_ptr<ChaosProxy> m_proxy; ///< when the way to it is what fails
};

void TestStoreFaults::nothingIsOverspent_data()
{
    QTest::addColumn<Fault>("fault");
    QTest::addColumn<int>("policy");
    QTest::addColumn<bool>("goesLocal");
    QTest::addColumn<bool>("isProxied");
    QTest::addColumn<LimitSetup>("setup");
    // What several limits decide and settle by themselves; the rest is the link's.
    const auto isForAll = [](const QByteArray &name) {
        return name == "hangs 1 s" || name == "killed, comes back empty" || name == "killed, comes back with its file"
               || name == "forgets everything, again and again" || name == "refuses the password"
               || name == "does everything and answers nothing";
    };
    const auto add = [&](const char *name, Policy policy, bool goesLocal, const Fault &fault, bool isProxied) {
        for (const Kind kind : kLimitKinds)
            if (const LimitSetup setup{kind, kSpec}; kind == Kind::One || isForAll(name))
                QTest::addRow("%s, limits: %s", name, setup.name().c_str())
                    << fault << static_cast<int>(policy) << goesLocal << isProxied << setup;
    };
    const auto row = [&](const char *name, Policy policy, bool goesLocal, const Fault &fault) {
        add(name, policy, goesLocal, fault, false);
    };
    const auto way = [&](const char *name, ChaosProxy::Way how) {
        add(
            name, Policy::Local, true, [this, how](RunningService &) { distort(how); }, true);
    };
    row("nothing happens", Policy::Local, false, [](RunningService &) { QTest::qWait(500); });
    row("hangs 1 s", Policy::Local, true, [this](RunningService &) { hang(1000); });
    row("hangs 3 s", Policy::Local, true, [this](RunningService &) { hang(3000); });
    row("hangs 1 s, reject", Policy::Reject, false, [this](RunningService &) { hang(1000); });
    row("killed, comes back empty", Policy::Local, true, [this](RunningService &) { restart({}); });
    row("killed, comes back empty, reject", Policy::Reject, false, [this](RunningService &) { restart({}); });
    row("killed, comes back with its file", Policy::Local, true, [this](RunningService &) { restart(withFile()); });
    row("forgets everything, again and again", Policy::Local, false, [this](RunningService &) { flushEverything(); });
    row("forgets its scripts every 100 ms", Policy::Local, false, [this](RunningService &) { flushScripts(); });
    row("refuses the password", Policy::Local, false, [this](RunningService &service) { refusePassword(service); });
    row("has no memory left", Policy::Local, true, [this](RunningService &) { runOutOfMemory(); });
    row("is demoted, connections stay", Policy::Local, true, [this](RunningService &) { beDemoted(); });
    way("answers with garbage", ChaosProxy::Way::Garbage);
    way("answers by halves", ChaosProxy::Way::Half);
    way("does everything and answers nothing", ChaosProxy::Way::Swallow);
}

void TestStoreFaults::nothingIsOverspent()
{
    QFETCH(const Fault, fault);
    QFETCH(const int, policy);
    QFETCH(const bool, goesLocal);
    QFETCH(const bool, isProxied);
    QFETCH(const LimitSetup, setup);
    if (QByteArrayView{QTest::currentDataTag()}.contains("with its file")) {
        m_redis.kill();
        QVERIFY(m_redis.start(withFile()));
        m_redis.command({"FLUSHALL"}); // that of another row
    }
    const auto begun = std::chrono::system_clock::now();
    if (isProxied)
        m_proxy = std::make_unique<ChaosProxy>(m_redis.socketPath());
    const auto served = serve(m_redis, setup, 2, static_cast<Policy>(policy), [this](config::Config &config) {
        if (m_proxy)
            config.redisUrl = m_proxy->url().toStdString();
    });
    RunningService &service = *served;
    GroupedClients clients{service.port(), setup, kClients, kPause};
    QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 1000, kPatienceMs); // the level is known, the bucket empty
    fault(service);
    const auto backAt = std::chrono::steady_clock::now();
    QTRY_VERIFY_WITH_TIMEOUT(!service->status().failure.isDegraded
                                 && service->status().store.state == engine::StoreStatus::State::Ready,
                             kPatienceMs);
    const auto recovery = std::chrono::steady_clock::now() - backAt;
    const std::int64_t atReturn = clients.answers();
    QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > atReturn + 1000, kPatienceMs);
    const std::vector<Tally> tallies = clients.stop();
    const Tally tally = sumOf(tallies);
    // Two workers knew different things of what was lost: the next refills pay for that.
    std::map<QByteArray, limit::Tokens> debts;
    for (const LimitSetup::Bucket &bucket : setup.buckets())
        debts[bucket.key] = storedField(m_redis, bucket.key, "debt").toLongLong();
    const auto ended = std::chrono::system_clock::now();
    const engine::Status status = service->status();
    const auto mostOf = [&](const LimitSetup::Bucket &bucket) { return LimitSetup::mostOf(bucket.spec, begun, ended); };
    limit::Tokens most = 0;
    for (const LimitSetup::Bucket &bucket : setup.buckets())
        most += bucket.isLooser ? 0 : mostOf(bucket);
    qInfo("%s",
          qPrintable(
              QStringLiteral(
                  "admitted %1 of at most %2, refused %3, other %4, local %5; longest answer %6 ms, back after %7 ms; ")
                  .arg(tally.admitted)
                  .arg(most)
                  .arg(tally.refused)
                  .arg(tally.other)
                  .arg(tally.local)
                  .arg(tally.longest.count() / 1000)
                  .arg(recovery / 1ms)
              + QStringLiteral("in doubt %1 (taken %2), outages %3 (exact %4), excess %5, states lost %6")
                    .arg(status.failure.tokensInDoubt)
                    .arg(status.failure.foundTaken)
                    .arg(status.failure.outages)
                    .arg(status.failure.exactReturns)
                    .arg(status.failure.excess)
                    .arg(status.failure.statesLost)));
    QCOMPARE(tally.cutShort + tally.unanswered, std::int64_t{0});
    QVERIFY(tally.longest <= kLongest);
    for (const LimitSetup::Bucket &bucket : setup.buckets())
        QVERIFY2(tallies[bucket.group].admitted <= mostOf(bucket) + debts[bucket.key],
                 qPrintable(QString::number(debts[bucket.key])));
    // Clients and panel count the same.
    const telemetry::Totals &totals = status.totals;
    QCOMPARE(totals.admitted, tally.admitted);
    QCOMPARE(totals.refused, tally.refused);
    QCOMPARE(totals.undecided, tally.other);
    QCOMPARE(totals.decided(telemetry::DecidedBy::Local), tally.local);
    QCOMPARE(totals.decided(telemetry::DecidedBy::Store) + tally.local, tally.admitted + tally.refused);
    if (QByteArrayView{QTest::currentDataTag()}.startsWith("forgets everything")) // which is told once a second
        QTRY_VERIFY_WITH_TIMEOUT(service->status().failure.statesLost > 10, kPatienceMs);
    QVERIFY(!goesLocal || (tally.local > 0 && status.failure.outages > 0));
    QCOMPARE(status.failure.excess, limit::Tokens{0});
    // And Redis: everything that was answered, and at most what is in doubt besides.
    for (const LimitSetup::Bucket &bucket : setup.buckets()) {
        const std::int64_t admitted = tallies[bucket.group].admitted;
        // One look at all of it: the refiller goes on.
        const auto [tokens, refilled, taken, debt] =
            storedNumbers(m_redis, bucket.key, "tokens", "refilled", "taken", "debt");
        QVERIFY2(taken >= admitted && taken <= admitted + status.failure.tokensInDoubt,
                 qPrintable(QString::number(taken)));
        const limit::Tokens due = bucket.spec.capacity + refilled - taken;
        QVERIFY2(tokens - debt == due, qPrintable(QString::number(tokens - due)));
    }
}

void TestStoreFaults::twoInstancesShare_data()
{
    QTest::addColumn<LimitSetup>("setup");
    for (const Kind kind : kLimitKinds) {
        const LimitSetup setup{kind, kSpec};
        QTest::addRow("limits: %s", setup.name().c_str()) << setup;
    }
}

// Each goes on with half of what it knew; together they stay within the whole.
void TestStoreFaults::twoInstancesShare()
{
    QFETCH(const LimitSetup, setup);
    const auto begun = std::chrono::system_clock::now();
    const auto served = serve(m_redis, setup, 1, Policy::Local), other = serve(m_redis, setup, 1, Policy::Local);
    RunningService &one = *served, &two = *other;
    GroupedClients clients{one.port(), setup, 2, kPause}, others{two.port(), setup, 2, kPause};
    // With buckets by key an instance counts itself when it has heard of one.
    QTRY_VERIFY_WITH_TIMEOUT(one->status().failure.liveInstances == 2 && two->status().failure.liveInstances == 2,
                             kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 1000 && others.answers() > 1000, kPatienceMs);
    hang(1500);
    QTRY_VERIFY_WITH_TIMEOUT(!one->status().failure.isDegraded && !two->status().failure.isDegraded, kPatienceMs);
    std::vector<Tally> tallies = clients.stop();
    const std::vector<Tally> more = others.stop();
    QVERIFY(sumOf(tallies).local > 0 && sumOf(more).local > 0);
    for (std::size_t group = 0; group < tallies.size(); ++group)
        tallies[group].add(more[group]);
    const Tally tally = sumOf(tallies);
    const auto ended = std::chrono::system_clock::now();
    QCOMPARE(one->status().failure.shareOf, std::int64_t{2});
    const limit::Tokens excess = one->status().failure.excess + two->status().failure.excess;
    limit::Tokens over = 0;
    for (const LimitSetup::Bucket &bucket : setup.buckets())
        over +=
            std::max<limit::Tokens>(0, tallies[bucket.group].admitted - LimitSetup::mostOf(bucket.spec, begun, ended));
    qInfo("%s",
          qPrintable(QStringLiteral("admitted %1, too many %2, local %3, longest answer %4 ms, possible excess %5")
                         .arg(tally.admitted)
                         .arg(over)
                         .arg(tally.local)
                         .arg(tally.longest.count() / 1000)
                         .arg(excess)));
    QCOMPARE(tally.cutShort + tally.unanswered + tally.other, std::int64_t{0});
    QVERIFY(tally.longest <= kLongest);
    QVERIFY(over <= excess);
}

void TestStoreFaults::hang(int ms)
{
    m_redis.pause();
    QTest::qWait(ms);
    m_redis.resume();
}

void TestStoreFaults::restart(const QStringList &arguments)
{
    m_redis.kill();
    QTest::qWait(700);
    QVERIFY(m_redis.start(arguments));
}

void TestStoreFaults::flushEverything()
{
    for (int i = 0; i < 15; ++i) {
        m_redis.command({"FLUSHALL"});
        QTest::qWait(70);
    }
}

void TestStoreFaults::flushScripts()
{
    for (int i = 0; i < 12; ++i) {
        m_redis.command({"SCRIPT", "FLUSH"});
        QTest::qWait(100);
    }
}

// Nobody may be let through by a wrong password, whatever the policy.
void TestStoreFaults::refusePassword(RunningService &service)
{
    m_redis.command({"CONFIG", "SET", "requirepass", "other"});
    m_redis.command({"CLIENT", "KILL", "TYPE", "normal"});
    QTRY_VERIFY_WITH_TIMEOUT(service->status().totals.decided(telemetry::DecidedBy::Reject) > 500, kPatienceMs);
    QCOMPARE(service->status().failure.by, telemetry::DecidedBy::Reject);
    m_redis.command({"CONFIG", "SET", "requirepass", ""});
}

void TestStoreFaults::runOutOfMemory()
{
    m_redis.command({"CONFIG", "SET", "maxmemory", "1"});
    QTest::qWait(700);
    m_redis.command({"CONFIG", "SET", "maxmemory", "0"});
}

// A replica of nobody who is there.
void TestStoreFaults::beDemoted()
{
    m_redis.command({"REPLICAOF", "127.0.0.1", QByteArray::number(freePort())});
    QTest::qWait(700);
    m_redis.command({"REPLICAOF", "NO", "ONE"});
}

void TestStoreFaults::distort(ChaosProxy::Way way)
{
    m_proxy->set(way);
    QTest::qWait(700);
    m_proxy->set(ChaosProxy::Way::Through);
}

QTEST_GUILESS_MAIN(TestStoreFaults)
#include "tst_store_faults.moc"

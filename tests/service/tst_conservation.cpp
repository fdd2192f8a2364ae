// SPDX-License-Identifier: GPL-3.0-only
// No token is lost and none is invented: clients, panel and Redis count the same, however many Weirs share a bucket, with one
// limit, with several and with limits by key.
#include <QTest>

#include <algorithm>
#include <memory>
#include <utility>

#include "tests/http/limits_file.h"
#include "tests/http/serve_setup.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 30'000;
constexpr limit::LimitSpec kSpec{16, 16, 200ms, limit::StartLevel::Full};
constexpr std::int64_t kIntervals = 20;
constexpr int kClientsEach = 2;
constexpr int kAttempts = 4; // a machine that stalls for 100 ms makes requests that no store decided

/// The bucket as Redis holds it, at one moment.
struct Bucket {
    std::int64_t tokens{0}, interval{0}, admitted{0}, refused{0}, taken{0}, refilled{0};
};

} // namespace

class TestConservation : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void everybodyCountsTheSame_data();
    void everybodyCountsTheSame();
    void outagesAndRestartsInventNothing_data();
    void outagesAndRestartsInventNothing();

private:
    enum class Outcome { Exact, Disturbed, Wrong };

    Bucket readBucket(const QByteArray &key)
    {
        const auto [tokens, interval, admitted, refused, taken, refilled] =
            storedNumbers(m_redis, key, "tokens", "interval", "admitted", "refused", "taken", "refilled");
        return {tokens, interval, admitted, refused, taken, refilled};
    }
    QStringList arguments(const LimitSetup &setup, const char *policy)
    {
        m_file.write(setup.text(policy));
        return words("serve --threads 1 --redis " + m_redis.url().toUtf8())
               + (setup.isPlain() ? words(setup.options(policy))
                                  : QStringList{QStringLiteral("--config"), m_file.path()});
    }
    bool startOthers(const LimitSetup &setup, int count)
    {
        for (int i = 0; i < count; ++i) {
            m_others.push_back(std::make_unique<WeirProcess>());
            if (!m_others.back()->start(arguments(setup, "reject")))
                return false;
        }
        return true;
    }
    /// Redis hangs until `weir` has decided some hundred requests by itself, and has been told of them.
    bool sufferOutage(WeirProcess &weir, const GroupedClients &clients)
    {
        const auto begun = [&weir] { return weir.errors().count("the store does not decide"); };
        const auto ended = [&weir] { return weir.errors().count("the store decides again"); };
        const qsizetype before = begun();
        m_redis.pause();
        const bool isBegun = QTest::qWaitFor([&] { return begun() > before; }, kPatienceMs);
        const std::int64_t answers = clients.answers();
        const bool isUsed = QTest::qWaitFor([&] { return clients.answers() > answers + 300; }, kPatienceMs);
        m_redis.resume();
        return isBegun && isUsed && QTest::qWaitFor([&] { return ended() == begun(); }, kPatienceMs);
    }
    // The interval of the first take: the clients begin as one begins, and it has not passed when all buckets have been
    // taken from.
    std::optional<std::int64_t> startClients(const LimitSetup &setup, const std::vector<std::uint16_t> &ports)
    {
        const auto intervalNow = [] { return std::chrono::system_clock::now().time_since_epoch() / kSpec.interval; };
        const std::int64_t now = intervalNow();
        // A whole interval lies ahead.
        if (!QTest::qWaitFor([&] { return intervalNow() > now; }, kPatienceMs))
            return std::nullopt;
        const std::int64_t before = intervalNow();
        for (const std::uint16_t port : ports)
            m_clients.push_back(std::make_unique<GroupedClients>(port, setup, kClientsEach));
        std::optional<std::int64_t> first = before;
        for (const LimitSetup::Bucket &bucket : setup.buckets()) {
            Bucket found;
            const bool isBegun =
                QTest::qWaitFor([&] { return (found = readBucket(bucket.key)).admitted > 0; }, kPatienceMs);
            // That of the bucket is Redis' own.
            if (!isBegun || found.interval != before)
                first.reset();
        }
        return first;
    }
    Outcome measure(const LimitSetup &setup, int processes);

    WarningsFail m_warnings;
    RedisServer m_redis;
    LimitsFile m_file;
    std::vector<std::unique_ptr<WeirProcess>> m_others;
    std::vector<std::unique_ptr<GroupedClients>> m_clients;
    QString m_found;
};

void TestConservation::everybodyCountsTheSame_data()
{
    QTest::addColumn<LimitSetup>("setup");
    QTest::addColumn<int>("processes");
    for (const LimitSetup::Kind kind : kLimitKinds)
        for (const int processes : {1, 2, 3, 4})
            if (const LimitSetup setup{kind, kSpec}; setup.isPlain() || processes % 2 == 1)
                QTest::addRow("limits: %s, %d Weirs", setup.name().c_str(), processes) << setup << processes;
}

void TestConservation::everybodyCountsTheSame()
{
    QFETCH(const LimitSetup, setup);
    QFETCH(const int, processes);
    Outcome outcome = Outcome::Disturbed;
    for (int attempt = 0; attempt < kAttempts && outcome == Outcome::Disturbed; ++attempt) {
        outcome = measure(setup, processes);
        m_clients.clear();
        const auto others = std::exchange(m_others, {}); // none is left to the next row
        qInfo("%s", qPrintable(m_found));
        for (const auto &other : others)
            QCOMPARE(other->stop(10s), 0);
    }
    QVERIFY2(outcome == Outcome::Exact, qPrintable(m_found));
}

// One Weir runs inside the test, so that what its panel shows can be read; the others are processes.
TestConservation::Outcome TestConservation::measure(const LimitSetup &setup, int processes)
{
    m_redis.command({"FLUSHALL"});
    const auto panel = serve(m_redis, setup, 1, config::StoreFailurePolicy::Reject);
    if (!startOthers(setup, processes - 1)) {
        m_found = QStringLiteral("a process does not start");
        return Outcome::Wrong;
    }
    std::vector<std::uint16_t> ports{panel->port()};
    for (const auto &other : m_others)
        ports.push_back(other->port());
    const auto first = startClients(setup, ports);
    const std::vector<LimitSetup::Bucket> buckets = setup.buckets();
    std::vector<Bucket> saturated(buckets.size());
    bool isSaturated = first.has_value();
    for (std::size_t i = 0; i < buckets.size() && isSaturated; ++i)
        isSaturated = QTest::qWaitFor(
            [&] {
                saturated[i] = readBucket(buckets[i].key);
                return buckets[i].isLooser
                       || (saturated[i].interval >= *first + kIntervals && saturated[i].tokens == 0);
            },
            kPatienceMs);
    std::vector<Tally> tallies(setup.groups()); // of each bucket's clients
    Tally all, ofPanel;
    for (const auto &clients : m_clients) {
        const std::vector<Tally> more = clients->stop();
        for (std::size_t group = 0; group < tallies.size(); ++group)
            tallies[group].add(more[group]);
        all.add(sumOf(more));
        if (&clients == &m_clients.front())
            ofPanel = sumOf(more);
    }
    const engine::Status shown = (*panel)->status();
    m_found = QStringLiteral("clients %1 and %2 refused, other answers %3, panel %4 of its clients' %5")
                  .arg(all.admitted)
                  .arg(all.refused)
                  .arg(all.other)
                  .arg(shown.totals.admitted)
                  .arg(ofPanel.admitted);
    if (all.cutShort + all.unanswered != 0)
        return Outcome::Wrong;
    bool isExact = shown.totals.admitted == ofPanel.admitted && shown.totals.refused == ofPanel.refused;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        const LimitSetup::Bucket &bucket = buckets[i];
        const Tally &clients = tallies[bucket.group];
        const std::int64_t refused = bucket.isLooser ? 0 : clients.refused;
        // What was refused without Redis is told a few milliseconds later.
        Bucket end;
        const bool isTold =
            QTest::qWaitFor([&] { return (end = readBucket(bucket.key)).refused >= refused; }, kPatienceMs);
        const std::int64_t intervals = first ? saturated[i].interval - *first : -1;
        m_found +=
            QStringLiteral("; %1: in %2 intervals Redis %3 admitted when empty; at the end clients %4 and %5, "
                           "Redis %6 and %7, ")
                .arg(QString::fromLatin1(bucket.key))
                .arg(intervals)
                .arg(saturated[i].admitted)
                .arg(clients.admitted)
                .arg(refused)
                .arg(end.admitted)
                .arg(end.refused)
            + QStringLiteral("taken %1, refilled %2, tokens %3").arg(end.taken).arg(end.refilled).arg(end.tokens);
        // Always, disturbed or not: what came in and did not go out is there.
        if (bucket.spec.capacity + end.refilled - end.taken != end.tokens || end.taken != end.admitted || !isTold)
            return Outcome::Wrong;
        isExact = isExact && clients.admitted == end.admitted && refused == end.refused;
        if (!bucket.isLooser)
            isExact = isExact && saturated[i].admitted == bucket.spec.capacity + bucket.spec.refill * intervals
                      && saturated[i].refilled == bucket.spec.refill * intervals;
    }
    if (!isSaturated || all.other != 0)
        return Outcome::Disturbed;
    return isExact ? Outcome::Exact : Outcome::Wrong;
}

void TestConservation::outagesAndRestartsInventNothing_data()
{
    QTest::addColumn<LimitSetup>("setup");
    for (const LimitSetup::Kind kind : kLimitKinds) {
        const LimitSetup setup{kind, cappedAt(3000)};
        QTest::addRow("limits: %s", setup.name().c_str()) << setup;
    }
}

// Never refilled: not one more than the capacity may be given, and all of it is. One that began again counts its outages
// from 1, as the one before did; what both have decided is to be entered.
void TestConservation::outagesAndRestartsInventNothing()
{
    QFETCH(const LimitSetup, setup);
    m_redis.command({"FLUSHALL"});
    std::vector<Tally> tallies(setup.groups());
    const std::vector<LimitSetup::Bucket> buckets = setup.buckets();
    const auto isEmpty = [&] {
        return std::all_of(buckets.begin(), buckets.end(), [this](const LimitSetup::Bucket &bucket) {
            return bucket.isLooser || readBucket(bucket.key).tokens == 0;
        });
    };
    WeirProcess weir;
    for (int life = 0; life < 3; ++life) {
        QVERIFY2(weir.start(arguments(setup, "local")), weir.errors());
        GroupedClients clients{weir.port(), setup, 2 * kClientsEach, 5ms};
        QTRY_VERIFY_WITH_TIMEOUT(clients.answers() > 50, kPatienceMs); // it knows of its buckets
        QVERIFY2(sufferOutage(weir, clients), weir.errors());
        if (life == 2)
            QTRY_VERIFY_WITH_TIMEOUT(isEmpty(), kPatienceMs);
        const std::vector<Tally> more = clients.stop();
        for (std::size_t group = 0; group < tallies.size(); ++group)
            tallies[group].add(more[group]);
        if (life == 0)
            weir.kill();
        else
            QCOMPARE(weir.stop(10s), 0);
    }
    const Tally all = sumOf(tallies);
    QVERIFY(all.local > 300);
    QCOMPARE(all.cutShort + all.unanswered + all.other, std::int64_t{0});
    for (const LimitSetup::Bucket &bucket : buckets) {
        const std::int64_t admitted = tallies[bucket.group].admitted;
        const Bucket end = readBucket(bucket.key);
        // At most what each client had under way when Redis began to hang is taken and given to nobody.
        constexpr std::int64_t kInDoubt = std::int64_t{3} * 2 * kClientsEach;
        QVERIFY2(admitted <= bucket.spec.capacity, qPrintable(QString::number(admitted)));
        QVERIFY2(end.taken >= admitted && end.taken <= admitted + kInDoubt, qPrintable(QString::number(end.taken)));
        if (!bucket.isLooser)
            QVERIFY2(admitted >= bucket.spec.capacity - kInDoubt, qPrintable(QString::number(admitted)));
    }
}

QTEST_GUILESS_MAIN(TestConservation)
#include "tst_conservation.moc"

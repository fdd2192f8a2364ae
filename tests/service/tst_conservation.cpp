// SPDX-License-Identifier: GPL-3.0-only
// No token is lost and none is invented: clients, panel and Redis count the same, however many Weirs share a bucket.
#include <QTest>

#include <map>
#include <memory>

#include "tests/http/running_service.h"
#include "tests/support/busy_clients.h"
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

private:
    enum class Outcome { Exact, Disturbed, Wrong };

    Bucket readBucket()
    {
        std::map<QByteArray, std::int64_t> fields;
        const auto pairs = spelledOut(m_redis.hash("weir:{global}"));
        for (const auto &[name, value] : pairs)
            fields[name] = value.toLongLong();
        return {fields["tokens"],  fields["interval"], fields["admitted"],
                fields["refused"], fields["taken"],    fields["refilled"]};
    }
    bool startOthers(int count)
    {
        const QByteArray line =
            "serve --capacity 16 --refill 16 --every 200ms --threads 1 --on-store-failure reject --redis "
            + m_redis.url().toUtf8();
        for (int i = 0; i < count; ++i) {
            m_others.push_back(std::make_unique<WeirProcess>());
            if (!m_others.back()->start(words(line)))
                return false;
        }
        return true;
    }
    // The interval of the first take: read before and after, without one passing in between.
    std::optional<std::int64_t> startClients(const std::vector<std::uint16_t> &ports)
    {
        const std::int64_t now = readBucket().interval;
        // A whole interval lies ahead.
        if (!QTest::qWaitFor([&] { return readBucket().interval > now; }, kPatienceMs))
            return std::nullopt;
        const Bucket before = readBucket();
        for (const std::uint16_t port : ports)
            m_clients.push_back(std::make_unique<BusyClients>(port, kClientsEach));
        Bucket after;
        const bool isBegun = QTest::qWaitFor([&] { return (after = readBucket()).admitted > 0; }, kPatienceMs);
        const bool isKnown =
            isBegun && before.tokens == kSpec.capacity && before.admitted == 0 && before.interval == after.interval;
        return isKnown ? std::optional{after.interval} : std::nullopt;
    }
    Outcome measure(int processes);

    WarningsFail m_warnings;
    RedisServer m_redis;
    std::vector<std::unique_ptr<WeirProcess>> m_others;
    std::vector<std::unique_ptr<BusyClients>> m_clients;
    QString m_found;
};

void TestConservation::everybodyCountsTheSame_data()
{
    QTest::addColumn<int>("processes");
    for (const int processes : {1, 2, 3, 4})
        QTest::addRow("%d Weirs", processes) << processes;
}

void TestConservation::everybodyCountsTheSame()
{
    QFETCH(const int, processes);
    Outcome outcome = Outcome::Disturbed;
    for (int attempt = 0; attempt < kAttempts && outcome == Outcome::Disturbed; ++attempt) {
        outcome = measure(processes);
        m_clients.clear();
        for (const auto &other : m_others)
            QCOMPARE(other->stop(10s), 0);
        m_others.clear();
        qInfo("%s", qPrintable(m_found));
    }
    QVERIFY2(outcome == Outcome::Exact, qPrintable(m_found));
}

// One Weir runs inside the test, so that what its panel shows can be read; the others are processes.
TestConservation::Outcome TestConservation::measure(int processes)
{
    m_redis.command({"FLUSHALL"});
    RunningService panel{m_redis, kSpec, 1};
    if (!startOthers(processes - 1)) {
        m_found = QStringLiteral("a process does not start");
        return Outcome::Wrong;
    }
    std::vector<std::uint16_t> ports{panel.port()};
    for (const auto &other : m_others)
        ports.push_back(other->port());
    const auto first = startClients(ports);
    Bucket saturated;
    const bool isSaturated = QTest::qWaitFor(
        [&] {
            saturated = readBucket();
            return first && saturated.interval >= *first + kIntervals && saturated.tokens == 0;
        },
        first ? kPatienceMs : 0);
    std::vector<Tally> tallies;
    Tally all;
    for (const auto &clients : m_clients) {
        tallies.push_back(clients->stop());
        all.add(tallies.back());
    }
    // What was refused without Redis is told a few milliseconds later.
    Bucket end;
    const bool isTold = QTest::qWaitFor([&] { return (end = readBucket()).refused >= all.refused; }, kPatienceMs);
    const engine::Status shown = panel->status();
    const std::int64_t intervals = first ? saturated.interval - *first : -1;
    m_found =
        QStringLiteral(
            "%1 intervals: Redis %2 admitted when empty; at the end clients %3 and %4 refused, Redis %5 and %6, "
            "panel %7 of its clients' %8; taken %9, ")
            .arg(intervals)
            .arg(saturated.admitted)
            .arg(all.admitted)
            .arg(all.refused)
            .arg(end.admitted)
            .arg(end.refused)
            .arg(shown.totals.admitted)
            .arg(tallies.front().admitted)
            .arg(end.taken)
        + QStringLiteral("refilled %1, tokens %2, other answers %3").arg(end.refilled).arg(end.tokens).arg(all.other);
    // Always, disturbed or not: what came in and did not go out is there.
    if (kSpec.capacity + end.refilled - end.taken != end.tokens || end.taken != end.admitted
        || all.cutShort + all.unanswered != 0 || !isTold)
        return Outcome::Wrong;
    if (!isSaturated || all.other != 0)
        return Outcome::Disturbed;
    const bool isCountedAlike = all.admitted == end.admitted && all.refused == end.refused
                                && shown.totals.admitted == tallies.front().admitted
                                && shown.totals.refused == tallies.front().refused;
    const bool isExact = saturated.admitted == kSpec.capacity + kSpec.refill * intervals
                         && saturated.refilled == kSpec.refill * intervals;
    return isCountedAlike && isExact ? Outcome::Exact : Outcome::Wrong;
}

QTEST_GUILESS_MAIN(TestConservation)
#include "tst_conservation.moc"

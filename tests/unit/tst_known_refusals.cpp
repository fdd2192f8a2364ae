// SPDX-License-Identifier: GPL-3.0-only
// Several limits: what is known to be refused, until when, what it is told, and what the store is told of it.
#include <QTest>

#include "core/engine/batch/verdicts.h"
#include "core/engine/ahead/known_refusals.h"
#include "core/engine/ahead/owed_refusals.h"
#include "core/engine/ahead/refusal_hold.h"
#include "tests/unit/engine_bench.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;
using namespace std::chrono_literals;
using limit::Verdict;

namespace {

const KnownRefusals::Instant kSent{std::chrono::hours{1}};
const KnownRefusals::Instant kHeard = kSent + 300us;
constexpr Micros kStoreNow{1'700'000'000'000'000};

struct Told {
    std::string limit;
    std::vector<Verdict> all;
};

/// A store of the buckets of `policies`, one for each limit, and requests to it.
class Bench {
public:
    explicit Bench(PoliciesPtr policies) : m_policies{std::move(policies)}, m_buckets(m_policies->limits.size()) {}

    Batch batchOf(std::vector<limit::AskRun> runs)
    {
        Batch batch;
        batch.policies = m_policies;
        for (std::size_t i = 0; i < m_policies->limits.size(); ++i)
            batch.buckets.push_back({i, {}, m_policies->limits[i].name, 0});
        for (const limit::AskRun &run : runs) {
            for (const limit::Ask &ask : run.asks)
                batch.buckets[ask.bucket].asked += ask.cost * run.count;
            for (std::int64_t n = 0; n < run.count; ++n)
                batch.tickets.push_back(m_ticket++);
        }
        batch.runs = std::move(runs);
        return batch;
    }
    limit::TakeOutput take(const Batch &batch, Micros now = kStoreNow)
    {
        std::vector<limit::BucketCall> calls;
        for (const limit::Limit &limit : m_policies->limits)
            calls.push_back({limit.spec, limit.epoch, limit::TokenMode::Keep, {}});
        return limit::take(m_buckets, {now, calls, batch.runs, true});
    }
    /// Asks the store, and remembers its answer.
    limit::TakeOutput learn(std::vector<limit::AskRun> runs, std::uint64_t changes = 0)
    {
        const Batch batch = batchOf(std::move(runs));
        limit::TakeOutput output = take(batch);
        known.learn(batch, output, kSent, kHeard, changes);
        return output;
    }

    KnownRefusals known;

private:
    PoliciesPtr m_policies;
    std::vector<std::optional<limit::Bucket>> m_buckets;
    Ticket m_ticket{0};
};

std::vector<Told> tell(const Batch &batch, const limit::TakeOutput &output)
{
    std::vector<Told> list;
    forEachDecision(batch, output, Decision::By::Store, [&](Ticket, const Decision &decision) {
        Told told{decision.limit->name, {}};
        for (const LimitVerdict &one : decision.all)
            told.all.push_back(one.verdict);
        list.push_back(std::move(told));
    });
    return list;
}

const limit::AskRun kBoth{{{0, 1, false}, {1, 1, false}}, 1};

} // namespace

class TestKnownRefusals : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void onlyWhatWasRefusedIsTakenOut();
    void itIsToldWhatTheStoreWouldSay();
    void itIsKnownUntilTheFirstRefuserHasMore_data();
    void itIsKnownUntilTheFirstRefuserHasMore();
    void whatIsAdmittedAgainIsKnownNoMore();
    void aShadowRefusesNobody();
    void whatThisProcessChangesEndsIt();
    void waitsAreWhatIsLeftOfThem();
    void memoryIsBounded();
    void reportsFitInCalls();
    void reportsGoToTheServerOfTheirGroup();
    void whatGotLostIsOwedAgain();
};

void TestKnownRefusals::onlyWhatWasRefusedIsTakenOut()
{
    Bench bench{policiesOf({yearly("a", 1), yearly("b", 10), yearly("c", 10)})};
    bench.learn({{kBoth.asks, 2}, {{{2, 1, false}}, 1}});
    QCOMPARE(bench.known.size(), std::size_t{1});
    const limit::AskRun dearer{{{0, 1, false}, {1, 2, false}}, 1};
    const limit::AskRun shadowed{{{0, 1, true}, {1, 1, false}}, 1};
    for (const limit::AskRun &other : {dearer, shadowed}) {
        Batch batch = bench.batchOf({other});
        QVERIFY(!bench.known.takeOut(batch, kHeard, 0));
        QCOMPARE(batch.runs.size(), std::size_t{1});
    }
    Batch batch = bench.batchOf({{{{2, 3, false}}, 1}, {kBoth.asks, 2}, {{{1, 1, false}}, 2}, kBoth});
    const Ticket first = batch.tickets.front();
    const auto refused = bench.known.takeOut(batch, kHeard, 0);
    QVERIFY(refused);
    QCOMPARE(refused->batch.tickets, (std::vector<Ticket>{first + 1, first + 2, first + 5}));
    QCOMPARE(refused->batch.runs.size(), std::size_t{2});
    QCOMPARE(refused->batch.buckets.size(), std::size_t{2});
    QCOMPARE(batch.tickets, (std::vector<Ticket>{first, first + 3, first + 4}));
    QCOMPARE(batch.buckets.size(), std::size_t{2}); // of a nobody asks
    QCOMPARE(batch.buckets[0].name, std::string{"c"});
    QCOMPARE(batch.buckets[0].asked, limit::Tokens{3});
    QCOMPARE(batch.buckets[1].name, std::string{"b"});
    QCOMPARE(batch.buckets[1].asked, limit::Tokens{2});
    QCOMPARE(batch.runs[1].asks[0].bucket, std::size_t{1});

    Batch all = bench.batchOf({kBoth});
    QVERIFY(bench.known.takeOut(all, kHeard, 0));
    QVERIFY(all.runs.empty() && all.buckets.empty() && all.tickets.empty());
}

// Request by request the same as a call at that time would have said, of limits that refuse, admit and can never admit.
void TestKnownRefusals::itIsToldWhatTheStoreWouldSay()
{
    Bench bench{policiesOf({yearly("a", 1), yearly("b", 10), yearly("c", 5), yearly("d", 2)})};
    const std::vector<limit::AskRun> runs{{{{1, 1, false}, {0, 1, false}}, 3},
                                          {{{3, 3, false}, {2, 1, false}}, 1},
                                          {{{2, 5, false}, {1, 9, false}, {3, 1, true}}, 2}};
    bench.learn(runs);
    Batch batch = bench.batchOf(runs);
    const Batch same = batch;
    const auto refused = bench.known.takeOut(batch, kHeard, 0);
    QVERIFY(refused && batch.runs.empty());
    const auto expected = tell(same, bench.take(same));
    const auto told = tell(refused->batch, refused->output);
    QCOMPARE(told.size(), expected.size());
    for (std::size_t i = 0; i < told.size(); ++i) {
        QCOMPARE(told[i].limit, expected[i].limit);
        QCOMPARE(told[i].all.size(), expected[i].all.size());
        for (std::size_t k = 0; k < told[i].all.size(); ++k) {
            QCOMPARE(told[i].all[k].kind, expected[i].all[k].kind);
            QCOMPARE(told[i].all[k].tokensLeft, expected[i].all[k].tokensLeft);
            QCOMPARE(told[i].all[k].retryAfter, expected[i].all[k].retryAfter);
            QCOMPARE(told[i].all[k].nextRefill, expected[i].all[k].nextRefill);
        }
    }
}

void TestKnownRefusals::itIsKnownUntilTheFirstRefuserHasMore_data()
{
    QTest::addColumn<qint64>("a");
    QTest::addColumn<qint64>("b");
    QTest::addColumn<qint64>("holds");
    QTest::newRow("long") << qint64{60'000'000} << qint64{60'000'000} << qint64{kRefusalHolds.count()};
    QTest::newRow("right after the hold")
        << qint64{-1} << qint64{kRefusalHolds.count() + 1} << qint64{kRefusalHolds.count()};
    QTest::newRow("with it") << qint64{-1} << qint64{kRefusalHolds.count()} << qint64{kRefusalHolds.count()};
    QTest::newRow("never and long") << qint64{-1} << qint64{60'000'000} << qint64{kRefusalHolds.count()};
    QTest::newRow("never and soon") << qint64{-1} << qint64{900} << qint64{900};
    QTest::newRow("beyond all numbers") << qint64{limit::kMaxTotal} << qint64{-1} << qint64{kRefusalHolds.count()};
    QTest::newRow("soon and sooner") << qint64{2'000} << qint64{1'000} << qint64{1'000};
    QTest::newRow("before the answer came") << qint64{60'000'000} << qint64{200} << qint64{0};
}

void TestKnownRefusals::itIsKnownUntilTheFirstRefuserHasMore()
{
    QFETCH(const qint64, a);
    QFETCH(const qint64, b);
    QFETCH(const qint64, holds);
    Bench bench{policiesOf({yearly("a", 1), yearly("b", 1)})};
    const Batch batch = bench.batchOf({{kBoth.asks, 2}});
    limit::TakeOutput output = bench.take(batch);
    const auto waitOf = [](qint64 us) { return us < 0 ? std::nullopt : std::optional{Micros{us}}; };
    output.runs[0].asks[0].wait = waitOf(a);
    output.runs[0].asks[1].wait = waitOf(b);
    bench.known.learn(batch, output, kSent, kHeard, 0);
    if (holds > 0) {
        Batch asked = batch;
        const auto refused = bench.known.takeOut(asked, kSent + Micros{holds} - 1us, 0);
        QVERIFY(refused);
        for (const limit::AskOutput &told : refused->output.runs[0].asks)
            QVERIFY(!told.wait || *told.wait > 0us); // however late the answer came
    }
    Batch asked = batch;
    QVERIFY(!bench.known.takeOut(asked, std::max(kHeard, kSent + Micros{holds}), 0));
}

// By an answer to a call that went out before the other one was known: somebody has filled the bucket meanwhile.
void TestKnownRefusals::whatIsAdmittedAgainIsKnownNoMore()
{
    Bench bench{policiesOf({yearly("a", 1), yearly("b", 10)})};
    bench.learn({{kBoth.asks, 2}});
    const Batch batch = bench.batchOf({kBoth});
    limit::TakeOutput output = bench.take(batch);
    output.runs[0].granted = 1;
    output.buckets[0].room = 5;
    bench.known.learn(batch, output, kSent, kHeard, 0);
    Batch asked = batch;
    QVERIFY(!bench.known.takeOut(asked, kHeard, 0));
}

void TestKnownRefusals::aShadowRefusesNobody()
{
    Bench bench{policiesOf({yearly("a", 1), yearly("b", 10)})};
    const limit::AskRun run{{{0, 1, true}, {1, 1, false}}, 3};
    bench.learn({run});
    Batch batch = bench.batchOf({run});
    QVERIFY(!bench.known.takeOut(batch, kHeard, 0));
    // Nor does it count a refusal when another limit refuses.
    bench.learn({{run.asks, 8}});
    const auto refused = bench.known.takeOut(batch, kHeard, 0);
    QVERIFY(refused);
    QCOMPARE(refused->output.runs[0].asks[0].isRefusing, false);
    QCOMPARE(refused->output.runs[0].asks[1].isRefusing, true);
    OwedRefusals owed;
    owed.add(refused->batch, refused->output);
    const auto reports = owed.take(batch.policies ? batch.policies : refused->batch.policies, false);
    QCOMPARE(reports.size(), std::size_t{1});
    QCOMPARE(reports[0].buckets.size(), std::size_t{1});
    QCOMPARE(reports[0].buckets[0].name, std::string{"b"});
}

void TestKnownRefusals::whatThisProcessChangesEndsIt()
{
    Bench bench{policiesOf({yearly("a", 1), yearly("b", 10)})};
    bench.learn({{kBoth.asks, 2}}, 7);
    Batch batch = bench.batchOf({kBoth});
    QVERIFY(!bench.known.takeOut(batch, kHeard, 8));
    QVERIFY(!bench.known.takeOut(batch, kHeard, 8));
    bench.learn({kBoth}, 8);
    QVERIFY(bench.known.takeOut(batch, kHeard, 8));
    Batch next = bench.batchOf({kBoth});
    bench.known.forget();
    QVERIFY(!bench.known.takeOut(next, kHeard, 8));
}

void TestKnownRefusals::waitsAreWhatIsLeftOfThem()
{
    Bench bench{policiesOf({yearly("a", 1), yearly("b", 10)})};
    const limit::TakeOutput heard = bench.learn({{kBoth.asks, 2}});
    Batch batch = bench.batchOf({kBoth});
    const auto refused = bench.known.takeOut(batch, kHeard + 1500us, 0);
    QVERIFY(refused);
    QCOMPARE(refused->output.now, heard.now + 1500us);
    QCOMPARE(*refused->output.runs[0].asks[0].wait, *heard.runs[0].asks[0].wait - 1500us);
    QCOMPARE(refused->output.buckets[0].untilChange, heard.buckets[0].untilChange - 1500us);
    QCOMPARE(refused->output.buckets[1].untilFull, heard.buckets[1].untilFull - 1500us);
    QCOMPARE(*refused->output.runs[0].asks[1].wait, Micros{0}); // it has room
}

void TestKnownRefusals::memoryIsBounded()
{
    const PoliciesPtr policies = policiesOf({keyed(yearly("key", 1))});
    KnownRefusals known;
    const auto learn = [&](int from, int to, KnownRefusals::Instant at) {
        for (int i = from; i < to; ++i) {
            Batch batch;
            batch.policies = policies;
            batch.buckets.push_back({0, std::to_string(i), "key:" + std::to_string(i), 0});
            batch.runs = {{{{0, 1, false}}, 2}};
            batch.tickets = {0, 1};
            std::vector<std::optional<limit::Bucket>> buckets(1);
            const std::vector<limit::BucketCall> calls{{policies->limits[0].spec, 1, limit::TokenMode::Keep, {}}};
            known.learn(batch, limit::take(buckets, {kStoreNow, calls, batch.runs, true}), at, at, 0);
        }
    };
    constexpr int kMost = static_cast<int>(KnownRefusals::kMost);
    learn(0, kMost + 500, kSent);
    QCOMPARE(known.size(), KnownRefusals::kMost);
    learn(kMost, kMost + 10, kSent + kRefusalHolds + 1us); // the old ones make room
    QCOMPARE(known.size(), std::size_t{10});
}

void TestKnownRefusals::reportsFitInCalls()
{
    const PoliciesPtr policies = policiesOf({yearly("all", 1), keyed(yearly("key", 1))});
    OwedRefusals owed;
    Batch batch;
    limit::TakeOutput output;
    for (int i = 0; i < 300; ++i) {
        batch.buckets.push_back({1, "s:" + std::to_string(i), "key:s:" + std::to_string(i), 0});
        batch.runs.push_back({{{static_cast<std::size_t>(i), 1, false}}, i == 0 ? 1300 : 2});
        output.runs.push_back({0, {{0, true, Micros{1}}}});
    }
    batch.buckets.push_back({0, "", "all", 0});
    batch.runs.push_back({{{300, 1, false}}, 4});
    output.runs.push_back({0, {{0, true, Micros{1}}}});
    batch.buckets.push_back({0, "", "gone", 0});
    batch.runs.push_back({{{301, 1, false}}, 4});
    output.runs.push_back({0, {{0, true, Micros{1}}}});
    owed.add(batch, output);
    const auto reports = owed.take(policies, false);
    QVERIFY(owed.isEmpty());
    QCOMPARE(reports.size(), std::size_t{2});
    std::int64_t requests = 0, buckets = 0;
    for (const Batch &report : reports) {
        QVERIFY(report.buckets.size() <= store::kMaxBuckets && report.tickets.empty());
        buckets += static_cast<std::int64_t>(report.buckets.size());
        for (const Batch::Bucket &bucket : report.buckets) {
            QCOMPARE(bucketName(policies->limits[bucket.limit].name, bucket.subject), bucket.name);
            QCOMPARE(bucket.asked, limit::Tokens{0}); // nothing is in doubt when it gets lost
        }
        for (const limit::AskRun &run : report.runs) {
            QVERIFY(run.count > 0 && run.count <= static_cast<std::int64_t>(store::kMaxRuns));
            QCOMPARE(run.asks, (std::vector<limit::Ask>{{run.asks[0].bucket, limit::kMaxTotal, false}}));
            requests += run.count;
        }
    }
    QCOMPARE(buckets, std::int64_t{301});
    QCOMPARE(requests, std::int64_t{1300 + 299 * 2 + 4});
}

void TestKnownRefusals::reportsGoToTheServerOfTheirGroup()
{
    const PoliciesPtr policies = policiesOf({yearly("all", 1), yearly("too", 1), keyed(yearly("key", 1))});
    OwedRefusals owed;
    Batch batch;
    limit::TakeOutput output;
    for (const auto &[limit, subject] : {std::pair{0, ""}, std::pair{1, ""}, std::pair{2, "x"}, std::pair{2, "y"}}) {
        const auto place = static_cast<std::size_t>(limit);
        batch.runs.push_back({{{batch.buckets.size(), 1, false}}, 1});
        batch.buckets.push_back({place, subject, bucketName(policies->limits[place].name, subject), 0});
        output.runs.push_back({0, {{0, true, Micros{1}}}});
    }
    owed.add(batch, output);
    for (const Batch &report : owed.take(policies, true))
        for (const Batch::Bucket &bucket : report.buckets) {
            const std::string &group = policies->book->groups[bucket.limit];
            QCOMPARE(report.group, group.empty() ? bucket.name : group);
        }
}

void TestKnownRefusals::whatGotLostIsOwedAgain()
{
    const PoliciesPtr policies = policiesOf({yearly("all", 1)});
    OwedRefusals owed;
    Batch batch;
    batch.buckets.push_back({0, "", "all", 0});
    batch.runs.push_back({{{0, 1, false}}, 700});
    limit::TakeOutput output;
    output.runs.push_back({0, {{0, true, Micros{1}}}});
    owed.add(batch, output);
    const auto reports = owed.take(policies, false);
    owed.addAgain(reports.at(0));
    QVERIFY(!owed.isEmpty());
    std::int64_t requests = 0;
    for (const limit::AskRun &run : owed.take(policies, false).at(0).runs)
        requests += run.count;
    QCOMPARE(requests, std::int64_t{700});
}

QTEST_APPLESS_MAIN(TestKnownRefusals)
#include "tst_known_refusals.moc"

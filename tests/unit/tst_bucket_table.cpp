// SPDX-License-Identifier: GPL-3.0-only
// Batches, modes and what is known of buckets: one table for all workers.
#include <QSignalSpy>
#include <QTest>

#include <set>

#include "tests/unit/engine_bench.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

const BucketTable::Instant kStart{1000s};
constexpr Micros kStoreTime{1'700'000'000'000'000};

struct Asked {
    Ticket ticket{0};
    std::vector<policy::Charge> charges;
};

/// `charges`: the limit of each, and the subject.
Asked request(Ticket ticket, std::vector<std::pair<std::size_t, std::string>> charges)
{
    Asked asked{ticket, {}};
    for (auto &[limit, subject] : charges) {
        policy::Charge charge;
        charge.limit = limit;
        charge.subject = std::move(subject);
        asked.charges.push_back(std::move(charge));
    }
    return asked;
}

ChargedRequests all(const std::vector<Asked> &requests)
{
    ChargedRequests all;
    for (const Asked &asked : requests)
        all.add(asked.ticket, asked.charges);
    return all;
}

} // namespace

class TestBucketTable : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void likeOnesAreOneRun()
    {
        BucketTable table;
        const auto policies = policiesOf({yearly("all", 9), keyed(yearly("key", 9))});
        const auto batches = table.sort(all({request(1, {{0, ""}, {1, "x"}}), request(2, {{0, ""}, {1, "x"}}),
                                             request(3, {{0, ""}, {1, "y"}}), request(4, {{0, ""}, {1, "x"}})}),
                                        policies, false, kStart);
        QCOMPARE(batches.size(), std::size_t{1});
        const Batch &batch = batches.front();
        QCOMPARE(batch.tickets, (std::vector<Ticket>{1, 2, 3, 4}));
        QCOMPARE(batch.buckets.size(), std::size_t{3});
        QCOMPARE(batch.buckets[1].name, std::string{"key:x"});
        QCOMPARE(batch.buckets[1].asked, limit::Tokens{3});
        QCOMPARE(batch.runs.size(), std::size_t{3}); // order counts: the third is not put before the fourth
        QCOMPARE(batch.runs[0].count, std::int64_t{2});
        QVERIFY(batch.group.empty());
    }

    void aBatchHasItsBounds()
    {
        BucketTable table;
        const auto policies = policiesOf({yearly("all", 9), keyed(yearly("key", 9))});
        std::vector<Asked> requests;
        for (Ticket i = 0; i < 2000; ++i)
            requests.push_back(request(i, {{0, ""}, {1, std::to_string(i % 300)}}));
        Ticket next = 0;
        for (const Batch &batch : table.sort(all(requests), policies, false, kStart)) {
            QVERIFY(batch.tickets.size() <= store::kMaxRuns);
            QVERIFY(batch.buckets.size() <= store::kMaxBuckets);
            for (const Ticket ticket : batch.tickets)
                QCOMPARE(ticket, next++);
        }
        QCOMPARE(next, Ticket{2000});
    }

    // A full log is as much work as many other buckets; one that is in a call already is no more.
    void logsCountForMore()
    {
        BucketTable table;
        std::vector<config::LimitEntry> limitSet{keyed(yearly("key", 4096))};
        for (const char *name : {"a", "b", "c", "d", "e", "f", "g", "h"})
            limitSet.push_back(yearly(name, 4096));
        for (config::LimitEntry &entry : limitSet) {
            entry.spec.algorithm = limit::Algorithm::SlidingLog;
            entry.spec.refill = entry.spec.capacity;
        }
        const auto policies = policiesOf(limitSet);
        std::vector<Asked> different, alike;
        for (Ticket i = 0; i < 100; ++i) {
            different.push_back(request(i, {{0, std::to_string(i)}}));
            alike.push_back(request(i, {{1, ""}, {2, ""}, {3, ""}, {4, ""}, {5, ""}, {6, ""}, {7, ""}, {8, ""}}));
        }
        for (const Batch &batch : table.sort(all(different), policies, false, kStart))
            QVERIFY(batch.buckets.size() <= 16);
        QCOMPARE(table.sort(all(alike), policies, false, kStart).size(), std::size_t{1});
    }

    // Buckets of limits that can meet in a request lie on one server; others by themselves.
    void aSpreadStoreGetsABatchForEachServer()
    {
        BucketTable table;
        config::LimitEntry api = keyed(yearly("api", 9)), site = keyed(yearly("site", 9)), both = yearly("both", 9);
        api.match.path = "/api/*";
        both.match.path = "/api/*";
        site.match.path = "/site";
        const auto policies = policiesOf({api, both, site});
        const auto batches =
            table.sort(all({request(1, {{0, "x"}, {1, ""}}), request(2, {{2, "x"}}), request(3, {{2, "y"}}),
                            request(4, {{0, "y"}, {1, ""}}), request(5, {{2, "x"}})}),
                       policies, true, kStart);
        std::set<std::string> groups;
        std::size_t tickets = 0;
        for (const Batch &batch : batches) {
            QVERIFY(groups.insert(batch.group).second);
            tickets += batch.tickets.size();
        }
        QCOMPARE(tickets, std::size_t{5});
        QCOMPARE(groups, (std::set<std::string>{"api", "site:x", "site:y"}));
    }

    void noCallIsSentOnceThisProcessDecides()
    {
        BucketTable table;
        QSignalSpy begun{&table, &BucketTable::begun}, released{&table, &BucketTable::released};
        const auto policies = policiesOf({yearly("all", 5)});
        Batch batch = batchOf(table, policies, 2);
        QVERIFY(table.send(batch));
        table.hear(batch, answer(batch), kStart);
        table.begin(kStart);
        table.begin(kStart); // by another worker
        QCOMPARE(begun.count(), 1);
        Batch next = batchOf(table, policies, 2);
        QVERIFY(!table.send(next));
        const auto local = table.takeLocally(next, true, kStart);
        QVERIFY(local.has_value());
        QCOMPARE(local->buckets[0].room, limit::Tokens{1});

        const auto settlement = table.takeWork(true);
        QVERIFY(settlement.isLast);
        QCOMPARE(settlement.work.size(), std::size_t{1});
        QCOMPARE(settlement.work[0].settlement.spent, std::int64_t{2});
        QVERIFY(!table.takeLocally(next, true, kStart)); // it is being entered
        table.thaw();                                    // it takes too long
        QCOMPARE(released.count(), 1);
        QVERIFY(table.takeLocally(next, true, kStart).has_value());
        QVERIFY(!table.finish(true)); // more was decided since
        const auto again = table.takeWork(true);
        QCOMPARE(again.work[0].settlement.spent, std::int64_t{3}); // of the whole outage, as the next part
        QCOMPARE(again.work[0].settlement.part, std::int64_t{2});
        std::vector<limit::SettleOutput> outputs(1);
        outputs[0].bucket.known.born = 1;
        outputs[0].bucket.memory = limit::Memory::Lost;
        table.confirm(again, outputs, kStart);
        QCOMPARE(table.status().statesLost, std::int64_t{1}); // found by the settlement, which came first
        QVERIFY(table.finish(true));
        QCOMPARE(table.mode(), BucketTable::Mode::Store);
        QVERIFY(table.send(next));
    }

    void aTallyStaysWithItsName()
    {
        BucketTable table;
        const auto both = policiesOf({yearly("a", 5), yearly("b", 5)});
        table.adopt(*both, kStart);
        Batch batch = batchOf(table, both, 3);
        QVERIFY(table.send(batch));
        table.hear(batch, answer(batch), kStart);
        QCOMPARE(table.counts(both->limits, kStart)[0].admitted, std::int64_t{3});
        const auto swapped = policiesOf({yearly("b", 9), yearly("a", 7)}, 2);
        table.adopt(*swapped, kStart);
        QCOMPARE(table.counts(swapped->limits, kStart)[1].admitted, std::int64_t{3});
        table.adopt(*policiesOf({yearly("b", 9)}), kStart);
        table.adopt(*both, kStart);
        QCOMPARE(table.counts(both->limits, kStart)[0].admitted, std::int64_t{0}); // it was gone
    }

    // What is known of a bucket is kept until it is full, not for ever: a flood of keys leaves nothing behind.
    void fullBucketsAreForgotten()
    {
        BucketTable table;
        config::LimitEntry quick = keyed(yearly("key", 2));
        quick.spec.interval = Micros{1'000'000};
        quick.spec.refill = 2;
        const auto policies = policiesOf({quick});
        table.adopt(*policies, kStart);
        constexpr int kPerSecond = 500;
        for (int second = 0; second < 200; ++second) {
            std::vector<Asked> requests;
            for (int i = 0; i < kPerSecond; ++i)
                requests.push_back(request(0, {{0, std::to_string(second) + "-" + std::to_string(i)}}));
            const auto now = kStart + std::chrono::seconds{second};
            for (Batch &batch : table.sort(all(requests), policies, false, now)) {
                QVERIFY(table.send(batch));
                table.hear(batch, answer(batch, std::chrono::seconds{second}), now);
            }
        }
        const auto status = table.status();
        QVERIFY2(status.known < 6 * kPerSecond, QByteArray::number(static_cast<qint64>(status.known)));
        const auto live = table.counts(policies->limits, kStart)[0].liveBuckets;
        QVERIFY2(live < 6 * kPerSecond, QByteArray::number(static_cast<qint64>(live)));
    }

    // A bucket that was full, and a take of it without an answer: the settlement finds it.
    void whatIsInDoubtIsNotForgotten()
    {
        BucketTable table;
        config::LimitEntry quick = keyed(yearly("key", 2));
        quick.spec.interval = Micros{1'000'000};
        quick.spec.refill = 2;
        const auto policies = policiesOf({quick});
        table.adopt(*policies, kStart);
        hearOf(table, policies, {"x"}, 0s);
        hearOf(table, policies, {"y"}, 10s);
        const auto now = kStart + 10s;
        Batch lost =
            std::move(table.sort(all({request(1, {{0, "x"}}), request(2, {{0, "x"}})}), policies, false, now).front());
        QVERIFY(table.send(lost));
        table.lose(lost, true);
        std::vector<std::string> others; // so many that full ones are forgotten
        for (int i = 0; i < 3000; ++i)
            others.push_back("o" + std::to_string(i));
        hearOf(table, policies, others, 10s);
        table.begin(now);
        const auto local = table.takeLocally(lost, true, now);
        QVERIFY(local.has_value());
        QCOMPARE(local->runs[0].granted, std::int64_t{2}); // they are its clients', who had none
        const auto settlement = table.takeWork(true);
        QCOMPARE(settlement.work.size(), std::size_t{1});
        QCOMPARE(settlement.work.front().settlement.inDoubt, limit::Tokens{2});
    }

    // In an outage keys that come and go are not forgotten when their buckets are full: they are still to be settled.
    void anOutageHoldsNoMoreBucketsThanMayLive()
    {
        constexpr std::int64_t kMost = 5;
        BucketTable table;
        config::LimitEntry quick = keyed(yearly("key", 2));
        quick.spec.interval = Micros{1'000'000};
        quick.spec.refill = 2;
        const auto policies = policiesOf({quick}, 1, kMost);
        table.adopt(*policies, kStart);
        hearOf(table, policies, {"known"}, 0s);
        auto now = kStart;
        table.begin(now);
        std::set<std::string> names;
        for (int i = 0; i < 50; ++i, now += 5min) { // each is full again before the next one comes
            auto batches = table.sort(all({request(1, {{0, std::to_string(i)}})}), policies, false, now);
            names.insert(batches.front().buckets.front().name);
            QVERIFY(table.takeLocally(batches.front(), true, now).has_value());
        }
        QCOMPARE(names.size(), static_cast<std::size_t>(kMost) + 1);
        QVERIFY(names.contains(bucketName("key", policy::kOverflowSubject)));
        const auto again = table.sort(all({request(1, {{0, "3"}})}), policies, false, now); // who is there stays
        QCOMPARE(again.front().buckets.front().name, std::string{"key:3"});
    }

    void theWorstBreakerSpeaksForAll()
    {
        BucketTable table;
        auto &one = table.joinBreaker(), &two = table.joinBreaker();
        QCOMPARE(table.worstBreaker(), CircuitBreaker::State::Closed);
        two = CircuitBreaker::State::Open;
        QCOMPARE(table.worstBreaker(), CircuitBreaker::State::Open);
        two = CircuitBreaker::State::Closed;
        one = CircuitBreaker::State::HalfOpen;
        QCOMPARE(table.worstBreaker(), CircuitBreaker::State::HalfOpen);
    }

private:
    /// A request of each subject, answered.
    static void hearOf(BucketTable &table, const PoliciesPtr &policies, const std::vector<std::string> &subjects,
                       std::chrono::seconds later)
    {
        std::vector<Asked> requests;
        for (const std::string &subject : subjects)
            requests.push_back(request(0, {{0, subject}}));
        for (Batch &batch : table.sort(all(requests), policies, false, kStart + later)) {
            QVERIFY(table.send(batch));
            table.hear(batch, answer(batch, later), kStart + later);
        }
    }
    /// `count` requests on the first limit.
    static Batch batchOf(BucketTable &table, const PoliciesPtr &policies, Ticket count)
    {
        std::vector<Asked> requests;
        for (Ticket i = 0; i < count; ++i)
            requests.push_back(request(i, {{0, ""}}));
        return std::move(table.sort(all(requests), policies, false, kStart).front());
    }
    /// As a store would: new buckets.
    static limit::TakeOutput answer(const Batch &batch, Micros later = {})
    {
        std::vector<std::optional<limit::Bucket>> buckets(batch.buckets.size());
        std::vector<limit::BucketCall> calls;
        for (const Batch::Bucket &bucket : batch.buckets)
            calls.push_back({batch.policies->limits[bucket.limit].spec, 1, limit::TokenMode::Keep, {}});
        return limit::take(buckets, {kStoreTime + later, calls, batch.runs, true});
    }
};

QTEST_GUILESS_MAIN(TestBucketTable)
#include "tst_bucket_table.moc"

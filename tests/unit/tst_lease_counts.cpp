// SPDX-License-Identifier: GPL-3.0-only
// What is taken ahead: when, how much, for how long, and what becomes of it.
#include <QTest>

#include <chrono>

#include "core/engine/ahead/lease.h"

using namespace weir;
using namespace weir::engine;
using namespace std::chrono_literals;
using limit::Tokens;

namespace {

const Lease::Instant kStart{std::chrono::hours{1}};
constexpr Tokens kMost = 100;
constexpr Tokens kPlenty = 1'000'000;

/// A lease, and a store that grants all that is asked for.
class Bench {
public:
    explicit Bench(Tokens most = kMost) { lease.setMost(most); }

    /// A request goes to the store.
    Lease::Asked ask(const std::string &kind = "a")
    {
        return lease.ask(
            kind, [&] { return charges(kind); }, now, changes);
    }
    /// The answer.
    void answer(const Lease::Asked &asked, std::int64_t granted, const std::vector<std::string> &refusedBy = {})
    {
        const std::string kind = asked.kind.empty() ? "a" : asked.kind;
        Lease::Answer told{{}, Micros{0}, now};
        for (std::size_t i = 0; i < charges(kind).size(); ++i) {
            told.buckets.emplace_back();
            told.buckets.back().room = room;
        }
        lease.learn(kind, std::move(told), round, changes);
        if (asked.count > 0)
            lease.hear(asked, granted, refusedBy, now, changes);
    }
    /// Both; returns what is held then.
    std::int64_t fetch(const std::string &kind = "a")
    {
        Lease::Asked asked = ask(kind);
        round = lease.round();
        asked.kind = kind;
        answer(asked, asked.count);
        return asked.count;
    }
    std::int64_t use(std::int64_t wanted, const std::string &kind = "a")
    {
        return lease.use(kind, wanted, now, changes).count;
    }
    /// Until `count` are fetched at a time.
    void warmUp(std::int64_t count, const std::string &kind = "a")
    {
        for (int i = 0; i < 20; ++i) {
            const std::int64_t fetched = fetch(kind);
            if (fetched >= count)
                return;
            use(fetched, kind);
        }
        QFAIL("it does not grow");
    }

    Lease lease;
    Lease::Instant now{kStart};
    std::uint64_t changes{7};
    std::uint64_t round{0};
    Tokens room{kPlenty};
    std::map<std::string, std::vector<Lease::Charge>> kinds;

private:
    std::vector<Lease::Charge> charges(const std::string &kind)
    {
        if (const auto it = kinds.find(kind); it != kinds.end())
            return it->second;
        return {{"bucket " + kind, 1}};
    }
};

} // namespace

class TestLeaseCounts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void offItRemembersNothing()
    {
        Bench bench{0};
        for (int i = 0; i < 5; ++i)
            QCOMPARE(bench.fetch(), std::int64_t{0});
        QCOMPARE(bench.lease.kinds(), std::size_t{0});
    }

    void onlyWhatIsHotIsAskedForAhead()
    {
        Bench bench;
        QCOMPARE(bench.fetch(), std::int64_t{0}); // the first
        bench.now += kLeaseHot;
        QCOMPARE(bench.fetch(), std::int64_t{0}); // too late
        bench.now += kLeaseHot - 1us;
        QCOMPARE(bench.fetch(), std::int64_t{1});
        QCOMPARE(bench.fetch("b"), std::int64_t{0}); // another kind
    }

    void itDoublesWhenItIsUsedInTime()
    {
        Bench bench;
        bench.fetch();
        for (const std::int64_t expected : {1, 2, 4, 8, 16, 32, 64, 100, 100}) {
            QCOMPARE(bench.fetch(), expected);
            QCOMPARE(bench.lease.held(), Tokens{expected});
            bench.now += 1ms;
            QCOMPARE(bench.use(expected - 1), expected - 1);
            QCOMPARE(bench.use(5), std::int64_t{1}); // what is left
            QCOMPARE(bench.use(5), std::int64_t{0});
        }
    }

    void whatIsUsedSaysWhatIsLeftAndTheLastAnswer()
    {
        Bench bench;
        bench.warmUp(8);
        bench.now += 3ms;
        const Lease::Used used = bench.lease.use("a", 3, bench.now, bench.changes);
        QCOMPARE(used.count, std::int64_t{3});
        QCOMPARE(used.left, std::int64_t{5});
        QVERIFY(used.answer && used.answer->heardAt == bench.now - 3ms);
        QCOMPARE(used.answer->buckets.front().room, kPlenty);
    }

    void oneCallAtATimeAsksAhead()
    {
        Bench bench;
        bench.fetch();
        const Lease::Asked first = bench.ask();
        QCOMPARE(first.count, std::int64_t{1});
        QCOMPARE(bench.ask().count, std::int64_t{0});
        bench.answer(first, 1);
        QCOMPARE(bench.ask().count, std::int64_t{1}); // nothing has been used up
    }

    void neverMoreThanTheMostOfAnyBucket()
    {
        Bench bench;
        bench.kinds["cheap"] = {{"x", 1}};
        bench.kinds["dear"] = {{"x", 7}, {"y", 1}};
        bench.warmUp(64, "cheap");
        QCOMPARE(bench.lease.held(), Tokens{64});
        bench.fetch("dear");
        std::int64_t dear = 0;
        for (int i = 0; i < 10; ++i)
            dear += bench.fetch("dear");
        QCOMPARE(dear, (kMost - 64) / 7);
        QCOMPARE(bench.lease.held(), 64 + 8 * dear);
        bench.use(64, "cheap");
        for (int i = 0; i < 20; ++i)
            dear += bench.fetch("dear");
        QCOMPARE(dear, kMost / 7);
        // What is under way counts as well.
        bench.use(dear, "dear");
        const Lease::Asked asked = bench.ask("dear");
        QVERIFY(asked.count > 0);
        for (int i = 0; i < 3; ++i) {
            bench.use(kMost, "cheap");
            QVERIFY(bench.fetch("cheap") <= kMost - 7 * asked.count);
        }
    }

    void nothingNearTheEdge()
    {
        Bench bench;
        bench.fetch();
        bench.room = 2 * kMost - 1;
        bench.answer({}, 0);
        QCOMPARE(bench.fetch(), std::int64_t{0});
        bench.room = 2 * kMost;
        QCOMPARE(bench.fetch(), std::int64_t{0}); // by the answer before
        QCOMPARE(bench.fetch(), std::int64_t{1});
    }

    void everyBucketOfTheRequestMustHaveRoom()
    {
        Bench bench;
        bench.kinds["a"] = {{"x", 1}, {"y", 1}};
        bench.fetch();
        Lease::Answer told{{{}, {}}, Micros{0}, bench.now};
        told.buckets[0].room = kPlenty;
        told.buckets[1].room = 2 * kMost - 1;
        bench.lease.learn("a", told, bench.lease.round(), bench.changes);
        QCOMPARE(bench.ask().count, std::int64_t{0});
    }

    void whatIsNotUsedGoesBack()
    {
        Bench bench;
        QVERIFY(!bench.lease.nextExpiry());
        bench.warmUp(16);
        bench.use(6);
        QVERIFY(bench.lease.nextExpiry() == bench.now + kLeaseHolds);
        bench.now += kLeaseHolds - 1us;
        bench.lease.expire(bench.now, bench.changes);
        QVERIFY(!bench.lease.hasUnused());
        bench.now += 1us;
        bench.lease.expire(bench.now, bench.changes);
        QCOMPARE(bench.lease.held(), Tokens{0});
        const auto unused = bench.lease.takeUnused(10, 10);
        QCOMPARE(unused.size(), std::size_t{1});
        QCOMPARE(unused.front().count, std::int64_t{10});
        QCOMPARE(unused.front().charges.front().bucket, std::string{"bucket a"});
        QVERIFY(!bench.lease.hasUnused());
        QCOMPARE(bench.fetch(), std::int64_t{0}); // no longer hot
        QCOMPARE(bench.fetch(), std::int64_t{1}); // and begins anew with little
    }

    void whatIsRefusedMakesItBeginAnew()
    {
        Bench bench;
        bench.warmUp(16);
        bench.use(16);
        bench.round = bench.lease.round();
        const Lease::Asked asked = bench.ask();
        QCOMPARE(asked.count, std::int64_t{32});
        bench.answer(asked, 5, {"bucket a"});
        QCOMPARE(bench.lease.held(), Tokens{5});
        const auto unused = bench.lease.takeUnused(10, 10); // refusals that nobody was told
        QCOMPARE(unused.size(), std::size_t{1});
        QCOMPARE(unused.front().count, std::int64_t{27});
        QCOMPARE(unused.front().charges.front().cost, Tokens{limit::kMaxTotal});
        bench.use(5);
        QCOMPARE(bench.fetch(), std::int64_t{2});
    }

    void whatGetsNoAnswerIsNotHeld()
    {
        Bench bench;
        bench.warmUp(16);
        bench.use(16);
        const Lease::Asked asked = bench.ask();
        bench.lease.hear(asked, 0, {}, bench.now, bench.changes);
        QCOMPARE(bench.lease.held(), Tokens{0});
        QVERIFY(!bench.lease.hasUnused());
        QCOMPARE(bench.fetch(), std::int64_t{1});
    }

    void aChangeByThisProcessDropsAll()
    {
        Bench bench;
        bench.warmUp(16);
        bench.use(16);
        const Lease::Asked asked = bench.ask();
        bench.round = bench.lease.round();
        bench.fetch("b");
        bench.fetch("b");
        QVERIFY(bench.lease.held() > 0);
        ++bench.changes;
        QCOMPARE(bench.use(1, "b"), std::int64_t{0});
        QCOMPARE(bench.lease.held(), Tokens{0});
        bench.answer(asked, asked.count); // granted before or after the change, nobody knows
        QCOMPARE(bench.lease.held(), Tokens{0});
        bench.lease.expireAll(bench.changes);
        QVERIFY(!bench.lease.hasUnused());
        QCOMPARE(bench.fetch(), std::int64_t{0});
    }

    void anotherMostDropsAll()
    {
        Bench bench;
        bench.warmUp(16);
        bench.lease.setMost(kMost);
        QCOMPARE(bench.lease.held(), Tokens{16});
        bench.lease.setMost(kMost - 1);
        QCOMPARE(bench.lease.held(), Tokens{0});
    }

    void itIsTriedOnceMore()
    {
        Bench bench;
        bench.warmUp(4);
        bench.lease.expireAll(bench.changes);
        auto unused = bench.lease.takeUnused(10, 10);
        bench.lease.addAgain(unused, bench.now);
        unused = bench.lease.takeUnused(10, 10);
        QCOMPARE(unused.size(), std::size_t{1});
        bench.lease.addAgain(unused, bench.now);
        QVERIFY(!bench.lease.hasUnused());
        bench.warmUp(4);
        bench.lease.expireAll(bench.changes);
        unused = bench.lease.takeUnused(10, 10);
        bench.lease.addAgain(unused, bench.now + kLeaseReturns);
        QVERIFY(!bench.lease.hasUnused()); // too old
    }

    void callsAreNotTooLarge()
    {
        Bench bench;
        for (const char *kind : {"a", "b", "c"}) {
            bench.kinds[kind] = {{std::string{kind} + "1", 1}, {std::string{kind} + "2", 1}};
            bench.warmUp(2, kind);
        }
        bench.lease.expireAll(bench.changes);
        QCOMPARE(bench.lease.takeUnused(1, 10).size(), std::size_t{1});
        QCOMPARE(bench.lease.takeUnused(10, 3).size(), std::size_t{1});
        QCOMPARE(bench.lease.takeUnused(10, 1).size(), std::size_t{1}); // the first in any case
        QVERIFY(!bench.lease.hasUnused());
    }

    void memoryIsBounded()
    {
        Bench bench;
        bench.warmUp(2, "held");
        for (std::size_t i = 0; i < 3 * Lease::kMost; ++i)
            bench.fetch(std::to_string(i));
        QCOMPARE(bench.lease.kinds(), Lease::kMost);
        QCOMPARE(bench.fetch("new"), std::int64_t{0});
        QCOMPARE(bench.fetch("new"), std::int64_t{0}); // no room yet
        bench.now += kLeaseHot;
        bench.fetch("new");
        QCOMPARE(bench.fetch("new"), std::int64_t{1});
        QCOMPARE(bench.lease.kinds(), std::size_t{2});
        QCOMPARE(bench.use(5, "held"), std::int64_t{2}); // what is held is kept
    }
};

QTEST_GUILESS_MAIN(TestLeaseCounts)
#include "tst_lease_counts.moc"

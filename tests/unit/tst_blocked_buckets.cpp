// SPDX-License-Identifier: GPL-3.0-only
// A bucket that the store cannot be told of, because what it holds there is broken: the others go on, and it is settled later.
#include <QTest>

#include "tests/unit/outage_bench.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;

class TestBlockedBuckets : public OutageTest {
    Q_OBJECT
private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }

    // What it holds is broken, so the store cannot be told of it.
    void aBrokenBucketIsNotCovered_data() { addLayouts(); }
    void aBrokenBucketIsNotCovered()
    {
        startRow();
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        setLinks(State::Away);
        m_a->ask(m_charges, 4);
        QVERIFY(areAnswered());
        m_serviceLink->brokenBucket = nameOf(m_charges.front());
        QVERIFY(comesBack());
        QCOMPARE(m_returns, Returns{}); // not of all buckets yet
        QVERIFY(m_table->status().spent > 0);
        m_a->ask(m_charges, 2);
        QVERIFY(areAnswered());
        QCOMPARE(m_a->by(By::Reject), 2);
        QCOMPARE(stored().front().known.taken, std::int64_t{1});

        m_serviceLink->brokenBucket.clear();
        QVERIFY(comesTrue([&] { return !m_table->hasBlocked(); }));
        QCOMPARE(m_returns, (Returns{{true, 0}}));
        QCOMPARE(m_table->status().spent, limit::Tokens{0});
        for (const limit::BucketOutput &bucket : stored())
            QCOMPARE(bucket.known.taken, std::int64_t{5});
        m_a->ask(m_charges, 6);
        QVERIFY(areAnswered());
        QCOMPARE(m_a->by(By::Reject), 2);
        QCOMPARE(m_a->admitted(), 10);
    }

    void theOthersGoOnWithoutABrokenOne()
    {
        start({yearly("all", kCapacity), keyed(yearly("key", kCapacity))}, {charge(0), charge(1, "x")});
        const std::vector<policy::Charge> others{charge(0), charge(1, "y")};
        std::vector<std::string> blocked;
        connect(m_settler.get(), &Settler::blocked, this,
                [&](const std::string &limit, const Error &) { blocked.push_back(limit); });
        m_a->ask(m_charges);
        m_a->ask(others);
        QVERIFY(areAnswered());
        m_serviceLink->brokenBucket = "key:x";
        for (int outage = 1; outage <= 2; ++outage) {
            setLinks(State::Away);
            m_a->ask(outage == 1 ? m_charges : others);
            m_a->ask(others);
            QVERIFY(areAnswered());
            QCOMPARE(m_a->by(By::Local), 2 * outage);
            m_a->ask(m_charges, outage - 1); // once it is known to be broken
            QVERIFY(areAnswered());
            QCOMPARE(m_a->by(By::Reject), 2 * (outage - 1));
            QVERIFY(comesBack());
            m_a->ask(others);
            m_a->ask(m_charges);
            QVERIFY(areAnswered());
            QCOMPARE(m_a->by(By::Store), 2 + outage);
            QCOMPARE(m_a->by(By::Reject), 2 * outage - 1);
            const int before = m_serviceLink->settlements;
            QVERIFY(comesTrue([&] { return m_serviceLink->settlements > before + 1; }));
        }
        QCOMPARE(blocked, std::vector<std::string>{"key"}); // said once, however often it was tried
        QCOMPARE(stored().front().known.taken, std::int64_t{8});
        QCOMPARE(stored().back().known.taken, std::int64_t{1});
        QCOMPARE(m_table->status().exactReturns, std::int64_t{1}); // the second outage has nothing of the first one's

        m_serviceLink->brokenBucket.clear();
        QVERIFY(comesTrue([&] { return !m_table->hasBlocked(); }));
        QCOMPARE(stored().back().known.taken, std::int64_t{2});
        QCOMPARE(stored().back().room, limit::Tokens{8});
    }

    // One that has begun meanwhile takes from it as soon as it is put right; these are not this process' own takes in doubt.
    void whoHasBegunMeanwhileIsCountedFirst_data() { addLayouts(); }
    void whoHasBegunMeanwhileIsCountedFirst()
    {
        startRow();
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        m_b->link.state = State::Silent;
        m_b->ask(m_charges, 5);
        QVERIFY(comesTrue([&] { return m_b->link.held() == 1; }));
        m_a->link.state = State::Away;
        m_a->ask(m_charges, 9);
        QVERIFY(comesTrue([&] { return m_a->isAnswered(); }));
        QCOMPARE(m_a->admitted(), 10);
        m_b->link.release(); // they were not done
        QVERIFY(areAnswered());
        m_serviceLink->brokenBucket = nameOf(m_charges.back());
        QVERIFY(comesBack());
        QVERIFY(m_table->hasBlocked());
        QCOMPARE(m_table->status().excess, limit::Tokens{0});

        anotherCounts();
        m_charges = {m_charges.back()};
        QCOMPARE(stored(5).front().room, limit::Tokens{4});
        m_serviceLink->brokenBucket.clear();
        QVERIFY(comesTrue([&] { return !m_table->hasBlocked(); }));
        QCOMPARE(m_table->status().excess, limit::Tokens{5});
        QCOMPARE(stored().front().room, limit::Tokens{0});
    }
};

QTEST_GUILESS_MAIN(TestBlockedBuckets)
#include "tst_blocked_buckets.moc"

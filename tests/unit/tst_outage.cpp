// SPDX-License-Identifier: GPL-3.0-only
// Going on without the store and coming back: two workers, one table, nothing spent twice, whatever the limits are.
#include <QTest>

#include "tests/unit/outage_bench.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;

namespace {

enum class Others { None, CameMeanwhile, MetBefore };

} // namespace

class TestOutage : public OutageTest {
    Q_OBJECT
private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }

    void theWholeProcessGoesLocalAndBack_data() { addLimits(); }
    void theWholeProcessGoesLocalAndBack()
    {
        startRow();
        m_a->ask(m_charges, 3);
        QVERIFY(areAnswered());
        m_a->link.state = State::Away; // b's link is fine
        m_a->ask(m_charges, 2);
        QVERIFY(areAnswered());
        m_b->ask(m_charges, 8);
        QVERIFY(areAnswered());
        QCOMPARE(m_a->by(By::Local), 2);
        QCOMPARE(m_b->by(By::Local), 8); // it would spend the same tokens again
        QCOMPARE(m_a->admitted() + m_b->admitted(), 10);
        QCOMPARE(m_table->status().spent, 7 * buckets());
        if (m_charges.front().subject.empty()) // the panel shows that bucket
            QCOMPARE(m_b->levels.read().tokens, std::int64_t{0});
        for (const limit::BucketOutput &bucket : stored())
            QCOMPARE(bucket.room, limit::Tokens{7});

        QVERIFY(comesBack());
        QCOMPARE(m_returns, (Returns{{canBeExact(), 0}}));
        QCOMPARE(m_table->status().exactReturns, std::int64_t{canBeExact() ? 1 : 0});
        for (const limit::BucketOutput &bucket : stored()) {
            QCOMPARE(bucket.room, limit::Tokens{0});
            QCOMPARE(bucket.known.taken, std::int64_t{10});
            QCOMPARE(bucket.known.admitted, std::int64_t{10});
            QCOMPARE(bucket.known.refused, std::int64_t{3});
        }
        m_a->ask(m_charges);
        m_b->ask(m_charges);
        QVERIFY(areAnswered());
        QCOMPARE(m_a->by(By::Store) + m_b->by(By::Store), 5);
    }

    void whatWasTakenInDoubtIsGivenToNobody_data() { addLimits(); }
    void whatWasTakenInDoubtIsGivenToNobody() { whatIsInDoubtIsGivenToNobody(true); }
    void whatWasNotTakenInDoubtIsGivenToNobody_data() { addLayouts(); }
    void whatWasNotTakenInDoubtIsGivenToNobody() { whatIsInDoubtIsGivenToNobody(false); }

    // Nothing has been heard of the store since the process began; there it is a new bucket, of which others know by then or not.
    void aStoreThatWasNeverThereIsGoneOnWithout_data() { addLimits(); }
    void aStoreThatWasNeverThereIsGoneOnWithout()
    {
        m_shared = std::make_unique<store::MemoryStore>(m_wall);
        startRow();
        setLinks(State::Away);
        m_a->ask(m_charges, 6);
        m_b->ask(m_charges, 6);
        QVERIFY(areAnswered());
        QVERIFY(m_table->status().isUnheard);
        QCOMPARE(m_a->by(By::Local) + m_b->by(By::Local), 12);
        QCOMPARE(m_a->admitted() + m_b->admitted(), 10);

        QVERIFY(comesBack());
        QCOMPARE(m_returns, (Returns{{canBeExact(), 0}}));
        for (const limit::BucketOutput &bucket : stored()) {
            QCOMPARE(bucket.room, limit::Tokens{0});
            QCOMPARE(bucket.known.taken, std::int64_t{10});
            QCOMPARE(bucket.known.admitted, std::int64_t{10});
            QCOMPARE(bucket.known.refused, std::int64_t{2});
        }
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        QCOMPARE(m_a->by(By::Store), 1);
        setLinks(State::Away);
        QVERIFY(comesTrue([&] { // an empty bucket is known for some milliseconds
            m_a->ask(m_charges);
            return areAnswered() && m_table->status().outages == 2;
        }));
        QVERIFY(!m_table->status().isUnheard);
        QCOMPARE(m_a->admitted() + m_b->admitted(), 10);
    }

    void whatOthersTookBeforeItWasThereIsTold_data() { addLimits(); }
    void whatOthersTookBeforeItWasThereIsTold()
    {
        m_shared = std::make_unique<store::MemoryStore>(m_wall);
        startRow();
        stored(7);
        setLinks(State::Away);
        m_a->ask(m_charges, 12);
        QVERIFY(areAnswered());
        QCOMPARE(m_a->admitted(), 10);
        QVERIFY(comesBack());
        QCOMPARE(m_returns, (Returns{{false, 7 * buckets()}}));
        for (const limit::BucketOutput &bucket : stored()) {
            QCOMPARE(bucket.room, limit::Tokens{0});
            QCOMPARE(bucket.known.taken, std::int64_t{17});
        }
    }

    // By which intervals came back cannot be told then; what was taken is entered all the same.
    void byAnotherClockThanTheStoresNothingIsExact_data() { addLayouts(); }
    void byAnotherClockThanTheStoresNothingIsExact()
    {
        for (const Micros apart : {Micros{-60'000'000}, Micros{60'000'000}}) {
            cleanup();
            init();
            m_clock.set(m_wall.now() + apart);
            startRow();
            setLinks(State::Away);
            m_a->ask(m_charges, 12);
            QVERIFY(areAnswered());
            QCOMPARE(m_a->admitted(), 10);
            QVERIFY(comesBack());
            QCOMPARE(m_returns, (Returns{{false, 0}}));
            for (const limit::BucketOutput &bucket : stored()) {
                QCOMPARE(bucket.room, limit::Tokens{0});
                QCOMPARE(bucket.known.taken, std::int64_t{10});
            }
        }
    }

    void nothingIsSettledWhileTheLimitsAreNotKnown()
    {
        m_shared = std::make_unique<store::MemoryStore>(m_wall);
        start({yearly("all", kCapacity)}, {charge(0)});
        m_settler->hold(true);
        m_table->begin(std::chrono::steady_clock::now());
        m_c = std::make_unique<EngineWorker>(*m_shared, m_policies, *m_table); // joins an outage that has begun
        m_c->ask(m_charges, 3);
        QVERIFY(comesTrue([&] { return m_c->isAnswered(); }));
        QCOMPARE(m_c->by(By::Local), 3);
        QVERIFY(comesTrue([&] { return m_table->worstBreaker() == CircuitBreaker::State::Closed; }));
        QVERIFY(!QTest::qWaitFor([&] { return m_table->mode() != Mode::Local; }, 300));
        m_settler->hold(false);
        QVERIFY(comesBack());
        QCOMPARE(m_returns, (Returns{{true, 0}}));
        QCOMPARE(stored().front().room, limit::Tokens{7});
    }

    // Another has taken as much meanwhile; the first answer that tells of it gets lost.
    void excessIsToldOnce_data() { addLayouts(); }
    void excessIsToldOnce()
    {
        startRow();
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        setLinks(State::Away);
        m_a->ask(m_charges, 9);
        QVERIFY(areAnswered());
        QCOMPARE(m_a->admitted(), 10);
        stored(9);
        setLinks(State::Fine);
        m_serviceLink->state = State::AnswersGetLost;
        QVERIFY(comesTrue([&] { return m_serviceLink->settlements == 1; }));
        QVERIFY(comesBack());
        QCOMPARE(m_returns, (Returns{{false, 9 * buckets()}}));
        for (const limit::BucketOutput &bucket : stored())
            QCOMPARE(bucket.known.taken, std::int64_t{19});

        setLinks(State::Away);
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        QCOMPARE(m_a->admitted(), 10); // it goes on with what it was told: nothing is left
        QVERIFY(comesBack());
        QCOMPARE(m_returns.back().second, limit::Tokens{0});
        QCOMPARE(m_table->status().excess, 9 * buckets());
    }

    void onlyWhoIsAloneAndCountedIsExact_data()
    {
        QTest::addColumn<Others>("others");
        QTest::addColumn<bool>("isCounted");
        QTest::addColumn<int>("given");
        QTest::newRow("alone and counted") << Others::None << true << 9;
        QTest::newRow("not counted") << Others::None << false << 9;
        QTest::newRow("another came meanwhile") << Others::CameMeanwhile << true << 9;
        QTest::newRow("another was known before") << Others::MetBefore << true << 4; // a half
    }
    void onlyWhoIsAloneAndCountedIsExact()
    {
        QFETCH(const Others, others);
        QFETCH(const bool, isCounted);
        QFETCH(const int, given);
        start({yearly("all", kCapacity)}, {charge(0)});
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        if (others == Others::MetBefore) {
            anotherCounts();
            m_count->look();
            QVERIFY(comesTrue([&] { return m_count->instances() == 2; }));
        }
        setLinks(State::Away);
        m_a->ask(m_charges, 9);
        QVERIFY(areAnswered());
        QCOMPARE(m_a->admitted(), 1 + given);
        if (others == Others::CameMeanwhile)
            anotherCounts();
        QVERIFY(comesBack(isCounted ? State::Fine : State::Away));
        const bool isExact = others == Others::None && isCounted;
        QCOMPARE(m_returns, (Returns{{isExact, 0}}));
        QCOMPARE(m_table->status().exactReturns, std::int64_t{isExact ? 1 : 0});
        QCOMPARE(stored().front().known.taken, std::int64_t{1 + given});
        QCOMPARE(stored().front().room, limit::Tokens{9 - given});
    }

    void aSettlementThatHangsHoldsUpNobody_data()
    {
        QTest::addColumn<bool>("isAlone");
        QTest::newRow("alone") << true;
        QTest::newRow("another has taken the rest") << false;
    }
    void aSettlementThatHangsHoldsUpNobody()
    {
        QFETCH(const bool, isAlone);
        start({yearly("all", kCapacity)}, {charge(0)});
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        setLinks(State::Away);
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        const std::int64_t others = isAlone ? 0 : 9;
        stored(others);
        setLinks(State::Fine);
        QVERIFY(comesTrue([&] { return m_table->mode() == Mode::Settling; }));
        m_a->ask(m_charges);
        // Nothing is delivered: the settlement hangs. Requests wait for a moment, then go on locally.
        QVERIFY(QTest::qWaitFor([&] { return m_a->by(By::Local) == 2; }, kPatienceMs));
        QVERIFY(comesBack()); // what was decided meanwhile is entered by a second one
        QCOMPARE(m_serviceLink->settlements, 2);
        QCOMPARE(m_returns, (Returns{{isAlone, isAlone ? 0 : 2}})); // each time that of the whole outage is told
        QCOMPARE(m_table->status().excess, limit::Tokens{isAlone ? 0 : 2});
        QCOMPARE(stored().front().known.taken, 3 + others);
        QCOMPARE(stored().front().room, limit::Tokens{isAlone ? 7 : 0});
    }

    void theWrongPasswordIsNotCovered()
    {
        start({yearly("all", kCapacity)}, {charge(0)});
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        setLinks(State::Away);
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        QCOMPARE(m_a->by(By::Local), 1);
        setLinks(State::Forbidden); // it came back, with another password
        QVERIFY(comesTrue([&] {
            m_a->ask(m_charges);
            return areAnswered() && m_a->by(By::Reject) > 0;
        }));
        QVERIFY(comesBack());
        QCOMPARE(stored().front().known.taken, std::int64_t{m_a->admitted()});
    }

private:
    // b's takes are under way when a finds the store away; whether a's were done nobody knows.
    void whatIsInDoubtIsGivenToNobody(bool wasTaken)
    {
        startRow();
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        m_b->link.state = State::Silent;
        m_b->ask(m_charges, 2);
        QVERIFY(comesTrue([&] { return m_b->link.held() == 1; }));
        m_a->link.state = wasTaken ? State::AnswersGetLost : State::Away;
        for (const int requests : {3, 4}) {
            m_a->ask(m_charges, requests);
            QVERIFY(comesTrue([&] { return m_a->isAnswered(); }));
        }
        QCOMPARE(m_a->admitted(), 1 + 3 + 4);
        m_b->link.release();
        QVERIFY(areAnswered());
        m_b->ask(m_charges);
        QVERIFY(areAnswered());
        QCOMPARE(m_b->by(By::Local), 3);
        QCOMPARE(m_b->admitted(), 2); // out of what was left
        const limit::Tokens taken = wasTaken ? 3 : 0;
        QCOMPARE(m_a->telemetry.inDoubt.read() + m_b->telemetry.inDoubt.read(), (2 + taken) * buckets());

        QVERIFY(comesBack());
        QCOMPARE(m_table->status().exactReturns, std::int64_t{canBeExact() ? 1 : 0});
        QCOMPARE(m_table->status().foundTaken, canBeExact() ? taken * buckets() : 0);
        QCOMPARE(m_table->status().excess, canBeExact() ? 0 : taken * buckets());
        for (const limit::BucketOutput &bucket : stored()) {
            QCOMPARE(bucket.room, limit::Tokens{0});
            QCOMPARE(bucket.known.taken, std::int64_t{10 + taken}); // b's two were never taken
        }
    }
};

QTEST_GUILESS_MAIN(TestOutage)
#include "tst_outage.moc"

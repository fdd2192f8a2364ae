// SPDX-License-Identifier: GPL-3.0-only
// A level that somebody sets here holds from its confirmation on, also where the store goes away at once.
#include <QTest>

#include "core/engine/keep/limit_keeper.h"
#include "tests/unit/outage_bench.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;

class TestLevelSet : public OutageTest {
    Q_OBJECT
private Q_SLOTS:
    void init() { setUp(); }
    void cleanup()
    {
        m_keeper.reset();
        tearDown();
    }

    void anOutageBeginsFromIt_data() { addLimits(); }
    void anOutageBeginsFromIt()
    {
        struct Row {
            int asked;
            limit::Tokens level;
        };
        for (const auto &[asked, level] : {Row{3, 0}, Row{10, kCapacity}, Row{1, 4}, Row{10, 4}}) {
            cleanup();
            init();
            startKeeper();
            m_a->ask(m_charges, asked);
            QVERIFY(areAnswered());
            setLevel(level);
            m_a->link.state = State::Away;
            m_a->ask(m_charges, 2 * kCapacity);
            QVERIFY(areAnswered());
            QCOMPARE(m_a->by(By::Local), 2 * kCapacity);
            QCOMPARE(m_a->admitted(), asked + static_cast<int>(level));
        }
    }

    // Its call was done before, and the answer is there after; it counts as many taken, and more left.
    void anAnswerOfBeforeDoesNotUndoIt_data() { addLimits(); }
    void anAnswerOfBeforeDoesNotUndoIt()
    {
        startKeeper();
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        m_a->link.state = State::Held;
        m_a->ask(m_charges);
        QVERIFY(comesTrue([&] { return m_a->link.held() == 1; }));
        m_clock.advance(Micros{1000});
        setLevel(0);
        m_a->link.release();
        QVERIFY(areAnswered());
        QCOMPARE(m_a->admitted(), 2);
        m_a->link.state = State::Away;
        m_a->ask(m_charges, kCapacity);
        QVERIFY(areAnswered());
        QCOMPARE(m_a->admitted(), 2);
    }

    // The call that sets it carries what is known, so that nothing is forgotten with it.
    void aStoreThatHasForgottenIsToldFirst_data() { addLimits(); }
    void aStoreThatHasForgottenIsToldFirst()
    {
        startKeeper();
        m_a->ask(m_charges, 3);
        QVERIFY(areAnswered());
        m_shared->forget();
        setLevel(0);
        QCOMPARE(m_table->status().statesLost, std::int64_t{buckets()});
        const std::string name = bucketName(m_policies->limits.back().name, m_charges.back().subject);
        QCOMPARE(m_table->knownOf(name, m_policies->limits.back().spec).taken, std::int64_t{3});
        m_a->ask(m_charges);
        QVERIFY(areAnswered());
        QCOMPARE(m_a->admitted(), 3);
    }

private:
    void startKeeper()
    {
        startRow();
        m_keeper = std::make_unique<LimitKeeper>(*m_shared, *m_table);
        bool isApplied = false;
        m_keeper->apply(m_policies->book, limit::TokenMode::Keep,
                        [&](const Result<LimitKeeper::Limits> &limits) { isApplied = limits.isOk(); });
        QVERIFY(comesTrue([&] { return isApplied; }));
    }
    /// Of all of a request.
    void setLevel(limit::Tokens tokens)
    {
        for (const policy::Charge &charge : m_charges) {
            limit::Tokens level = -1;
            m_keeper->setLevel(charge.limit, charge.subject, tokens,
                               [&](const Result<limit::Tokens> &result) { level = result ? result.value() : -1; });
            QVERIFY(comesTrue([&] { return level >= 0; }));
            QCOMPARE(level, tokens);
        }
        m_table->noteChange(); // as LimitsInForce does
    }

    std::unique_ptr<LimitKeeper> m_keeper;
};

QTEST_GUILESS_MAIN(TestLevelSet)
#include "tst_level_set.moc"

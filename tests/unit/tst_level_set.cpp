// SPDX-License-Identifier: GPL-3.0-only
// A level that somebody sets here holds from its confirmation on, also where the store goes away at once.
#include <QTest>

#include "core/base/clock.h"
#include "core/engine/keep/limit_keeper.h"
#include "tests/support/random_limit.h"
#include "tests/unit/engine_bench.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;
using By = Decision::By;
using State = FaultyLink::State;

namespace {

constexpr limit::Tokens kCapacity = 10; ///< of the limit whose level is set

enum class Layout { One, ByKey, Several };

config::LimitEntry entryOf(const char *name, limit::Algorithm algorithm)
{
    config::LimitEntry entry = yearly(name, kCapacity);
    entry.spec.algorithm = algorithm;
    if (limit::isWindow(algorithm))
        entry.spec.refill = entry.spec.capacity;
    shortenBurst(entry.spec);
    return entry;
}

void addLimits()
{
    QTest::addColumn<Layout>("layout");
    QTest::addColumn<int>("algorithm");
    const auto tokenBucket = static_cast<int>(limit::Algorithm::TokenBucket);
    QTest::newRow("by key") << Layout::ByKey << tokenBucket;
    QTest::newRow("several") << Layout::Several << tokenBucket;
    for (const limit::Algorithm algorithm : kAlgorithms)
        QTest::newRow(limit::nameOf(algorithm).data()) << Layout::One << static_cast<int>(algorithm);
}

} // namespace

class TestLevelSet : public EngineTest {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_shared = std::make_unique<store::MemoryStore>(m_clock);
        m_table = std::make_unique<BucketTable>();
    }
    void cleanup()
    {
        m_worker.reset();
        m_keeper.reset();
        m_table.reset();
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
            startRow();
            m_worker->ask(m_charges, asked);
            QVERIFY(isAnswered());
            setLevel(level);
            m_worker->link.state = State::Away;
            m_worker->ask(m_charges, 2 * kCapacity);
            QVERIFY(isAnswered());
            QCOMPARE(m_worker->by(By::Local), 2 * kCapacity);
            QCOMPARE(m_worker->admitted(), asked + static_cast<int>(level));
        }
    }

    // Its call was done before, and the answer is there after; it counts as many taken, and more left.
    void anAnswerOfBeforeDoesNotUndoIt_data() { addLimits(); }
    void anAnswerOfBeforeDoesNotUndoIt()
    {
        startRow();
        m_worker->ask(m_charges);
        QVERIFY(isAnswered());
        m_worker->link.state = State::Held;
        m_worker->ask(m_charges);
        QVERIFY(comesTrue([&] { return m_worker->link.held() == 1; }));
        m_clock.advance(Micros{1000});
        setLevel(0);
        m_worker->link.release();
        QVERIFY(isAnswered());
        QCOMPARE(m_worker->admitted(), 2);
        m_worker->link.state = State::Away;
        m_worker->ask(m_charges, kCapacity);
        QVERIFY(isAnswered());
        QCOMPARE(m_worker->admitted(), 2);
    }

    // The call that sets it carries what is known, so that nothing is forgotten with it.
    void aStoreThatHasForgottenIsToldFirst_data() { addLimits(); }
    void aStoreThatHasForgottenIsToldFirst()
    {
        startRow();
        m_worker->ask(m_charges, 3);
        QVERIFY(isAnswered());
        m_shared->forget();
        setLevel(0);
        QCOMPARE(m_table->status().statesLost, std::int64_t{1});
        const std::string name = bucketName(m_policies->limits.back().name, m_charges.back().subject);
        QCOMPARE(m_table->knownOf(name, m_policies->limits.back().spec).taken, std::int64_t{3});
        m_worker->ask(m_charges);
        QVERIFY(isAnswered());
        QCOMPARE(m_worker->admitted(), 3);
    }

private:
    void startRow()
    {
        QFETCH(const Layout, layout);
        QFETCH(const int, algorithm);
        const config::LimitEntry all = entryOf("all", static_cast<limit::Algorithm>(algorithm));
        const config::LimitEntry key = keyed(entryOf("key", static_cast<limit::Algorithm>(algorithm)));
        const policy::Charge forAll{0, 1, false, {}};
        m_charges = {forAll};
        std::vector<config::LimitEntry> limitSet{all};
        if (layout == Layout::ByKey) {
            limitSet = {key};
            m_charges = {{0, 1, false, "x"}};
        } else if (layout == Layout::Several) {
            limitSet = {all, key};
            limitSet.front().spec.capacity *= 10; // never refuses
            m_charges = {forAll, {1, 1, false, "x"}};
        }
        m_policies = policiesOf(limitSet);
        m_table->adopt(*m_policies, std::chrono::steady_clock::now());
        m_worker = std::make_unique<EngineWorker>(*m_shared, m_policies, *m_table);
        m_keeper = std::make_unique<LimitKeeper>(*m_shared, *m_table);
        bool isApplied = false;
        m_keeper->apply(m_policies->book, limit::TokenMode::Keep,
                        [&](const Result<LimitKeeper::Limits> &limits) { isApplied = limits.isOk(); });
        QVERIFY(comesTrue([&] { return isApplied; }));
    }
    /// Of the limit that refuses.
    void setLevel(limit::Tokens tokens)
    {
        limit::Tokens level = -1;
        m_keeper->setLevel(m_policies->limits.size() - 1, m_charges.back().subject, tokens,
                           [&](const Result<limit::Tokens> &result) { level = result ? result.value() : -1; });
        QVERIFY(comesTrue([&] { return level >= 0; }));
        QCOMPARE(level, tokens);
        m_table->noteChange(); // as LimitsInForce does
    }
    [[nodiscard]] bool isAnswered()
    {
        return comesTrue([&] { return m_worker->isAnswered(); });
    }

    ManualClock m_clock{Micros{1'700'000'000'000'000}};
    std::unique_ptr<BucketTable> m_table;
    PoliciesPtr m_policies;
    std::vector<policy::Charge> m_charges; ///< of a request
    std::unique_ptr<EngineWorker> m_worker;
    std::unique_ptr<LimitKeeper> m_keeper;
};

QTEST_GUILESS_MAIN(TestLevelSet)
#include "tst_level_set.moc"

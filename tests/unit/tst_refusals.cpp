// SPDX-License-Identifier: GPL-3.0-only
// Several limits of which one is known to be empty: refused without the store, and the store counts the same all the same.
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include "core/engine/ahead/refusal_hold.h"
#include "tests/unit/engine_bench.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;
using By = Decision::By;
using Kind = limit::Verdict::Kind;
using Policy = config::StoreFailurePolicy;
using State = FaultyLink::State;

namespace {

policy::Charge charge(std::size_t limit, const char *subject = "", limit::Tokens cost = 1, bool isShadow = false)
{
    return {limit, cost, isShadow, subject};
}

PoliciesPtr withoutRefillOnDemand(const PoliciesPtr &policies)
{
    auto changed = std::make_shared<Policies>(*policies);
    changed->refillsOnDemand = false;
    return changed;
}

} // namespace

class TestRefusals : public EngineTest {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup()
    {
        m_worker.reset();
        m_table.reset();
    }

    void mostNeedNoCall();
    void otherKeysAreAsked();
    void allThatRefuseAreTold();
    void aShadowIsLeftAlone();
    void nobodyIsAnsweredFromInsideDecide();
    void aFillIsSeenByTheNextRequest();
    void anAnswerOfBeforeAFillIsNotRemembered();
    void aFillByAnotherInstanceIsSeenSoon();
    void aChangedLimitIsSeenByTheNextRequest();
    void withoutRefillOnDemandAllAreAsked();
    void whatCostsNothingIsAsked();
    void notWhileThisProcessDecides();
    void reportIsConfirmed();
    void reportsWaitForTheStore();
    void aReportInDoubtIsNotSentAgain();
    void aReportThatFailsIsSentWithTheNextSuccess();
    void aReportOfAnOlderLimitIsSentAgain();
    void whatIsOwedIsToldBeforeItsLimitIsGone();

private:
    void start(const std::vector<config::LimitEntry> &limitSet)
    {
        m_policies = policiesOf(limitSet);
        m_table->adopt(*m_policies, std::chrono::steady_clock::now());
        m_worker = std::make_unique<EngineWorker>(*m_shared, m_policies, *m_table);
    }
    [[nodiscard]] bool ask(const std::vector<policy::Charge> &charges)
    {
        m_worker->ask(charges);
        while (m_worker->link.state == State::Fine && !m_worker->isAnswered() && m_patience.elapsed() < kPatienceMs) {
            QCoreApplication::processEvents(); // at once: qWaitFor may sleep longer than a refusal holds
            m_shared->deliver();
        }
        return comesTrue([&] { return m_worker->isAnswered(); });
    }
    /// Asks until somebody was refused without a call; one refusal at least is owed then.
    [[nodiscard]] bool comesToKnowIt(const std::vector<policy::Charge> &charges)
    {
        m_patience.start();
        for (int before = -1; before != m_worker->link.takes;) {
            before = m_worker->link.takes;
            if (!ask(charges) || m_patience.elapsed() > kPatienceMs)
                return false;
        }
        return m_worker->answers.back().verdict.kind == Kind::Refused;
    }
    limit::BucketOutput stored(const std::string &name, std::size_t limit = 0, std::int64_t epoch = 1,
                               limit::TokenMode mode = limit::TokenMode::Keep)
    {
        limit::TakeOutput output;
        m_shared->take({name, {{name, {m_policies->limits[limit].spec, epoch, mode, {}}}}, {}},
                       [&](const Result<limit::TakeOutput> &result) { output = result.value(); });
        m_shared->deliver();
        return output.buckets.front();
    }
    /// Clients, the worker, its table and the store have counted the same of a limit that has refused alone.
    [[nodiscard]] bool areCountsEqual(const std::string &name, std::size_t limit = 0, std::int64_t epoch = 1)
    {
        return comesTrue([&] {
                   const limit::Known bucket = stored(name, limit, epoch).known;
                   const LimitCounts counts = m_table->counts(m_policies->limits, steadyNow())[limit];
                   return bucket.refused == m_worker->telemetry.refused.read() && counts.refused == bucket.refused
                          && bucket.admitted == m_worker->telemetry.admitted.read()
                          && counts.admitted == bucket.admitted;
               })
               && m_worker->telemetry.refused.read() == m_worker->refused()
               && m_worker->telemetry.admitted.read() == m_worker->admitted();
    }

    ManualClock m_clock{Micros{0}};
    std::unique_ptr<BucketTable> m_table;
    PoliciesPtr m_policies;
    std::unique_ptr<EngineWorker> m_worker;
    QElapsedTimer m_patience;
};

void TestRefusals::init()
{
    m_clock.set(Micros{1'700'000'000'000'000});
    m_shared = std::make_unique<store::MemoryStore>(m_clock);
    m_table = std::make_unique<BucketTable>();
}

void TestRefusals::mostNeedNoCall()
{
    start({yearly("all", 3), keyed(yearly("key", 100))});
    const std::vector<policy::Charge> charges{charge(0), charge(1, "x")};
    QVERIFY(comesToKnowIt(charges));
    QVERIFY(comesTrue([&] {
        for (int i = 0; i < 500; ++i)
            if (!ask(charges))
                return false;
        return m_worker->telemetry.refused.read() > 20 * m_worker->telemetry.storeCalls.read();
    }));
    QVERIFY(areCountsEqual("all"));
    QCOMPARE(m_worker->admitted(), 3);
    QCOMPARE(m_worker->by(By::Store), static_cast<int>(m_worker->asked));
    QCOMPARE(m_worker->telemetry.storeCalls.read(), std::int64_t{m_worker->link.takes});
    QCOMPARE(m_worker->telemetry.totals().decided(By::Store), static_cast<std::int64_t>(m_worker->asked));
    QCOMPARE(m_worker->levels.read().refused, m_worker->telemetry.refused.read());
    QCOMPARE(stored("key:x", 1).known.taken, std::int64_t{3});
    QCOMPARE(stored("key:x", 1).known.refused, std::int64_t{0});
    QCOMPARE(m_worker->answers.back().limit, std::string{"all"});
    QCOMPARE(m_worker->answers.back().all, (std::vector<std::string>{"all", "key"}));
    const Micros wait = stored("all").untilChange;
    for (const EngineWorker::Answer &answer : m_worker->answers)
        QVERIFY(answer.verdict.kind != Kind::Refused
                || (answer.verdict.retryAfter <= wait && answer.verdict.retryAfter > wait - kRefusalHolds
                    && answer.verdict.tokensLeft == 0));
}

void TestRefusals::otherKeysAreAsked()
{
    start({yearly("all", 1000), keyed(yearly("key", 2))});
    const std::vector<policy::Charge> x{charge(0), charge(1, "x")}, y{charge(0), charge(1, "y")};
    QVERIFY(comesToKnowIt(x));
    for (int i = 0; i < 2; ++i) {
        m_worker->ask(x);
        QVERIFY(ask(y));
        QCOMPARE(m_worker->answers.back().verdict.kind == Kind::Admitted || m_worker->admitted() == 3 + i, true);
    }
    QVERIFY(comesTrue([&] { return m_worker->isAnswered(); }));
    QCOMPARE(m_worker->admitted(), 4);
    QVERIFY(comesTrue([&] { return stored("key:x", 1).known.refused == m_worker->refused(); }));
    QCOMPARE(stored("key:y", 1).known.admitted, std::int64_t{2});
    QCOMPARE(stored("all").known.taken, std::int64_t{4});
    QCOMPARE(stored("all").known.refused, std::int64_t{0});
}

void TestRefusals::allThatRefuseAreTold()
{
    start({yearly("all", 3), keyed(yearly("key", 3))});
    const std::vector<policy::Charge> charges{charge(0), charge(1, "x")};
    QVERIFY(comesToKnowIt(charges));
    for (int i = 0; i < 50; ++i)
        QVERIFY(ask(charges));
    QVERIFY(areCountsEqual("all"));
    QVERIFY(areCountsEqual("key:x", 1));
}

void TestRefusals::aShadowIsLeftAlone()
{
    start({yearly("all", 3), yearly("trial", 1)});
    const std::vector<policy::Charge> charges{charge(0), charge(1, "", 1, true)};
    QVERIFY(comesToKnowIt(charges));
    for (int i = 0; i < 50; ++i)
        QVERIFY(ask(charges));
    QVERIFY(areCountsEqual("all"));
    QCOMPARE(stored("trial", 1).known.admitted, std::int64_t{1});
    QCOMPARE(stored("trial", 1).known.refused, std::int64_t{2}); // of the requests that were admitted
    QCOMPARE(m_worker->answers.back().all, std::vector<std::string>{"all"});
    // A shadow that is empty refuses nobody, here neither.
    m_patience.start();
    for (int i = 0; i < 10; ++i) {
        QVERIFY(ask({charge(1, "", 1, true)}));
        QCOMPARE(m_worker->answers.back().verdict.kind, Kind::Admitted);
    }
}

void TestRefusals::nobodyIsAnsweredFromInsideDecide()
{
    start({yearly("all", 3)});
    QVERIFY(comesToKnowIt({charge(0)}));
    const std::size_t before = m_worker->answers.size();
    m_worker->ask({charge(0)}, 1000);
    m_worker->limiter.adopt(policiesOf({yearly("all", 3)})); // what was asked before goes out now
    QCOMPARE(m_worker->answers.size(), before);
    QVERIFY(comesTrue([&] { return m_worker->isAnswered(); }));
    QVERIFY(areCountsEqual("all"));
}

void TestRefusals::aFillIsSeenByTheNextRequest()
{
    start({yearly("all", 3), keyed(yearly("key", 1000))});
    const std::vector<policy::Charge> charges{charge(0), charge(1, "x")};
    for (int round = 0; round < 20; ++round) {
        QVERIFY(comesToKnowIt(charges));
        stored("all", 0, 1, limit::TokenMode::Refill);
        m_table->noteChange();
        QVERIFY(ask(charges));
        QCOMPARE(m_worker->answers.back().verdict.kind, Kind::Admitted);
    }
    QVERIFY(areCountsEqual("all"));
}

void TestRefusals::anAnswerOfBeforeAFillIsNotRemembered()
{
    start({yearly("all", 3)});
    QVERIFY(comesToKnowIt({charge(0)}));
    m_table->noteChange();
    m_worker->link.state = State::Held;
    m_worker->ask({charge(0)});
    QVERIFY(comesTrue([&] { return m_worker->link.held() > 0; }));
    m_worker->link.state = State::Fine;
    stored("all", 0, 1, limit::TokenMode::Refill);
    m_table->noteChange();
    m_worker->link.release();
    QVERIFY(ask({charge(0)}));
    QCOMPARE(m_worker->answers.back().verdict.kind, Kind::Admitted);
    QVERIFY(areCountsEqual("all"));
}

void TestRefusals::aFillByAnotherInstanceIsSeenSoon()
{
    start({yearly("all", 3)});
    QVERIFY(comesToKnowIt({charge(0)}));
    stored("all", 0, 1, limit::TokenMode::Refill);
    QElapsedTimer passed;
    passed.start();
    while (m_worker->answers.back().verdict.kind == Kind::Refused && m_patience.elapsed() < kPatienceMs) {
        const bool isEarly = passed.nsecsElapsed() < kRefusalHolds.count() * 1000;
        QVERIFY(ask({charge(0)}));
        QVERIFY(isEarly || m_worker->answers.back().verdict.kind == Kind::Admitted);
    }
    QCOMPARE(m_worker->answers.back().verdict.kind, Kind::Admitted);
}

void TestRefusals::aChangedLimitIsSeenByTheNextRequest()
{
    start({yearly("all", 3)});
    for (std::int64_t epoch = 2; epoch < 12; ++epoch) {
        QVERIFY(comesToKnowIt({charge(0)}));
        stored("all", 0, epoch, limit::TokenMode::Refill);
        m_worker->limiter.adopt(policiesOf({yearly("all", 3)}, epoch));
        QVERIFY(ask({charge(0)}));
        QCOMPARE(m_worker->answers.back().verdict.kind, Kind::Admitted);
    }
    QVERIFY(areCountsEqual("all", 0, 11));
}

void TestRefusals::withoutRefillOnDemandAllAreAsked()
{
    start({yearly("all", 3)});
    m_worker->limiter.adopt(withoutRefillOnDemand(m_policies));
    m_patience.start();
    for (int i = 0; i < 200; ++i)
        QVERIFY(ask({charge(0)}));
    QCOMPARE(m_worker->link.takes, 200);
    QVERIFY(areCountsEqual("all"));
}

void TestRefusals::whatCostsNothingIsAsked()
{
    start({yearly("all", 3), keyed(yearly("key", 3))});
    const std::vector<policy::Charge> charges{charge(0), charge(1, "x")};
    for (int i = 0; i < 20; ++i) {
        QVERIFY(comesToKnowIt(charges));
        QVERIFY(ask({charge(0, "", 0), charge(1, "x", 0)}));
        QCOMPARE(m_worker->answers.back().verdict.kind, Kind::Admitted);
    }
}

void TestRefusals::notWhileThisProcessDecides()
{
    start({yearly("all", 3)});
    QVERIFY(comesToKnowIt({charge(0)}));
    m_table->begin(std::chrono::steady_clock::now());
    QVERIFY(ask({charge(0)}));
    QCOMPARE(m_worker->answers.back().by, By::Local);
}

void TestRefusals::reportIsConfirmed()
{
    start({yearly("all", 3)});
    QVERIFY(!m_worker->limiter.report());
    QVERIFY(comesToKnowIt({charge(0)}));
    for (int i = 0; i < 2; ++i)
        QVERIFY(m_worker->limiter.report());
    QVERIFY(comesTrue([&] { return !m_worker->limiter.report(); }));
    QCOMPARE(stored("all").known.refused, m_worker->telemetry.refused.read());
}

void TestRefusals::reportsWaitForTheStore()
{
    start({yearly("all", 3, Policy::Reject)});
    QVERIFY(comesToKnowIt({charge(0)}));
    m_worker->link.state = State::Away;
    QVERIFY(comesTrue([&] {
        m_worker->ask({charge(0)});
        return m_worker->telemetry.undecided.read() > 5;
    }));
    QVERIFY(comesTrue([&] { return m_worker->isAnswered() && !m_worker->limiter.report(); }));
    QVERIFY(stored("all").known.refused < m_worker->telemetry.refused.read());
    m_worker->link.state = State::Fine;
    QVERIFY(areCountsEqual("all"));
}

void TestRefusals::aReportInDoubtIsNotSentAgain()
{
    start({yearly("all", 3)});
    QVERIFY(comesToKnowIt({charge(0)}));
    m_worker->link.state = State::AnswersGetLost;
    QVERIFY(m_worker->limiter.report());
    QVERIFY(comesTrue([&] { return !m_worker->limiter.report(); }));
    m_worker->link.state = State::Fine;
    QCOMPARE(stored("all").known.refused, m_worker->telemetry.refused.read());
    QVERIFY(ask({charge(0)}));
    QVERIFY(comesTrue([&] { return !m_worker->limiter.report(); }));
    QCOMPARE(stored("all").known.refused, m_worker->telemetry.refused.read());
    QCOMPARE(m_worker->telemetry.inDoubt.read(), std::int64_t{0});
}

void TestRefusals::aReportThatFailsIsSentWithTheNextSuccess()
{
    start({yearly("all", 3)});
    QVERIFY(comesToKnowIt({charge(0)}));
    m_worker->link.state = State::Broken;
    const int calls = m_worker->link.takes;
    QVERIFY(m_worker->limiter.report());
    QElapsedTimer passed;
    passed.start(); // a store that answers so is not asked again and again
    QVERIFY(comesTrue([&] { return passed.nsecsElapsed() > 4 * kRefusalHolds.count() * 1000; }));
    QCOMPARE(m_worker->link.takes, calls + 1);
    m_worker->link.state = State::Fine;
    QVERIFY(ask({charge(0)}));
    QVERIFY(areCountsEqual("all"));
}

void TestRefusals::aReportOfAnOlderLimitIsSentAgain()
{
    start({yearly("all", 3)});
    QVERIFY(comesToKnowIt({charge(0)}));
    QSignalSpy newer{&m_worker->limiter, &Limiter::newerLimitFound};
    const std::uint64_t changes = m_table->changes();
    stored("all", 0, 4);
    QVERIFY(m_worker->limiter.report());
    QVERIFY(areCountsEqual("all", 0, 4));
    QCOMPARE(newer.count(), 1);
    QVERIFY(m_table->changes() > changes); // so no worker goes on refusing by the older one
}

void TestRefusals::whatIsOwedIsToldBeforeItsLimitIsGone()
{
    start({yearly("all", 3), yearly("old", 1000)});
    QVERIFY(comesToKnowIt({charge(0), charge(1)}));
    m_worker->limiter.adopt(policiesOf({yearly("new", 3)}));
    QVERIFY(comesTrue([&] { return stored("all").known.refused == m_worker->telemetry.refused.read(); }));
    QVERIFY(!m_worker->limiter.report());
    QCOMPARE(stored("new").known.refused, std::int64_t{0});
}

QTEST_GUILESS_MAIN(TestRefusals)
#include "tst_refusals.moc"

// SPDX-License-Identifier: GPL-3.0-only
// Several limits, two workers, one store: newer limits, policies without the store, outages and the way back.
#include <QSignalSpy>
#include <QTest>

#include "core/engine/keep/settler.h"
#include "tests/unit/engine_bench.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;
using By = Decision::By;
using Policy = config::StoreFailurePolicy;
using State = FaultyLink::State;

namespace {

policy::Charge charge(std::size_t limit, const char *subject = "", limit::Tokens cost = 1, bool isShadow = false)
{
    return {limit, cost, isShadow, subject};
}

} // namespace

class TestLimiter : public EngineTest {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_clock.set(Micros{1'700'000'000'000'000});
        m_shared = std::make_unique<store::MemoryStore>(m_clock);
        m_table = std::make_unique<BucketTable>();
    }
    void cleanup()
    {
        m_settler.reset();
        m_count.reset();
        m_a.reset();
        m_b.reset();
        m_table.reset();
    }

    void fromAllOrFromNone();
    void likeRequestsAreOneRun();
    void aShadowNeverRefuses();
    void whoComesTooLateSharesOneBucket();
    void aNewerLimitIsAdoptedAndAskedAgain();
    void changesFasterThanQuestionsEnd();
    void aLimitThatIsGoneMeanwhileIsDecidedAllTheSame();
    void anOlderPolicyDoesNotBringTheLimitBack();
    void eachLimitSaysWhatHappensWithoutTheStore_data();
    void eachLimitSaysWhatHappensWithoutTheStore();
    void afterAMissedDeadlineNobodyWaits();
    void whatAllowsIsNotCountedLocally();
    void whatNobodyHasHeardOfBeginsAtItsStart();
    void whatIsNoAbsenceIsNotCovered_data();
    void whatIsNoAbsenceIsNotCovered();
    void aFullQueueIsNotWhyTheStoreIsAway();
    void theWholeProcessGoesLocalAndBack();
    void whatIsInDoubtIsGivenToNobody_data();
    void whatIsInDoubtIsGivenToNobody();
    void anAnswerThatAnOutageHasOvertakenIsGivenToNobody_data();
    void anAnswerThatAnOutageHasOvertakenIsGivenToNobody();
    void anAnswerOfBeforeAnOutageIsGivenToNobody();
    void anInstanceOfTwoHasHalf();
    void theNextOutageBeginsWhereTheLastOneEnded();
    void aSettlementThatGetsLostIsEnteredOnce();
    void aLimitThatChangesInAnOutage();
    void otherNumbersUnderTheSameEpochAreSettled();
    void moreBucketsThanOneCallTakes();

private:
    void start(const std::vector<config::LimitEntry> &limitSet, std::int64_t maxLive = 100'000)
    {
        m_policies = policiesOf(limitSet, 1, maxLive);
        m_table->adopt(*m_policies, std::chrono::steady_clock::now());
        m_a = std::make_unique<EngineWorker>(*m_shared, m_policies, *m_table);
        m_b = std::make_unique<EngineWorker>(*m_shared, m_policies, *m_table);
        m_serviceLink = std::make_unique<FaultyLink>(*m_shared);
        m_count = std::make_unique<InstanceCount>(*m_serviceLink, *m_table, "test:1");
        m_settler = std::make_unique<Settler>(*m_serviceLink, m_policies, *m_table, *m_count);
    }
    [[nodiscard]] bool areAnswered()
    {
        return comesTrue([&] { return m_a->isAnswered() && m_b->isAnswered(); });
    }
    [[nodiscard]] bool isBack()
    {
        return comesTrue([&] { return m_table->mode() == BucketTable::Mode::Store; });
    }
    void setLinks(State state)
    {
        for (FaultyLink *link : {&m_a->link, &m_b->link, m_serviceLink.get()})
            link->state = state;
    }
    limit::BucketOutput stored(const std::string &name, std::size_t limit = 0, std::int64_t epoch = 1)
    {
        limit::TakeOutput output;
        m_shared->take({name, {{name, {m_policies->limits[limit].spec, epoch, limit::TokenMode::Keep, {}}}}, {}},
                       [&](const Result<limit::TakeOutput> &result) { output = result.value(); });
        m_shared->deliver();
        return output.buckets.front();
    }
    /// Another instance changes the numbers of a bucket.
    void changeElsewhere(const std::string &name, const limit::LimitSpec &spec, std::int64_t epoch)
    {
        m_shared->take({name, {{name, {spec, epoch, limit::TokenMode::Keep, {}}}}, {}},
                       [](const Result<limit::TakeOutput> &) {});
    }

    ManualClock m_clock{Micros{0}};
    std::unique_ptr<BucketTable> m_table;
    PoliciesPtr m_policies;
    std::unique_ptr<EngineWorker> m_a, m_b;
    std::unique_ptr<FaultyLink> m_serviceLink;
    std::unique_ptr<InstanceCount> m_count;
    std::unique_ptr<Settler> m_settler;
};

void TestLimiter::fromAllOrFromNone()
{
    start({yearly("all", 10), keyed(yearly("key", 2))});
    m_a->ask({charge(0), charge(1, "x")}, 3);
    m_a->ask({charge(0), charge(1, "y")});
    QVERIFY(areAnswered());
    QCOMPARE(m_a->link.takes, 1);
    QCOMPARE(m_a->admitted(), 3);
    QCOMPARE(m_a->answers[2].verdict.kind, limit::Verdict::Kind::Refused);
    QCOMPARE(m_a->answers[2].limit, std::string{"key"});
    QCOMPARE(m_a->answers[2].all, (std::vector<std::string>{"all", "key"}));
    QCOMPARE(m_a->answers[2].verdict.retryAfter, stored("key:x", 1).untilChange);
    QCOMPARE(stored("all").known.taken, std::int64_t{3});
    QCOMPARE(stored("key:x", 1).known.taken, std::int64_t{2});
    const auto counts = m_table->counts(m_policies->limits, steadyNow());
    QCOMPARE(counts[0].admitted, std::int64_t{3});
    QCOMPARE(counts[0].refused, std::int64_t{0});
    QCOMPARE(counts[1].refused, std::int64_t{1});
    QCOMPARE(counts[1].liveBuckets, std::int64_t{2});
}

void TestLimiter::likeRequestsAreOneRun()
{
    start({yearly("all", 1000)});
    m_a->ask({charge(0)}, 600);   // more than one call may have
    QCOMPARE(m_a->link.takes, 0); // the turn has not ended
    QVERIFY(areAnswered());
    QCOMPARE(m_a->link.takes, 2);
    QCOMPARE(m_a->admitted(), 600);
    QCOMPARE(m_a->levels.read().tokens, std::int64_t{400});
    for (std::size_t i = 0; i < m_a->answers.size(); ++i) {
        QCOMPARE(m_a->answers[i].ticket, i);
        QCOMPARE(m_a->answers[i].verdict.tokensLeft, static_cast<limit::Tokens>(999 - i));
    }
}

void TestLimiter::aShadowNeverRefuses()
{
    start({yearly("all", 3), yearly("trial", 1)});
    m_a->ask({charge(0), charge(1, "", 1, true)}, 4);
    QVERIFY(areAnswered());
    QCOMPARE(m_a->admitted(), 3);
    QCOMPARE(m_a->answers.back().limit, std::string{"all"});
    QCOMPARE(m_a->answers.front().all, std::vector<std::string>{"all"});
    const auto counts = m_table->counts(m_policies->limits, steadyNow());
    QCOMPARE(counts[1].admitted, std::int64_t{1});
    QCOMPARE(counts[1].refused, std::int64_t{2});
}

void TestLimiter::whoComesTooLateSharesOneBucket()
{
    start({keyed(yearly("key", 2))}, 2);
    for (const char *subject : {"a", "b", "c", "d", "e", "a"})
        m_a->ask({charge(0, subject)});
    QVERIFY(areAnswered());
    QCOMPARE(m_a->admitted(), 5); // of c, d and e the last found the shared bucket empty
    QCOMPARE(m_a->answers[4].verdict.kind, limit::Verdict::Kind::Refused);
    QCOMPARE(m_table->counts(m_policies->limits, steadyNow())[0].overflows, std::int64_t{3});
    QCOMPARE(m_table->counts(m_policies->limits, steadyNow())[0].liveBuckets, std::int64_t{2});
}

void TestLimiter::aNewerLimitIsAdoptedAndAskedAgain()
{
    start({yearly("all", 2), keyed(yearly("key", 9))});
    m_a->ask({charge(0), charge(1, "x")}, 2);
    QVERIFY(areAnswered());
    QSignalSpy found{&m_a->limiter, &Limiter::newerLimitFound};
    changeElsewhere("all", {5, 1, limit::kMaxInterval, limit::StartLevel::Full}, 4);
    changeElsewhere("key:x", {3, 1, limit::kMaxInterval, limit::StartLevel::Full}, 2);
    m_a->ask({charge(0), charge(1, "x")}, 2);
    QVERIFY(areAnswered());
    QCOMPARE(m_a->link.takes, 3);
    QCOMPARE(found.count(), 2);
    QCOMPARE(m_a->by(By::Store), 4);
    QCOMPARE(m_a->answers[3].verdict.kind, limit::Verdict::Kind::Refused); // it keeps its tokens: none
    m_a->ask({charge(1, "new")});                                          // also a bucket that nobody has changed yet
    QVERIFY(areAnswered());
    QCOMPARE(m_a->answers.back().verdict.tokensLeft, limit::Tokens{2});
    QCOMPARE(m_a->answers.back().epoch, std::int64_t{2});
    QCOMPARE(found.count(), 2);
}

void TestLimiter::changesFasterThanQuestionsEnd()
{
    start({yearly("all", 5)});
    std::int64_t epoch = 1;
    m_a->link.beforeTake = [&] { changeElsewhere("all", m_policies->limits[0].spec, ++epoch); };
    m_a->ask({charge(0)}, 2);
    QVERIFY(areAnswered());
    QCOMPARE(m_a->by(By::Reject), 2);
    QVERIFY(m_a->link.takes > 1);
    m_a->link.beforeTake = {};
    QCOMPARE(stored("all", 0, epoch).known.taken, std::int64_t{0});
}

// Its file has no such limit any more, and another instance has just changed it: whoever asked before is decided.
void TestLimiter::aLimitThatIsGoneMeanwhileIsDecidedAllTheSame()
{
    start({yearly("all", 5), yearly("old", 5)});
    m_a->ask({charge(0), charge(1)});
    QVERIFY(areAnswered());
    changeElsewhere("old", {7, 1, limit::kMaxInterval, limit::StartLevel::Full}, 3);
    m_a->link.state = State::Held;
    m_a->ask({charge(0), charge(1)});
    QVERIFY(comesTrue([&] { return m_a->link.held() == 1; }));
    m_a->limiter.adopt(policiesOf({yearly("all", 5)}));
    m_a->link.state = State::Fine;
    m_a->link.release();
    QVERIFY(areAnswered());
    QCOMPARE(m_a->by(By::Store), 2);
    QCOMPARE(m_a->admitted(), 2);
}

void TestLimiter::anOlderPolicyDoesNotBringTheLimitBack()
{
    start({yearly("all", 2)});
    m_a->limiter.adopt(policiesOf({yearly("all", 9)}, 3));
    m_a->limiter.adopt(policiesOf({yearly("all", 2)}, 2));
    m_a->ask({charge(0)});
    QVERIFY(areAnswered());
    QCOMPARE(m_a->answers.back().verdict.tokensLeft, limit::Tokens{8});
    m_a->limiter.adopt(policiesOf({yearly("all", 2, Policy::Allow)}, 2)); // what else it says is in force
    m_a->link.state = State::Away;
    m_a->ask({charge(0)});
    QVERIFY(areAnswered());
    QCOMPARE(m_a->answers.back().by, By::Allow);
}

void TestLimiter::eachLimitSaysWhatHappensWithoutTheStore_data()
{
    QTest::addColumn<QList<int>>("policies");
    QTest::addColumn<int>("shadow");
    QTest::addColumn<int>("by");
    QTest::addColumn<State>("state");
    const auto row = [](const char *name, QList<Policy> policies, int shadow, By by, State state = State::Away) {
        QList<int> list;
        for (const Policy policy : policies)
            list.append(static_cast<int>(policy));
        QTest::newRow(name) << list << shadow << static_cast<int>(by) << state;
    };
    row("reject", {Policy::Reject}, -1, By::Reject);
    row("allow", {Policy::Allow}, -1, By::Allow);
    row("local", {Policy::Local}, -1, By::Local);
    row("allow, reject", {Policy::Allow, Policy::Reject}, -1, By::Reject);
    row("local, reject", {Policy::Local, Policy::Reject}, -1, By::Reject);
    row("allow, local", {Policy::Allow, Policy::Local}, -1, By::Local);
    row("local, allow, reject", {Policy::Local, Policy::Allow, Policy::Reject}, -1, By::Reject);
    row("local, and a shadow that rejects", {Policy::Local, Policy::Reject}, 1, By::Local);
    row("allow, and a shadow that rejects", {Policy::Allow, Policy::Reject}, 1, By::Allow);
    row("a shadow that rejects", {Policy::Reject}, 0, By::Allow);
    row("late: reject", {Policy::Reject}, -1, By::Reject, State::Late);
    row("late: allow", {Policy::Allow}, -1, By::Allow, State::Late);
    row("late: local", {Policy::Local}, -1, By::Local, State::Late);
}

void TestLimiter::eachLimitSaysWhatHappensWithoutTheStore()
{
    QFETCH(const QList<int>, policies);
    QFETCH(const int, shadow);
    QFETCH(const int, by);
    QFETCH(const State, state);
    std::vector<config::LimitEntry> limitSet;
    std::vector<policy::Charge> charges;
    for (int i = 0; i < policies.size(); ++i) {
        limitSet.push_back(yearly("l" + std::to_string(i), 5, static_cast<Policy>(policies[i])));
        charges.push_back(charge(static_cast<std::size_t>(i), "", 1, i == shadow));
    }
    start(limitSet);
    m_a->ask(charges);
    QVERIFY(areAnswered());
    QCOMPARE(m_a->by(By::Store), 1);
    m_a->link.state = state;
    m_a->ask(charges, 3);
    QVERIFY(areAnswered());
    QCOMPARE(m_a->by(static_cast<By>(by)), 3);
    const bool isDecided = static_cast<By>(by) == By::Local;
    QCOMPARE(m_a->telemetry.undecided.read(), std::int64_t{isDecided ? 0 : 3});
}

void TestLimiter::afterAMissedDeadlineNobodyWaits()
{
    start({yearly("all", 5, Policy::Reject)});
    m_a->link.state = State::Late;
    m_a->ask({charge(0)});
    QVERIFY(areAnswered());
    QCOMPARE(m_a->link.takes, 1);
    m_a->link.state = State::Held;
    m_a->ask({charge(0)}, 600);
    QCOMPARE(m_a->answers.size(), std::size_t{1}); // not from inside decide()
    QVERIFY(areAnswered());
    QCOMPARE(m_a->by(By::Reject), 601);
    // A probe, which is no client's request, asks; until it is answered nobody else does.
    QVERIFY(comesTrue([&] { return m_a->link.held() == 1; }));
    QCOMPARE(m_a->link.pings, 1);
    m_a->ask({charge(0)});
    QVERIFY(areAnswered());
    QCOMPARE(m_a->by(By::Reject), 602);
    QCOMPARE(m_a->link.takes, 1);
    m_a->link.state = State::Fine;
    m_a->link.release();
    m_a->ask({charge(0)});
    QVERIFY(areAnswered());
    QCOMPARE(m_a->by(By::Store), 1);
    QCOMPARE(m_a->link.takes, 2);
    const telemetry::Totals totals = m_a->telemetry.totals();
    QCOMPARE(totals.decided(By::Reject) + totals.decided(By::Allow), totals.undecided);
    QCOMPARE(totals.decided(By::Store), totals.admitted + totals.refused);
}

void TestLimiter::whatAllowsIsNotCountedLocally()
{
    start({yearly("free", 1, Policy::Allow), yearly("dear", 3)});
    m_a->ask({charge(1)});
    QVERIFY(areAnswered());
    m_a->link.state = State::Away;
    m_a->ask({charge(0), charge(1)}, 4);
    QVERIFY(areAnswered());
    QCOMPARE(m_a->by(By::Local), 4);
    QCOMPARE(m_a->admitted(), 1 + 2);
    QCOMPARE(m_a->answers.back().limit, std::string{"dear"});
    setLinks(State::Fine);
    QVERIFY(isBack());
    QCOMPARE(stored("free").known.taken, std::int64_t{0});
    QCOMPARE(stored("dear", 1).known.taken, std::int64_t{3});
    QCOMPARE(stored("dear", 1).known.refused, std::int64_t{2});
}

void TestLimiter::whatNobodyHasHeardOfBeginsAtItsStart()
{
    config::LimitEntry empty = yearly("empty", 5);
    empty.spec.start = limit::StartLevel::Empty;
    start({yearly("trial", 1), yearly("all", 2), empty});
    setLinks(State::Away);
    m_a->ask({charge(0, "", 1, true), charge(1)}, 3);
    m_a->ask({charge(2)});
    QVERIFY(areAnswered());
    QCOMPARE(m_a->by(By::Local), 4);
    QCOMPARE(m_a->admitted(), 2); // the shadow refuses nobody
}

void TestLimiter::whatIsNoAbsenceIsNotCovered_data()
{
    QTest::addColumn<State>("state");
    QTest::newRow("the wrong password") << State::Forbidden;
    QTest::newRow("a broken bucket") << State::Broken;
    QTest::newRow("our mistake") << State::Mistaken;
    QTest::newRow("our own queue is full") << State::Full;
}

void TestLimiter::whatIsNoAbsenceIsNotCovered()
{
    QFETCH(const State, state);
    start({yearly("all", 5), yearly("free", 5, Policy::Allow), yearly("strict", 5, Policy::Reject)});
    m_a->ask({charge(0)});
    QVERIFY(areAnswered());
    setLinks(state);
    for (int asked = 1; asked <= 5; ++asked) {
        for (const std::size_t limit : {0U, 1U, 2U})
            m_a->ask({charge(limit)});
        QVERIFY(areAnswered());
        QCOMPARE(m_a->by(By::Reject), 3 * asked);
        QCOMPARE(m_a->link.takes, 1 + asked); // it is asked each time
        QCOMPARE(m_table->worstBreaker(), CircuitBreaker::State::Closed);
    }
    QCOMPARE(m_table->mode(), BucketTable::Mode::Store);
}

// It was asked before the other was missed, and is heard of later.
void TestLimiter::aFullQueueIsNotWhyTheStoreIsAway()
{
    start({yearly("free", 5, Policy::Allow)});
    for (const State state : {State::Late, State::Full}) {
        m_a->link.state = state;
        m_a->limiter.turn().hold();
        m_a->ask({charge(0)});
        m_a->limiter.turn().release();
    }
    QVERIFY(areAnswered());
    QCOMPARE(m_a->answers[0].by, By::Allow);
    QCOMPARE(m_a->answers[1].by, By::Reject);
    m_a->ask({charge(0)});
    QVERIFY(areAnswered());
    QCOMPARE(m_a->answers[2].by, By::Allow);
    QCOMPARE(m_a->link.takes, 2);
}

void TestLimiter::theWholeProcessGoesLocalAndBack()
{
    start({yearly("all", 10), keyed(yearly("key", 6))});
    m_a->ask({charge(0), charge(1, "x")}, 3);
    QVERIFY(areAnswered());
    m_a->link.state = State::Away; // b's link is fine
    m_a->ask({charge(0), charge(1, "x")}, 2);
    QVERIFY(areAnswered());
    QCOMPARE(m_a->by(By::Local), 2);
    m_b->ask({charge(0), charge(1, "x")}, 4);
    m_b->ask({charge(0)}, 6);
    QVERIFY(areAnswered());
    QCOMPARE(m_b->by(By::Local), 10); // it would spend the same tokens again
    QCOMPARE(m_a->admitted(), 5);
    QCOMPARE(m_b->admitted(), 5); // one of x, then what was left of all
    QCOMPARE(m_table->status().spent, limit::Tokens{3 + 7});

    m_a->link.state = State::Fine;
    QVERIFY(isBack());
    QCOMPARE(m_table->status().exactReturns, std::int64_t{1});
    QCOMPARE(m_table->status().excess, limit::Tokens{0});
    QCOMPARE(stored("all").known.taken, std::int64_t{10});
    QCOMPARE(stored("all").room, limit::Tokens{0});
    QCOMPARE(stored("key:x", 1).known.taken, std::int64_t{6});
    QCOMPARE(stored("key:x", 1).known.refused, std::int64_t{3});
    m_a->ask({charge(0)});
    m_b->ask({charge(0)});
    QVERIFY(areAnswered());
    QCOMPARE(m_a->by(By::Store) + m_b->by(By::Store), 5);
}

void TestLimiter::whatIsInDoubtIsGivenToNobody_data()
{
    QTest::addColumn<bool>("wasTaken");
    QTest::newRow("taken") << true;
    QTest::newRow("not taken") << false;
}

void TestLimiter::whatIsInDoubtIsGivenToNobody()
{
    QFETCH(const bool, wasTaken);
    start({yearly("all", 10)});
    m_a->ask({charge(0)});
    QVERIFY(areAnswered());
    m_a->link.state = wasTaken ? State::AnswersGetLost : State::Away;
    m_a->ask({charge(0)}, 3);
    m_a->ask({charge(0)}, 8);
    QVERIFY(areAnswered());
    QCOMPARE(m_a->admitted(), 10);
    setLinks(State::Fine);
    QVERIFY(isBack());
    m_a->ask({charge(0)}, 12);
    QVERIFY(areAnswered());
    QCOMPARE(stored("all").room, limit::Tokens{0});
    QVERIFY(m_a->admitted() <= 10);
}

// A take of b was under way when a found the store away; its answer comes before or after somebody asks for that bucket here.
void TestLimiter::anAnswerThatAnOutageHasOvertakenIsGivenToNobody_data()
{
    QTest::addColumn<bool>("isBefore");
    QTest::newRow("before") << true;
    QTest::newRow("after") << false;
}

void TestLimiter::anAnswerThatAnOutageHasOvertakenIsGivenToNobody()
{
    QFETCH(const bool, isBefore);
    start({yearly("all", 10), keyed(yearly("key", 2))});
    m_a->ask({charge(0), charge(1, "x")}); // one of two
    QVERIFY(areAnswered());
    m_b->link.state = State::Held;
    m_b->ask({charge(1, "x")}); // the second
    QVERIFY(comesTrue([&] { return m_b->link.held() == 1; }));
    m_a->link.state = State::Away;
    m_a->ask({charge(0)});
    QVERIFY(comesTrue([&] { return m_a->isAnswered(); }));
    QCOMPARE(m_table->mode(), BucketTable::Mode::Local);
    if (isBefore)
        m_b->link.release();
    m_a->ask({charge(1, "x")}, 2);
    QVERIFY(comesTrue([&] { return m_a->isAnswered(); }));
    m_b->link.release();
    QVERIFY(areAnswered());
    QCOMPARE(m_b->by(By::Local), 1);
    QCOMPARE(m_b->admitted(), isBefore ? 1 : 0);
    QCOMPARE(m_a->admitted() + m_b->admitted(), 3); // all, and two of x
    setLinks(State::Fine);
    QVERIFY(isBack());
    QCOMPARE(m_table->status().exactReturns, std::int64_t{1});
    QCOMPARE(m_table->status().excess, limit::Tokens{0});
    QCOMPARE(stored("key:x", 1).room, limit::Tokens{0});
    QCOMPARE(stored("key:x", 1).known.taken, std::int64_t{3}); // one for nobody
}

// The same, and the outage is over when it comes.
void TestLimiter::anAnswerOfBeforeAnOutageIsGivenToNobody()
{
    start({yearly("all", 10), keyed(yearly("key", 2))});
    m_a->ask({charge(0)});
    QVERIFY(areAnswered());
    m_b->link.state = State::Held;
    m_b->ask({charge(1, "x")});
    QVERIFY(comesTrue([&] { return m_b->link.held() == 1; }));
    m_a->link.state = State::Away;
    m_a->ask({charge(0)});
    QVERIFY(comesTrue([&] { return m_a->isAnswered(); }));
    setLinks(State::Fine);
    QVERIFY(isBack());
    m_b->link.release();
    QVERIFY(areAnswered());
    QCOMPARE(m_b->by(By::Store), 1);
    m_a->ask({charge(1, "x")}, 2);
    QVERIFY(areAnswered());
    QCOMPARE(m_a->admitted(), 2); // none of x: one to b, one to nobody
}

void TestLimiter::anInstanceOfTwoHasHalf()
{
    start({yearly("all", 10), keyed(yearly("key", 9))});
    m_a->ask({charge(0), charge(1, "x")}, 2);
    QVERIFY(areAnswered());
    m_table->setInstances(2);
    setLinks(State::Away);
    m_a->ask({charge(0)}, 9);
    m_a->ask({charge(1, "x")}, 9);
    QVERIFY(areAnswered());
    QCOMPARE(m_a->admitted(), 2 + 4 + 3); // half of 8, half of 7
    setLinks(State::Fine);
    QVERIFY(isBack());
    QCOMPARE(stored("all").known.taken, std::int64_t{6});
    QCOMPARE(stored("all").room, limit::Tokens{4});
    QCOMPARE(stored("key:x", 1).room, limit::Tokens{4});
}

void TestLimiter::theNextOutageBeginsWhereTheLastOneEnded()
{
    start({yearly("all", 20), keyed(yearly("key", 14))});
    m_a->ask({charge(0), charge(1, "x")});
    QVERIFY(areAnswered());
    for (int outage = 0; outage < 4; ++outage) {
        setLinks(State::Away);
        m_a->ask({charge(0), charge(1, "x")}, 4);
        QVERIFY(areAnswered());
        setLinks(State::Fine);
        QVERIFY(isBack()); // and away again at once: nothing was asked in between
        QCOMPARE(m_table->status().outages, std::int64_t{outage + 1});
        QCOMPARE(m_table->status().exactReturns, std::int64_t{outage + 1});
        QCOMPARE(stored("key:x", 1).known.taken, std::min<std::int64_t>(14, 1 + 4 * (outage + 1)));
    }
    QCOMPARE(m_a->admitted(), 14);
    QCOMPARE(stored("all").known.taken, std::int64_t{14});
    QCOMPARE(stored("all").known.refused, std::int64_t{0});
    QCOMPARE(stored("key:x", 1).known.refused, std::int64_t{3});
}

void TestLimiter::aSettlementThatGetsLostIsEnteredOnce()
{
    start({yearly("all", 10)});
    m_a->ask({charge(0)});
    QVERIFY(areAnswered());
    setLinks(State::Away);
    m_a->ask({charge(0)}, 4);
    QVERIFY(areAnswered());
    m_a->link.state = m_b->link.state = State::Fine;
    m_serviceLink->state = State::Fine;
    QVERIFY(comesTrue([&] {
        if (m_serviceLink->settlements == 0) // the ping came through; what follows does not come back
            m_serviceLink->state = m_table->mode() == BucketTable::Mode::Local ? State::Fine : State::AnswersGetLost;
        return m_serviceLink->settlements > 0;
    }));
    m_serviceLink->state = State::Fine;
    QVERIFY(isBack());
    QCOMPARE(stored("all").known.taken, std::int64_t{5});
    QCOMPARE(stored("all").room, limit::Tokens{5});
}

void TestLimiter::aLimitThatChangesInAnOutage()
{
    start({yearly("all", 10)});
    m_a->ask({charge(0)}, 2);
    QVERIFY(areAnswered());
    setLinks(State::Away);
    m_a->ask({charge(0)}, 3);
    QVERIFY(areAnswered());
    changeElsewhere("all", {7, 1, limit::kMaxInterval, limit::StartLevel::Full}, 2);
    QSignalSpy found{m_settler.get(), &Settler::newerLimitFound};
    connect(m_settler.get(), &Settler::newerLimitFound, m_settler.get(), [&](const limit::Limit &limit) {
        Policies next = *m_policies; // as LimitKeeper::learn() leads to
        next.limits[0].spec = limit.spec;
        next.limits[0].epoch = limit.epoch;
        m_settler->adopt(std::make_shared<const Policies>(next));
    });
    setLinks(State::Fine);
    QVERIFY(isBack());
    QCOMPARE(found.count(), 1);
    m_a->ask({charge(0)}, 9);
    QVERIFY(areAnswered());
    QCOMPARE(m_a->admitted(), 2 + 3 + 4); // it kept 7 of the 8 that were left, and gave 3 of them away meanwhile
}

// The store has forgotten the limit with all else, and another Weir has begun it with its own numbers.
void TestLimiter::otherNumbersUnderTheSameEpochAreSettled()
{
    start({yearly("all", 10), yearly("other", 100)});
    m_a->ask({charge(0)}, 2);
    QVERIFY(areAnswered());
    setLinks(State::Away);
    m_a->ask({charge(0)}, 3);
    QVERIFY(areAnswered());
    m_shared->forget();
    changeElsewhere("all", {7, 1, limit::kMaxInterval, limit::StartLevel::Full}, 1);
    connect(m_settler.get(), &Settler::newerLimitFound, m_settler.get(), [&](const limit::Limit &limit) {
        Policies next = *m_policies; // as LimitKeeper::learn() leads to
        next.limits[0].spec = limit.spec;
        m_settler->adopt(std::make_shared<const Policies>(next));
    });
    setLinks(State::Fine);
    QVERIFY(isBack());
    QCOMPARE(m_a->admitted(), 5);
}

void TestLimiter::moreBucketsThanOneCallTakes()
{
    constexpr int kBuckets = 700;
    start({keyed(yearly("key", 3))});
    for (int i = 0; i < kBuckets; ++i)
        m_a->ask({charge(0, ("s" + std::to_string(i)).c_str())});
    QVERIFY(areAnswered());
    QCOMPARE(m_a->link.takes, 3);
    setLinks(State::Away);
    for (const int first : {0, 1}) { // the first begins the outage: what is under way then counts as taken
        for (int i = first; i < (first == 0 ? 1 : kBuckets); ++i)
            m_a->ask({charge(0, ("s" + std::to_string(i)).c_str())}, 3);
        QVERIFY(areAnswered());
    }
    QCOMPARE(m_a->admitted(), 3 * kBuckets);
    setLinks(State::Fine);
    QVERIFY(isBack());
    QCOMPARE(m_serviceLink->settlements, 3);
    for (int i = 0; i < kBuckets; ++i)
        QCOMPARE(stored("key:s" + std::to_string(i)).known.taken, std::int64_t{3});
}

QTEST_GUILESS_MAIN(TestLimiter)
#include "tst_limiter.moc"

// SPDX-License-Identifier: GPL-3.0-only
// Tokens that are taken ahead of several busy buckets at once: few calls, and every bucket's numbers add up.
#include <QTest>

#include "tests/unit/engine_bench.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;
using By = Decision::By;
using Kind = limit::Verdict::Kind;
using Policy = config::StoreFailurePolicy;
using State = FaultyLink::State;
using limit::Tokens;

namespace {

constexpr Tokens kMost = 100;
constexpr Tokens kPlenty = 1'000'000;

policy::Charge charge(std::size_t limit, const char *subject = "", Tokens cost = 1, bool isShadow = false)
{
    return {limit, cost, isShadow, subject};
}

PoliciesPtr leasing(const PoliciesPtr &policies, Tokens lease)
{
    auto changed = std::make_shared<Policies>(*policies);
    changed->lease = lease;
    return changed;
}

} // namespace

class TestBatchLease : public EngineTest {
    Q_OBJECT
private Q_SLOTS:
    void cleanup()
    {
        m_worker.reset();
        m_table.reset();
    }

    void anotherBucketInThePanelChangesNothing();
    void offNothingIsAsked();
    void fewCallsAndEveryBucketAddsUp_data();
    void fewCallsAndEveryBucketAddsUp();
    void aLoneClientSeesTheTokensGoOneByOne();
    void itIsAnsweredWhenTheTurnEnds();
    void nobodyIsAnsweredFromInsideDecide();
    void otherRequestsAreHeldApart_data();
    void otherRequestsAreHeldApart();
    void noBucketIsHeldMoreThanTheMost();
    void whereAShadowIsAllAreAsked();
    void aDrainEndsItAtOnce_data();
    void aDrainEndsItAtOnce();
    void anAnswerOfBeforeADrainIsNotHeld();
    void atTheEdgeOfOneLimitItIsExact();
    void refusalsThatNobodyWasToldAreNotCounted();
    void whatIsHeldIsHandedBack();
    void ofManyServersEachIsToldItsOwn();
    void whatFailedIsReturnedOnceInAll_data();
    void whatFailedIsReturnedOnceInAll();
    void withoutTheStoreItIsLost();
    void itIsInDoubtWithTheRest();
    void aChangedLimitEndsIt();
    void notWhileThisProcessDecides();

private:
    void start(const std::vector<config::LimitEntry> &limitSet, Tokens lease = kMost)
    {
        m_worker.reset();
        m_clock.set(Micros{1'700'000'000'000'000});
        m_shared = std::make_unique<store::MemoryStore>(m_clock);
        m_table = std::make_unique<BucketTable>();
        m_policies = leasing(policiesOf(limitSet), lease);
        m_table->adopt(*m_policies, std::chrono::steady_clock::now());
        m_worker = std::make_unique<EngineWorker>(*m_shared, m_policies, *m_table);
    }
    /// As a worker does in a turn of its event loop.
    void decide(const std::vector<policy::Charge> &charges, int requests = 1)
    {
        m_worker->limiter.turn().hold();
        m_worker->ask(charges, requests);
        m_worker->limiter.turn().release();
    }
    [[nodiscard]] bool ask(const std::vector<policy::Charge> &charges, int requests = 1)
    {
        decide(charges, requests);
        m_shared->deliver(); // at once: qWaitFor may sleep longer than a bucket is hot
        return comesTrue([&] { return m_worker->isAnswered(); });
    }
    [[nodiscard]] Tokens held() const { return m_worker->telemetry.leaseHeld.read(); }
    [[nodiscard]] bool warmUp(const std::vector<policy::Charge> &charges, Tokens tokens = 20)
    {
        return comesTrue([&] {
            for (int i = 0; i < 1000 && held() < tokens; ++i)
                if (!ask(charges))
                    return false;
            return held() >= tokens;
        });
    }
    limit::BucketOutput stored(std::size_t limit, const std::string &subject = {},
                               limit::TokenMode mode = limit::TokenMode::Keep, std::vector<limit::AskRun> runs = {})
    {
        limit::BucketOutput output;
        const limit::Limit &one = m_policies->limits[limit];
        m_shared->take({"", {{bucketName(one.name, subject), {one.spec, one.epoch, mode, {}}}}, std::move(runs)},
                       [&](const Result<limit::TakeOutput> &result) { output = result.value().buckets.front(); });
        m_shared->deliver();
        return output;
    }
    /// Once nothing is held: so many requests and tokens are gone from that bucket, by all accounts.
    [[nodiscard]] bool isSpent(std::size_t limit, const std::string &subject, std::int64_t requests, Tokens tokens)
    {
        return comesTrue([&] {
            const limit::BucketOutput bucket = stored(limit, subject);
            return held() == 0 && bucket.known.admitted == requests
                   && bucket.room == m_policies->limits[limit].spec.capacity - tokens;
        });
    }

    ManualClock m_clock{Micros{0}};
    std::unique_ptr<BucketTable> m_table;
    PoliciesPtr m_policies;
    std::unique_ptr<EngineWorker> m_worker;
};

void TestBatchLease::anotherBucketInThePanelChangesNothing()
{
    start({yearly("a", kPlenty)});
    QVERIFY(warmUp({charge(0)}));
    const Tokens before = held();
    auto next = std::make_shared<Policies>(*m_policies);
    next->shownSubject = "somebody";
    m_worker->limiter.adopt(next);
    QCOMPARE(held(), before);
    next = std::make_shared<Policies>(*next);
    ++next->limits[0].epoch;
    m_worker->limiter.adopt(next);
    QCOMPARE(held(), Tokens{0});
}

void TestBatchLease::offNothingIsAsked()
{
    start({yearly("a", kPlenty), keyed(yearly("b", kPlenty))}, 0);
    for (int i = 0; i < 200; ++i)
        QVERIFY(ask({charge(0), charge(1, "x")}));
    QCOMPARE(m_worker->link.takes, 200);
    QCOMPARE(stored(0).known.taken, std::int64_t{200});
}

void TestBatchLease::fewCallsAndEveryBucketAddsUp_data()
{
    QTest::addColumn<int>("algorithm");
    for (std::size_t i = 0; i < limit::kAlgorithmNames.size(); ++i)
        QTest::newRow(limit::kAlgorithmNames[i].data()) << static_cast<int>(i);
}

void TestBatchLease::fewCallsAndEveryBucketAddsUp()
{
    QFETCH(const int, algorithm);
    config::LimitEntry first = yearly("a", 4000);
    first.spec.algorithm = static_cast<limit::Algorithm>(algorithm);
    if (limit::isWindow(first.spec.algorithm))
        first.spec.refill = first.spec.capacity;
    if (first.spec.algorithm == limit::Algorithm::Gcra)
        first.spec.interval = Micros{60'000'000};
    start({first, keyed(yearly("b", kPlenty))});
    for (int i = 0; i < 800; ++i)
        QVERIFY(ask({charge(0), charge(1, "x", 3)}, 1 + i % 3));
    const auto asked = static_cast<std::int64_t>(m_worker->asked);
    QCOMPARE(m_worker->admitted(), static_cast<int>(asked));
    QVERIFY2(std::int64_t{3} * m_worker->link.takes < asked, qPrintable(QString::number(m_worker->link.takes)));
    QVERIFY(isSpent(0, "", asked, asked));
    QVERIFY(isSpent(1, "x", asked, 3 * asked));
    QCOMPARE(m_worker->telemetry.admitted.read(), asked);
    QCOMPARE(m_worker->telemetry.totals().decided(By::Store), asked);
    QCOMPARE(m_worker->telemetry.storeCalls.read(), std::int64_t{m_worker->link.takes});
    QVERIFY(comesTrue([&] { return m_worker->levels.read().tokens == first.spec.capacity - asked; }));
    const auto counts = m_table->counts(m_policies->limits, steadyNow());
    for (const LimitCounts &one : counts) {
        QCOMPARE(one.admitted, asked);
        QCOMPARE(one.refused, std::int64_t{0});
    }
}

void TestBatchLease::aLoneClientSeesTheTokensGoOneByOne()
{
    start({yearly("a", 1000), yearly("b", kPlenty)});
    for (Tokens left = 999; left >= 0; --left) {
        QVERIFY(ask({charge(0), charge(1)}));
        QCOMPARE(m_worker->answers.back().verdict.kind, Kind::Admitted);
        QCOMPARE(m_worker->answers.back().verdict.tokensLeft, left);
        QVERIFY(m_worker->answers.back().verdict.nextRefill > Micros{0});
        QCOMPARE(m_worker->answers.back().all.size(), std::size_t{2});
    }
    QVERIFY(ask({charge(0), charge(1)}));
    QCOMPARE(m_worker->answers.back().verdict.kind, Kind::Refused);
    QVERIFY(m_worker->link.takes < 1001);
}

void TestBatchLease::itIsAnsweredWhenTheTurnEnds()
{
    start({yearly("a", kPlenty)});
    QVERIFY(warmUp({charge(0)}));
    const std::size_t before = m_worker->answers.size();
    const int calls = m_worker->link.takes;
    m_worker->limiter.turn().hold();
    m_worker->ask({charge(0)}, 5);
    QCOMPARE(m_worker->answers.size(), before);
    m_worker->limiter.turn().release();
    QCOMPARE(m_worker->answers.size(), before + 5);
    QCOMPARE(m_worker->link.takes, calls);
}

void TestBatchLease::nobodyIsAnsweredFromInsideDecide()
{
    start({yearly("a", kPlenty)});
    QVERIFY(warmUp({charge(0)}));
    const std::size_t before = m_worker->answers.size();
    m_worker->ask({charge(0)}, 600); // more than one call may have
    QCOMPARE(m_worker->answers.size(), before);
    QVERIFY(comesTrue([&] { return m_worker->isAnswered(); }));
    const auto asked = static_cast<std::int64_t>(m_worker->asked);
    QVERIFY(isSpent(0, "", asked, asked));
}

void TestBatchLease::otherRequestsAreHeldApart_data()
{
    QTest::addColumn<QString>("subject");
    QTest::addColumn<qint64>("cost");
    QTest::newRow("of another key") << "y" << qint64{3};
    QTest::newRow("of another cost") << "x" << qint64{2};
}

void TestBatchLease::otherRequestsAreHeldApart()
{
    QFETCH(const QString, subject);
    QFETCH(const qint64, cost);
    start({keyed(yearly("a", kPlenty))});
    const std::vector<policy::Charge> charges{charge(0, "x", 3)};
    QVERIFY(warmUp(charges, 30));
    const auto x = static_cast<std::int64_t>(m_worker->asked) + 1;
    const int calls = m_worker->link.takes;
    const Tokens before = held();
    QVERIFY(ask({charge(0, qPrintable(subject), cost)}));
    QCOMPARE(m_worker->link.takes, calls + 1);
    QCOMPARE(held(), before);
    decide(charges);
    QVERIFY(m_worker->isAnswered());
    QCOMPARE(held(), before - 3);
    const std::int64_t others = subject == u"x" ? 1 : 0;
    QVERIFY(isSpent(0, "x", x + others, 3 * x + others * cost));
    QVERIFY(isSpent(0, "y", 1 - others, (1 - others) * cost));
}

void TestBatchLease::noBucketIsHeldMoreThanTheMost()
{
    start({yearly("all", kPlenty), keyed(yearly("a", kPlenty))});
    for (int i = 0; i < 2000; ++i)
        for (const char *key : {"x", "y", "z"}) {
            QVERIFY(ask({charge(0), charge(1, key)}));
            const limit::BucketOutput all = stored(0);
            const std::int64_t ahead = kPlenty - all.room - static_cast<Tokens>(m_worker->asked);
            QVERIFY2(ahead >= 0 && ahead <= kMost, qPrintable(QString::number(ahead)));
        }
    QVERIFY(isSpent(0, "", 6000, 6000));
    QVERIFY(isSpent(1, "x", 2000, 2000));
}

void TestBatchLease::whereAShadowIsAllAreAsked()
{
    start({yearly("a", kPlenty), yearly("b", kPlenty)});
    for (int i = 0; i < 100; ++i)
        QVERIFY(ask({charge(0), charge(1, "", 1, true)}));
    QCOMPARE(m_worker->link.takes, 100);
    QCOMPARE(stored(0).known.taken, std::int64_t{100});
}

void TestBatchLease::aDrainEndsItAtOnce_data()
{
    QTest::addColumn<bool>("isAsked");
    QTest::newRow("for the next request") << true;
    QTest::newRow("without requests") << false;
}

void TestBatchLease::aDrainEndsItAtOnce()
{
    QFETCH(const bool, isAsked);
    start({yearly("a", kPlenty), yearly("b", kPlenty)});
    QVERIFY(warmUp({charge(0), charge(1)}));
    stored(1, {}, limit::TokenMode::Drain);
    m_table->noteChange();
    if (isAsked) {
        QVERIFY(ask({charge(0), charge(1)}));
        QCOMPARE(m_worker->answers.back().verdict.kind, Kind::Refused);
        QCOMPARE(held(), Tokens{0});
    }
    QVERIFY(comesTrue([&] { return held() == 0; }));
    QVERIFY(comesTrue([&] { return !m_worker->limiter.handBack(); }));
    QCOMPARE(stored(1).room, Tokens{0}); // nothing came back
}

void TestBatchLease::anAnswerOfBeforeADrainIsNotHeld()
{
    start({yearly("a", kPlenty)});
    QVERIFY(warmUp({charge(0)}));
    QVERIFY(ask({charge(0)}, static_cast<int>(held())));
    m_worker->link.state = State::Held;
    decide({charge(0)});
    QVERIFY(comesTrue([&] { return m_worker->link.held() > 0; }));
    m_worker->link.state = State::Fine;
    stored(0, {}, limit::TokenMode::Drain);
    m_table->noteChange();
    m_worker->link.release();
    QCOMPARE(held(), Tokens{0});
    QVERIFY(ask({charge(0)}));
    QCOMPARE(m_worker->answers.back().verdict.kind, Kind::Refused);
}

void TestBatchLease::atTheEdgeOfOneLimitItIsExact()
{
    for (const Tokens capacity : {Tokens{5}, 2 * kMost - 1, 5 * kMost}) {
        start({yearly("a", kPlenty), yearly("b", capacity)});
        for (Tokens i = 0; i < capacity + 10; ++i)
            QVERIFY(ask({charge(0), charge(1)}));
        QCOMPARE(m_worker->admitted(), static_cast<int>(capacity));
        QCOMPARE(m_worker->refused(), 10);
        QVERIFY(isSpent(0, "", capacity, capacity));
        QVERIFY(isSpent(1, "", capacity, capacity));
        QVERIFY(comesTrue([&] { return !m_worker->limiter.handBack() && stored(1).known.refused == 10; }));
        QCOMPARE(stored(0).known.refused, std::int64_t{0});
        if (capacity < 2 * kMost)
            QVERIFY(m_worker->link.takes >= static_cast<int>(capacity));
    }
}

void TestBatchLease::refusalsThatNobodyWasToldAreNotCounted()
{
    start({yearly("a", kPlenty)});
    QVERIFY(warmUp({charge(0)}));
    const auto ahead = static_cast<int>(held());
    const Tokens rest = stored(0).room - 5;
    QCOMPARE(stored(0, {}, limit::TokenMode::Keep, {{{{0, rest}}, 1}}).room, Tokens{5}); // somebody else
    QVERIFY(ask({charge(0)}, ahead + 1));
    QVERIFY(comesTrue([&] { return held() == 0 && !m_worker->limiter.handBack(); }));
    QCOMPARE(stored(0).known.refused, std::int64_t{0});
    QCOMPARE(stored(0).room, Tokens{4});
}

void TestBatchLease::whatIsHeldIsHandedBack()
{
    start({yearly("a", kPlenty), yearly("b", kPlenty)});
    QVERIFY(!m_worker->limiter.handBack());
    QVERIFY(warmUp({charge(0), charge(1)}));
    const auto asked = static_cast<std::int64_t>(m_worker->asked);
    QVERIFY(stored(0).room < kPlenty - asked);
    const int calls = m_worker->link.takes;
    QVERIFY(m_worker->limiter.handBack());
    QVERIFY(comesTrue([&] { return !m_worker->limiter.handBack(); }));
    QCOMPARE(m_worker->link.takes, calls + 1);
    QCOMPARE(stored(0).room, kPlenty - asked);
    QCOMPARE(stored(1).known.admitted, asked);
}

void TestBatchLease::ofManyServersEachIsToldItsOwn()
{
    start({keyed(yearly("a", kPlenty))});
    m_worker->link.hasManyServers = true;
    QVERIFY(warmUp({charge(0, "x")}));
    const auto x = static_cast<std::int64_t>(m_worker->asked);
    QVERIFY(warmUp({charge(0, "y")}, held() + 1));
    const auto y = static_cast<std::int64_t>(m_worker->asked) - x;
    const int calls = m_worker->link.takes;
    QVERIFY(m_worker->limiter.handBack());
    QVERIFY(comesTrue([&] { return !m_worker->limiter.handBack(); }));
    QCOMPARE(m_worker->link.takes, calls + 2);
    QVERIFY(isSpent(0, "x", x, x));
    QVERIFY(isSpent(0, "y", y, y));
}

void TestBatchLease::whatFailedIsReturnedOnceInAll_data()
{
    QTest::addColumn<State>("state");
    QTest::newRow("it had been done") << State::AnswersGetLost;
    QTest::newRow("it is tried once more") << State::Broken;
}

void TestBatchLease::whatFailedIsReturnedOnceInAll()
{
    QFETCH(const State, state);
    start({yearly("a", kPlenty)});
    QVERIFY(warmUp({charge(0)}));
    const auto asked = static_cast<std::int64_t>(m_worker->asked);
    const int calls = m_worker->link.takes;
    m_worker->link.state = state;
    QVERIFY(m_worker->limiter.handBack());
    QCOMPARE(m_worker->link.takes, calls + 1);
    m_worker->link.state = State::Fine;
    QVERIFY(isSpent(0, "", asked, asked));
    QVERIFY(comesTrue([&] { return !m_worker->limiter.handBack(); }));
    QVERIFY(isSpent(0, "", asked, asked));
}

void TestBatchLease::withoutTheStoreItIsLost()
{
    start({yearly("a", kPlenty, Policy::Reject)});
    QVERIFY(warmUp({charge(0)}));
    m_worker->link.state = State::Late;
    QVERIFY(ask({charge(0, "", 2)}));
    QCOMPARE(m_table->worstBreaker(), CircuitBreaker::State::Open);
    QVERIFY(ask({charge(0)}));
    QCOMPARE(m_worker->answers.back().by, By::Reject); // nothing is served while the store is away
    const Tokens room = stored(0).room;
    QVERIFY(!m_worker->limiter.handBack());
    QCOMPARE(held(), Tokens{0});
    m_worker->link.state = State::Fine;
    QVERIFY(comesTrue([&] { return m_table->worstBreaker() == CircuitBreaker::State::Closed; }));
    QVERIFY(!m_worker->limiter.handBack());
    QCOMPARE(stored(0).room, room);
}

void TestBatchLease::itIsInDoubtWithTheRest()
{
    start({yearly("a", kPlenty, Policy::Reject)});
    QVERIFY(warmUp({charge(0)}));
    QVERIFY(ask({charge(0)}, static_cast<int>(held())));
    const std::int64_t taken = stored(0).known.taken;
    m_worker->link.state = State::AnswersGetLost;
    QVERIFY(ask({charge(0)}));
    QCOMPARE(m_worker->answers.back().by, By::Reject);
    const std::int64_t lost = stored(0).known.taken - taken;
    QVERIFY(lost > 1);
    QCOMPARE(m_worker->telemetry.inDoubt.read(), lost);
    QCOMPARE(held(), Tokens{0});
    m_worker->link.state = State::Fine;
    QVERIFY(warmUp({charge(0)})); // it goes on
}

void TestBatchLease::aChangedLimitEndsIt()
{
    start({yearly("a", kPlenty)});
    QVERIFY(warmUp({charge(0)}));
    const int calls = m_worker->link.takes;
    m_policies = leasing(policiesOf({yearly("a", kPlenty / 2)}, 2), kMost);
    m_table->noteChange();
    m_worker->limiter.adopt(m_policies);
    QCOMPARE(held(), Tokens{0});
    QVERIFY(ask({charge(0)}));
    QCOMPARE(m_worker->link.takes, calls + 1);
    QCOMPARE(m_worker->answers.back().verdict.kind, Kind::Admitted);
}

void TestBatchLease::notWhileThisProcessDecides()
{
    start({yearly("a", kPlenty)});
    QVERIFY(warmUp({charge(0)}));
    m_table->begin(std::chrono::steady_clock::now());
    QVERIFY(ask({charge(0)}));
    QCOMPARE(m_worker->answers.back().by, By::Local);
    QVERIFY(!m_worker->limiter.handBack());
    QCOMPARE(held(), Tokens{0});
}

QTEST_GUILESS_MAIN(TestBatchLease)
#include "tst_batch_lease.moc"

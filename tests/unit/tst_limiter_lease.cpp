// SPDX-License-Identifier: GPL-3.0-only
// Tokens that are taken ahead of a busy bucket: few calls, the same numbers, and every token accounted for.
#include <QTest>

#include "core/engine/limiter.h"
#include "tests/unit/token_link.h"

using namespace weir;
using namespace weir::engine;
using Link = weir::test::TokenLink;
using By = Decision::By;
using Kind = limit::Verdict::Kind;
using limit::Tokens;

namespace {

constexpr int kPatienceMs = 10'000;
constexpr Tokens kMost = 100;
constexpr Tokens kPlenty = 1'000'000;

// No interval passes during a test.
PoliciesPtr policies(Tokens capacity, Tokens lease = kMost,
                     config::StoreFailurePolicy policy = config::StoreFailurePolicy::Reject)
{
    Policies made{{"global", {capacity, 1, limit::kMaxInterval, limit::StartLevel::Full}, 1}, policy};
    made.lease = lease;
    return std::make_shared<Policies>(made);
}

struct Decided {
    By by;
    limit::Verdict verdict;
};

} // namespace

class TestLimiterLease : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cleanup() { m_limiter.reset(); }

    void offNothingIsAsked();
    void fewCallsAndEveryTokenAccountedFor();
    void aLoneClientSeesTheTokensGoOneByOne();
    void itIsAnsweredWhenTheTurnEnds();
    void nobodyIsAnsweredFromInsideDecide();
    void costsAreHeldApart();
    void aDrainEndsItAtOnce();
    void aDrainIsSeenByAWorkerWithoutRequests();
    void anAnswerOfBeforeADrainIsNotHeld();
    void atTheEdgeItIsExact_data();
    void atTheEdgeItIsExact();
    void refusalsThatNobodyWasToldAreNotCounted();
    void whatIsHeldIsHandedBack();
    void aReturnInDoubtIsNotRepeated();
    void aReturnThatFailsIsTriedOnceMore();
    void withoutTheStoreItIsLost();
    void itIsInDoubtWithTheRest();
    void notWhileThisProcessDecides();

private:
    void start(const PoliciesPtr &present)
    {
        m_limiter.reset();
        m_clock.set(Micros{1'700'000'000'000'000});
        m_shared = std::make_unique<store::MemoryStore>(m_clock);
        m_link = std::make_unique<Link>(*m_shared);
        m_standby = std::make_unique<Standby>();
        m_telemetry = std::make_unique<telemetry::WorkerTelemetry>();
        m_levels = std::make_unique<telemetry::LevelBoard>();
        m_decided.clear();
        m_asked = 0;
        m_spent = 0;
        m_spec = present->limit.spec;
        m_limiter = std::make_unique<Limiter>(*m_link, present, *m_standby, *m_telemetry, *m_levels,
                                              [this](Ticket, const Decision &decision) {
                                                  m_decided.push_back({decision.by, decision.verdict});
                                              });
    }
    template<class Condition>
    [[nodiscard]] bool comesTrue(Condition condition)
    {
        return QTest::qWaitFor(
            [&] {
                m_shared->deliver();
                return condition();
            },
            kPatienceMs);
    }
    /// As a worker does in a turn of its event loop.
    void decide(Tokens cost = 1, int requests = 1)
    {
        m_limiter->turn().hold();
        for (int i = 0; i < requests; ++i)
            m_limiter->decide(m_asked++, cost);
        m_limiter->turn().release();
    }
    [[nodiscard]] bool ask(Tokens cost = 1, int requests = 1)
    {
        decide(cost, requests);
        m_shared->deliver(); // at once: qWaitFor may sleep longer than a bucket is hot
        return comesTrue([&] { return m_decided.size() == m_asked; });
    }
    /// Until at least `tokens` are held.
    [[nodiscard]] bool warmUp(Tokens tokens = 20, Tokens cost = 1)
    {
        return comesTrue([&] {
            for (int i = 0; i < 1000 && m_telemetry->leaseHeld.read() < tokens; ++i)
                if (!ask(cost))
                    return false;
            return m_telemetry->leaseHeld.read() >= tokens;
        });
    }
    limit::TakeOutput stored(limit::TokenMode mode = limit::TokenMode::Keep, std::vector<limit::CostRun> runs = {})
    {
        limit::TakeOutput output;
        m_shared->take({"global", m_spec, 1, mode, std::move(runs)},
                       [&](const Result<limit::TakeOutput> &result) { output = result.value(); });
        m_shared->deliver();
        return output;
    }
    [[nodiscard]] std::int64_t answered(Kind kind) const
    {
        return std::count_if(m_decided.begin(), m_decided.end(), [kind](const Decided &decided) {
            return decided.by == By::Store && decided.verdict.kind == kind;
        });
    }
    /// Once nothing is held: clients, worker and store have counted the same, and no token is missing.
    [[nodiscard]] bool areBooksEqual()
    {
        return comesTrue([&] {
                   const limit::TakeOutput bucket = stored();
                   return m_telemetry->leaseHeld.read() == 0 && bucket.admitted == m_telemetry->admitted.read()
                          && bucket.refused == m_telemetry->refused.read()
                          && bucket.tokens == m_spec.capacity - m_spent;
               })
               && m_telemetry->admitted.read() == answered(Kind::Admitted)
               && m_telemetry->refused.read() == answered(Kind::Refused);
    }

    ManualClock m_clock{Micros{0}};
    limit::LimitSpec m_spec;
    std::unique_ptr<store::MemoryStore> m_shared;
    std::unique_ptr<Link> m_link;
    std::unique_ptr<Standby> m_standby;
    std::unique_ptr<telemetry::WorkerTelemetry> m_telemetry;
    std::unique_ptr<telemetry::LevelBoard> m_levels;
    std::vector<Decided> m_decided;
    Ticket m_asked{0};
    Tokens m_spent{0};
    std::unique_ptr<Limiter> m_limiter;
};

void TestLimiterLease::offNothingIsAsked()
{
    start(policies(kPlenty, 0));
    for (int i = 0; i < 300; ++i)
        QVERIFY(ask());
    QCOMPARE(m_link->takes, std::int64_t{300});
    QCOMPARE(m_link->longest, std::size_t{1});
    QCOMPARE(m_link->returns, std::int64_t{0});
    QCOMPARE(stored().taken, std::int64_t{300});
}

void TestLimiterLease::fewCallsAndEveryTokenAccountedFor()
{
    start(policies(kPlenty));
    QVERIFY(comesTrue([&] {
        for (int i = 0; i < 1000; ++i)
            if (!ask(1, 1 + i % 3))
                return false;
        return m_telemetry->admitted.read() > 10 * m_telemetry->storeCalls.read();
    }));
    m_spent = static_cast<Tokens>(m_asked);
    QVERIFY(areBooksEqual());
    QCOMPARE(m_telemetry->admitted.read(), static_cast<std::int64_t>(m_asked));
    QCOMPARE(m_telemetry->totals().decided(By::Store), static_cast<std::int64_t>(m_asked));
    QCOMPARE(m_telemetry->storeCalls.read(), m_link->takes);
    QVERIFY(m_link->returns > 0);
    QVERIFY(comesTrue([&] { return m_levels->read().tokens == kPlenty - m_spent; }));
}

void TestLimiterLease::aLoneClientSeesTheTokensGoOneByOne()
{
    start(policies(1000));
    for (Tokens left = 999; left >= 0; --left) {
        QVERIFY(ask());
        QCOMPARE(m_decided.back().verdict.kind, Kind::Admitted);
        QCOMPARE(m_decided.back().verdict.tokensLeft, left);
        QVERIFY(m_decided.back().verdict.nextRefill > Micros{0});
    }
    QVERIFY(ask());
    QCOMPARE(m_decided.back().verdict.kind, Kind::Refused);
    QVERIFY(m_link->takes < 1001);
}

void TestLimiterLease::itIsAnsweredWhenTheTurnEnds()
{
    start(policies(kPlenty));
    QVERIFY(warmUp());
    const std::int64_t calls = m_link->takes;
    const std::size_t before = m_decided.size();
    m_limiter->turn().hold();
    for (int i = 0; i < 5; ++i)
        m_limiter->decide(m_asked++, 1);
    QCOMPARE(m_decided.size(), before);
    m_limiter->turn().release();
    QCOMPARE(m_decided.size(), before + 5);
    QCOMPARE(m_link->takes, calls);
}

void TestLimiterLease::nobodyIsAnsweredFromInsideDecide()
{
    start(policies(kPlenty));
    QVERIFY(warmUp());
    const std::size_t before = m_decided.size();
    for (std::size_t i = 0; i < kMaxBatch + 1; ++i) // one batch goes out inside decide()
        m_limiter->decide(m_asked++, 1);
    QCOMPARE(m_decided.size(), before);
    QVERIFY(comesTrue([&] { return m_decided.size() == m_asked; }));
    m_spent = static_cast<Tokens>(m_asked);
    QVERIFY(areBooksEqual());
}

void TestLimiterLease::costsAreHeldApart()
{
    start(policies(kPlenty));
    QVERIFY(warmUp(30, 3));
    const std::int64_t calls = m_link->takes;
    const Tokens held = m_telemetry->leaseHeld.read();
    QVERIFY(ask(2));
    QCOMPARE(m_link->takes, calls + 1);
    QCOMPARE(m_telemetry->leaseHeld.read(), held);
    decide(3);
    QCOMPARE(m_decided.size(), m_asked);
    QCOMPARE(m_telemetry->leaseHeld.read(), held - 3);
    m_spent = 3 * static_cast<Tokens>(m_asked) - 1;
    QVERIFY(areBooksEqual());
}

void TestLimiterLease::aDrainEndsItAtOnce()
{
    start(policies(kPlenty));
    QVERIFY(warmUp());
    stored(limit::TokenMode::Drain);
    m_standby->noteChange();
    QVERIFY(ask());
    QCOMPARE(m_decided.back().verdict.kind, Kind::Refused);
    QCOMPARE(m_telemetry->leaseHeld.read(), std::int64_t{0});
    QVERIFY(comesTrue([&] { return !m_limiter->handBack(); }));
    QCOMPARE(stored().tokens, Tokens{0}); // nothing came back
}

void TestLimiterLease::aDrainIsSeenByAWorkerWithoutRequests()
{
    start(policies(kPlenty));
    QVERIFY(warmUp());
    stored(limit::TokenMode::Drain);
    m_standby->noteChange();
    QVERIFY(comesTrue([&] { return m_telemetry->leaseHeld.read() == 0; }));
    QVERIFY(comesTrue([&] { return !m_limiter->handBack(); }));
    QCOMPARE(stored().tokens, Tokens{0});
}

void TestLimiterLease::anAnswerOfBeforeADrainIsNotHeld()
{
    start(policies(kPlenty));
    QVERIFY(warmUp());
    QVERIFY(ask(1, static_cast<int>(m_telemetry->leaseHeld.read())));
    m_link->state = Link::State::Held;
    decide();
    QVERIFY(comesTrue([&] { return !m_link->held.empty(); }));
    m_link->state = Link::State::Fine;
    stored(limit::TokenMode::Drain);
    m_standby->noteChange();
    for (const auto &answer : std::exchange(m_link->held, {}))
        answer();
    QCOMPARE(m_telemetry->leaseHeld.read(), std::int64_t{0});
    QVERIFY(ask());
    QCOMPARE(m_decided.back().verdict.kind, Kind::Refused);
}

void TestLimiterLease::atTheEdgeItIsExact_data()
{
    QTest::addColumn<qint64>("capacity");
    QTest::newRow("5") << qint64{5};
    QTest::newRow("just too few") << qint64{2 * kMost - 1};
    QTest::newRow("some") << qint64{5 * kMost};
}

void TestLimiterLease::atTheEdgeItIsExact()
{
    QFETCH(const qint64, capacity);
    start(policies(capacity));
    for (qint64 i = 0; i < capacity + 20; ++i)
        QVERIFY(ask());
    QCOMPARE(answered(Kind::Admitted), std::int64_t{capacity});
    QCOMPARE(answered(Kind::Refused), std::int64_t{20});
    QCOMPARE(m_link->longest, capacity < 2 * kMost ? std::size_t{1} : std::size_t{2});
    m_spent = capacity;
    QVERIFY(areBooksEqual());
}

void TestLimiterLease::refusalsThatNobodyWasToldAreNotCounted()
{
    start(policies(kPlenty));
    QVERIFY(warmUp());
    const Tokens held = m_telemetry->leaseHeld.read();
    const Tokens rest = stored().tokens - 5;
    QCOMPARE(stored(limit::TokenMode::Keep, {{rest, 1}}).tokens, Tokens{5}); // somebody else
    QVERIFY(ask(1, static_cast<int>(held) + 1));
    QVERIFY(comesTrue([&] { return m_telemetry->leaseHeld.read() == 0; }));
    QVERIFY(comesTrue([&] { return !m_limiter->handBack(); }));
    QCOMPARE(stored().refused, std::int64_t{0});
    QCOMPARE(stored().tokens, Tokens{4});
}

void TestLimiterLease::whatIsHeldIsHandedBack()
{
    start(policies(kPlenty));
    QVERIFY(!m_limiter->handBack());
    QVERIFY(warmUp());
    QVERIFY(stored().tokens < kPlenty - static_cast<Tokens>(m_asked));
    const std::int64_t returns = m_link->returns;
    QVERIFY(m_limiter->handBack());
    QVERIFY(comesTrue([&] { return !m_limiter->handBack(); }));
    QCOMPARE(m_link->returns, returns + 1);
    m_spent = static_cast<Tokens>(m_asked);
    QVERIFY(areBooksEqual());
}

void TestLimiterLease::aReturnInDoubtIsNotRepeated()
{
    start(policies(kPlenty));
    QVERIFY(warmUp());
    m_link->state = Link::State::AnswersGetLost;
    QVERIFY(m_limiter->handBack());
    QVERIFY(comesTrue([&] { return !m_limiter->handBack(); }));
    m_link->state = Link::State::Fine;
    m_spent = static_cast<Tokens>(m_asked);
    QVERIFY(areBooksEqual()); // it had been done, once
}

void TestLimiterLease::aReturnThatFailsIsTriedOnceMore()
{
    start(policies(kPlenty));
    QVERIFY(warmUp());
    m_link->state = Link::State::Broken; // it is there, and somebody has to look
    const std::int64_t returns = m_link->returns;
    QVERIFY(m_limiter->handBack());
    QVERIFY(comesTrue([&] { return m_link->returns == returns + 1; }));
    m_link->state = Link::State::Fine;
    m_spent = static_cast<Tokens>(m_asked);
    QVERIFY(areBooksEqual());
}

void TestLimiterLease::withoutTheStoreItIsLost()
{
    start(policies(kPlenty));
    QVERIFY(warmUp());
    m_link->state = Link::State::Away;
    QVERIFY(comesTrue([&] {
        decide(2);
        return !m_limiter->breaker().isClosed();
    }));
    QVERIFY(comesTrue([&] { return m_decided.size() == m_asked; }));
    decide(1);
    QVERIFY(comesTrue([&] { return m_decided.size() == m_asked; }));
    QCOMPARE(m_decided.back().by, By::Reject); // nothing is served while the store is away
    const Tokens tokens = stored().tokens;
    QVERIFY(!m_limiter->handBack());
    QCOMPARE(m_telemetry->leaseHeld.read(), std::int64_t{0});
    m_link->state = Link::State::Fine;
    QVERIFY(comesTrue([&] { return m_limiter->breaker().isClosed(); }));
    QVERIFY(!m_limiter->handBack());
    QCOMPARE(stored().tokens, tokens);
}

void TestLimiterLease::itIsInDoubtWithTheRest()
{
    start(policies(kPlenty));
    QVERIFY(warmUp());
    QVERIFY(ask(1, static_cast<int>(m_telemetry->leaseHeld.read())));
    const std::int64_t taken = stored().taken;
    m_link->state = Link::State::AnswersGetLost;
    QVERIFY(ask());
    QCOMPARE(m_decided.back().by, By::Reject);
    QVERIFY(stored().taken > taken + 1);
    QCOMPARE(m_telemetry->inDoubt.read(), stored().taken - taken);
    QCOMPARE(m_telemetry->leaseHeld.read(), std::int64_t{0});
}

void TestLimiterLease::notWhileThisProcessDecides()
{
    start(policies(kPlenty, kMost, config::StoreFailurePolicy::Local));
    QVERIFY(warmUp());
    QVERIFY(m_standby->begin(m_limiter->policies().limit, std::chrono::steady_clock::now()));
    QVERIFY(ask());
    QCOMPARE(m_decided.back().by, By::Local);
}

QTEST_GUILESS_MAIN(TestLimiterLease)
#include "tst_limiter_lease.moc"

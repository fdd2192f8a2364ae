// SPDX-License-Identifier: GPL-3.0-only
// A bucket that is known to be empty: refused without the store, and the store counts the same all the same.
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>

#include "core/engine/limiter.h"
#include "core/engine/refusal_hold.h"
#include "tests/unit/token_link.h"

using namespace weir;
using namespace weir::engine;
using Link = weir::test::TokenLink;
using By = Decision::By;
using Kind = limit::Verdict::Kind;

namespace {

constexpr int kPatienceMs = 10'000;
// No interval passes during a test.
constexpr limit::LimitSpec kYearly{3, 3, limit::kMaxInterval, limit::StartLevel::Full};

PoliciesPtr policies(std::int64_t epoch = 1, config::StoreFailurePolicy policy = config::StoreFailurePolicy::Reject,
                     bool refillsOnDemand = true)
{
    return std::make_shared<Policies>(Policies{{"global", kYearly, epoch}, policy, refillsOnDemand});
}

struct Decided {
    By by;
    limit::Verdict verdict;
};

} // namespace

class TestLimiterRefusals : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { m_limiter.reset(); }

    void mostNeedNoCall();
    void nobodyIsAnsweredFromInsideDecide();
    void theWaitIsNeverLongerThanTheStoreSays();
    void aFillIsSeenByTheNextRequest();
    void anAnswerOfBeforeAFillIsNotRemembered();
    void aChangedLimitIsSeenByTheNextRequest();
    void aFillByAnotherInstanceIsSeenSoon();
    void withoutRefillOnDemandAllAreAsked();
    void whatCostsNothingIsAsked();
    void notWhileThisProcessDecides();
    void reportsWaitForTheStore();
    void aReportInDoubtIsNotSentAgain();
    void aReportThatFailsIsSentWithTheNextSuccess();
    void aReportOfAnOlderLimitIsSentAgain();
    void aReportBelongsToItsBucket();
    void reportIsConfirmed();

private:
    void start(const PoliciesPtr &present)
    {
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
    [[nodiscard]] bool ask(limit::Tokens cost = 1)
    {
        m_limiter->decide(m_asked++, cost);
        while (m_link->state == Link::State::Fine && m_decided.size() < m_asked && m_patience.elapsed() < kPatienceMs) {
            QCoreApplication::processEvents(); // at once: qWaitFor may sleep longer than a refusal holds
            m_shared->deliver();
        }
        return comesTrue([&] { return m_decided.size() == m_asked; });
    }
    /// Empties the bucket, and asks until somebody was refused without a call; one refusal at least is owed then.
    [[nodiscard]] bool comesToKnowIt()
    {
        m_patience.start();
        for (std::int64_t before = -1; before != m_link->takes;) {
            before = m_link->takes;
            if (!ask() || m_patience.elapsed() > kPatienceMs)
                return false;
        }
        return m_decided.back().verdict.kind == Kind::Refused;
    }
    limit::TakeOutput stored(limit::TokenMode mode = limit::TokenMode::Keep, std::int64_t epoch = 1)
    {
        limit::TakeOutput output;
        m_shared->take({"global", kYearly, epoch, mode, {}},
                       [&](const Result<limit::TakeOutput> &result) { output = result.value(); });
        m_shared->deliver();
        return output;
    }
    [[nodiscard]] std::int64_t answered(Kind kind) const
    {
        return std::count_if(m_decided.begin(), m_decided.end(), [kind](const Decided &decided) {
            return decided.by != By::Reject && decided.verdict.kind == kind;
        });
    }
    /// Clients, the worker and the store have counted the same.
    [[nodiscard]] bool areCountsEqual(std::int64_t epoch = 1)
    {
        return comesTrue([&] {
                   const limit::TakeOutput bucket = stored(limit::TokenMode::Keep, epoch);
                   return bucket.refused == m_telemetry->refused.read()
                          && bucket.admitted == m_telemetry->admitted.read();
               })
               && m_telemetry->refused.read() == answered(Kind::Refused)
               && m_telemetry->admitted.read() == answered(Kind::Admitted);
    }

    ManualClock m_clock{Micros{0}};
    std::unique_ptr<store::MemoryStore> m_shared;
    std::unique_ptr<Link> m_link;
    std::unique_ptr<Standby> m_standby;
    std::unique_ptr<telemetry::WorkerTelemetry> m_telemetry;
    std::unique_ptr<telemetry::LevelBoard> m_levels;
    std::vector<Decided> m_decided;
    Ticket m_asked{0};
    QElapsedTimer m_patience;
    std::unique_ptr<Limiter> m_limiter;
};

void TestLimiterRefusals::init()
{
    m_clock.set(Micros{1'700'000'000'000'000});
    m_shared = std::make_unique<store::MemoryStore>(m_clock);
    m_link = std::make_unique<Link>(*m_shared);
    m_standby = std::make_unique<Standby>();
    m_telemetry = std::make_unique<telemetry::WorkerTelemetry>();
    m_levels = std::make_unique<telemetry::LevelBoard>();
    m_decided.clear();
    m_asked = 0;
    start(policies());
}

void TestLimiterRefusals::mostNeedNoCall()
{
    QVERIFY(comesToKnowIt());
    QVERIFY(comesTrue([&] {
        for (int i = 0; i < 500; ++i)
            if (!ask())
                return false;
        return m_telemetry->refused.read() > 20 * m_telemetry->storeCalls.read();
    }));
    QVERIFY(areCountsEqual());
    QCOMPARE(m_telemetry->admitted.read(), std::int64_t{3});
    QCOMPARE(m_telemetry->storeCalls.read(), m_link->takes);
    QCOMPARE(m_telemetry->totals().decided(By::Store), static_cast<std::int64_t>(m_asked));
    QCOMPARE(m_levels->read().refused, m_telemetry->refused.read());
}

void TestLimiterRefusals::nobodyIsAnsweredFromInsideDecide()
{
    QVERIFY(comesToKnowIt());
    const std::size_t before = m_decided.size();
    for (std::size_t i = 0; i < kMaxBatch + 1; ++i) // one batch goes out inside decide()
        m_limiter->decide(m_asked++, 1);
    QCOMPARE(m_decided.size(), before);
    QVERIFY(comesTrue([&] { return m_decided.size() == m_asked; }));
    QVERIFY(areCountsEqual());
}

void TestLimiterRefusals::theWaitIsNeverLongerThanTheStoreSays()
{
    QVERIFY(comesToKnowIt());
    const Micros wait = stored().nextRefill;
    for (const Decided &decided : m_decided) {
        QCOMPARE(decided.by, By::Store);
        if (decided.verdict.kind != Kind::Refused)
            continue;
        QVERIFY(decided.verdict.retryAfter <= wait);
        QVERIFY(decided.verdict.retryAfter > wait - kRefusalHolds);
        QCOMPARE(decided.verdict.tokensLeft, limit::Tokens{0});
    }
}

void TestLimiterRefusals::aFillIsSeenByTheNextRequest()
{
    for (int round = 0; round < 20; ++round) {
        QVERIFY(comesToKnowIt());
        stored(limit::TokenMode::Refill);
        m_standby->noteChange();
        QVERIFY(ask());
        QCOMPARE(m_decided.back().verdict.kind, Kind::Admitted);
    }
    QVERIFY(areCountsEqual());
}

void TestLimiterRefusals::anAnswerOfBeforeAFillIsNotRemembered()
{
    QVERIFY(comesToKnowIt());
    m_standby->noteChange();
    m_link->state = Link::State::Held;
    m_limiter->decide(m_asked++, 1);
    QVERIFY(comesTrue([&] { return !m_link->held.empty(); }));
    m_link->state = Link::State::Fine;
    stored(limit::TokenMode::Refill);
    m_standby->noteChange();
    for (const auto &answer : std::exchange(m_link->held, {}))
        answer();
    QVERIFY(ask());
    QCOMPARE(m_decided.back().verdict.kind, Kind::Admitted);
    QVERIFY(areCountsEqual());
}

void TestLimiterRefusals::aChangedLimitIsSeenByTheNextRequest()
{
    for (std::int64_t epoch = 2; epoch < 12; ++epoch) {
        QVERIFY(comesToKnowIt());
        stored(limit::TokenMode::Refill, epoch);
        m_limiter->adopt(policies(epoch));
        QVERIFY(ask());
        QCOMPARE(m_decided.back().verdict.kind, Kind::Admitted);
    }
    QVERIFY(areCountsEqual(11));
}

void TestLimiterRefusals::aFillByAnotherInstanceIsSeenSoon()
{
    QVERIFY(comesToKnowIt());
    stored(limit::TokenMode::Refill);
    QElapsedTimer passed;
    passed.start();
    while (m_decided.back().verdict.kind == Kind::Refused && m_patience.elapsed() < kPatienceMs) {
        const bool isEarly = passed.nsecsElapsed() < kRefusalHolds.count() * 1000;
        QVERIFY(ask());
        QVERIFY(isEarly || m_decided.back().verdict.kind == Kind::Admitted);
    }
    QCOMPARE(m_decided.back().verdict.kind, Kind::Admitted);
}

void TestLimiterRefusals::withoutRefillOnDemandAllAreAsked()
{
    m_limiter->adopt(policies(1, config::StoreFailurePolicy::Reject, false));
    m_patience.start();
    for (int i = 0; i < 200; ++i)
        QVERIFY(ask());
    QCOMPARE(m_link->takes, std::int64_t{200});
    QVERIFY(areCountsEqual());
}

void TestLimiterRefusals::whatCostsNothingIsAsked()
{
    for (int i = 0; i < 20; ++i) {
        QVERIFY(comesToKnowIt());
        QVERIFY(ask(0));
        QCOMPARE(m_decided.back().verdict.kind, Kind::Admitted);
    }
}

void TestLimiterRefusals::notWhileThisProcessDecides()
{
    m_limiter->adopt(policies(1, config::StoreFailurePolicy::Local));
    QVERIFY(comesToKnowIt());
    QVERIFY(m_standby->begin(m_limiter->policies().limit, std::chrono::steady_clock::now()));
    QVERIFY(ask());
    QCOMPARE(m_decided.back().by, By::Local);
}

void TestLimiterRefusals::reportsWaitForTheStore()
{
    QVERIFY(comesToKnowIt());
    m_link->state = Link::State::Away;
    QVERIFY(comesTrue([&] {
        m_limiter->decide(m_asked++, 1);
        return !m_limiter->breaker().isClosed();
    }));
    QVERIFY(comesTrue([&] { return m_decided.size() == m_asked; }));
    QVERIFY(stored().refused < m_telemetry->refused.read());
    QVERIFY(comesTrue([&] { return !m_limiter->report(); })); // nobody waits for a store that is away
    m_link->state = Link::State::Fine;
    QVERIFY(areCountsEqual());
}

void TestLimiterRefusals::aReportInDoubtIsNotSentAgain()
{
    QVERIFY(comesToKnowIt());
    m_link->state = Link::State::AnswersGetLost;
    QVERIFY(m_limiter->report());
    QVERIFY(comesTrue([&] { return !m_limiter->report(); }));
    m_link->state = Link::State::Fine;
    const std::int64_t refused = stored().refused;
    QCOMPARE(refused, m_telemetry->refused.read());
    QVERIFY(comesTrue([&] { return m_limiter->breaker().isClosed(); }));
    QVERIFY(ask());
    QVERIFY(comesTrue([&] { return !m_limiter->report(); }));
    QVERIFY(areCountsEqual());
}

void TestLimiterRefusals::aReportThatFailsIsSentWithTheNextSuccess()
{
    QVERIFY(comesToKnowIt());
    m_link->state = Link::State::Broken; // it is there, and somebody has to look
    const std::int64_t before = m_link->takes;
    QVERIFY(m_limiter->report());
    QTest::qWait(
        static_cast<int>(4 * kRefusalHolds.count() / 1000)); // a store that answers so is not asked again and again
    QCOMPARE(m_link->takes, before + 1);
    m_link->state = Link::State::Fine;
    QVERIFY(ask());
    QVERIFY(areCountsEqual());
}

void TestLimiterRefusals::aReportOfAnOlderLimitIsSentAgain()
{
    QVERIFY(comesToKnowIt());
    QSignalSpy newer{m_limiter.get(), &Limiter::newerLimitFound};
    const std::uint64_t changes = m_standby->changes();
    stored(limit::TokenMode::Keep, 4);
    QVERIFY(m_limiter->report());
    QVERIFY(areCountsEqual(4));
    QCOMPARE(newer.count(), 1);
    QVERIFY(m_standby->changes() > changes); // so no worker goes on refusing by the older one
}

void TestLimiterRefusals::aReportBelongsToItsBucket()
{
    QVERIFY(comesToKnowIt());
    auto other = std::make_shared<Policies>(*policies(2));
    other->limit.name = "other";
    m_limiter->adopt(other);
    QVERIFY(areCountsEqual());
    limit::TakeOutput bucket;
    m_shared->take({"other", kYearly, 2, limit::TokenMode::Keep, {}},
                   [&](const Result<limit::TakeOutput> &result) { bucket = result.value(); });
    m_shared->deliver();
    QCOMPARE(bucket.refused, std::int64_t{0});
}

void TestLimiterRefusals::reportIsConfirmed()
{
    QVERIFY(!m_limiter->report());
    QVERIFY(comesToKnowIt());
    QVERIFY(m_limiter->report());
    QVERIFY(m_limiter->report());
    QVERIFY(comesTrue([&] { return !m_limiter->report(); }));
    QCOMPARE(stored().refused, m_telemetry->refused.read());
}

QTEST_GUILESS_MAIN(TestLimiterRefusals)
#include "tst_limiter_refusals.moc"

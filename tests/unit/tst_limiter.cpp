// SPDX-License-Identifier: GPL-3.0-only
// The limiter: one call per turn of the event loop, newer limits, and what becomes of requests when the store fails.
#include <QSignalSpy>
#include <QTest>

#include "core/engine/limiter.h"

using namespace weir;
using namespace weir::engine;

namespace {

// Keeps what it was asked, and answers when and as the test says.
class ScriptedStore final : public store::BucketStore {
public:
    struct Asked {
        store::TakeRequest request;
        store::TakeDone done;
    };
    std::vector<store::WriteDone> pings;
    std::vector<Asked> asked; ///< an answer may lead to another question

    void take(store::TakeRequest request, store::TakeDone done) override
    {
        asked.push_back({std::move(request), std::move(done)});
    }
    void takeAll(store::GroupRequest, store::GroupDone) override {}
    void settleAll(store::GroupSettleRequest, store::GroupSettleDone) override {}
    void settle(store::SettleRequest, store::SettleDone) override {}
    void ping(store::WriteDone done) override { pings.push_back(std::move(done)); }
    void countInstances(std::int64_t, const std::string &, store::CountDone) override {}
    void loadLimit(const std::string &, store::LimitDone) override {}
    void loadRegister(const std::vector<std::string> &, store::RegisterDone) override {}
    void saveLimit(const limit::Limit &, store::WriteDone) override {}
};

struct Decided {
    Ticket ticket;
    Decision::By by;
    limit::Verdict verdict;
    std::int64_t epoch;
};

PoliciesPtr policies(std::int64_t epoch, limit::Tokens capacity,
                     config::StoreFailurePolicy policy = config::StoreFailurePolicy::Reject)
{
    return std::make_shared<Policies>(
        Policies{{"global", {capacity, 1, Micros{1'000'000}, limit::StartLevel::Full}, epoch}, policy});
}

limit::TakeOutput answer(const store::TakeRequest &request, std::vector<std::int64_t> granted, limit::Tokens tokens)
{
    limit::TakeOutput output;
    output.inForce = request.spec;
    output.epoch = request.epoch;
    output.tokens = tokens;
    output.nextRefill = Micros{500'000};
    output.now = Micros{1'000};
    output.granted = std::move(granted);
    return output;
}

} // namespace

class TestLimiter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void oneCallForOneTurn();
    void aFullBatchGoesAtOnce();
    void verdictsGoToTheirTickets();
    void aNewerLimitIsAdoptedAndAskedAgain();
    void changesFasterThanQuestionsEnd();
    void withoutTheStore_data();
    void withoutTheStore();
    void anOlderPolicyDoesNotBringTheLimitBack();
    void afterAMissedDeadlineNobodyWaits();
    void whatIsSetUpWronglyIsAskedAllTheSame();
    void aFullQueueSaysNothingAboutTheStore();

private:
    std::size_t takes() const // calls that cost something: probes do not
    {
        return static_cast<std::size_t>(std::count_if(m_store.asked.begin(), m_store.asked.end(),
                                                      [](const auto &asked) { return !asked.request.runs.empty(); }));
    }

    ScriptedStore m_store;
    telemetry::WorkerTelemetry m_telemetry;
    telemetry::LevelBoard m_levels;
    std::unique_ptr<Standby> m_standby;
    std::vector<Decided> m_decided;
    std::unique_ptr<Limiter> m_limiter;
};

void TestLimiter::init()
{
    m_store.asked.clear();
    m_decided.clear();
    m_limiter.reset();
    m_standby = std::make_unique<Standby>();
    m_limiter = std::make_unique<Limiter>(
        m_store, policies(3, 10), *m_standby, m_telemetry, m_levels, [this](Ticket ticket, const Decision &decision) {
            m_decided.push_back({ticket, decision.by, decision.verdict, decision.limit->epoch});
        });
}

void TestLimiter::oneCallForOneTurn()
{
    for (Ticket ticket = 0; ticket < 40; ++ticket)
        m_limiter->decide(ticket, ticket < 30 ? 1 : 2);
    QVERIFY(m_store.asked.empty());
    QCoreApplication::processEvents();
    QCOMPARE(m_store.asked.size(), 1U);
    const store::TakeRequest &request = m_store.asked[0].request;
    QCOMPARE(request.bucket, std::string{"global"});
    QCOMPARE(request.epoch, std::int64_t{3});
    QCOMPARE(request.runs.size(), 2U);
    QCOMPARE(request.runs[0].count, std::int64_t{30});
    QCOMPARE(request.runs[1].cost, limit::Tokens{2});
    QVERIFY(m_decided.empty());
}

void TestLimiter::aFullBatchGoesAtOnce()
{
    for (Ticket ticket = 0; ticket < kMaxBatch + 1; ++ticket)
        m_limiter->decide(ticket, 1);
    QCOMPARE(m_store.asked.size(), 1U);
    QCOMPARE(m_store.asked[0].request.runs[0].count, static_cast<std::int64_t>(kMaxBatch));
    QCoreApplication::processEvents();
    QCOMPARE(m_store.asked.size(), 2U);
    QCOMPARE(m_store.asked[1].request.runs[0].count, std::int64_t{1});
}

void TestLimiter::verdictsGoToTheirTickets()
{
    for (const Ticket ticket : {7U, 5U, 9U})
        m_limiter->decide(ticket, 1);
    QCoreApplication::processEvents();
    m_store.asked[0].done(answer(m_store.asked[0].request, {2}, 0));
    QCOMPARE(m_decided.size(), 3U);
    QCOMPARE(m_decided[0].ticket, Ticket{7});
    QCOMPARE(m_decided[0].verdict.kind, limit::Verdict::Kind::Admitted);
    QCOMPARE(m_decided[0].verdict.tokensLeft, limit::Tokens{1});
    QCOMPARE(m_decided[1].verdict.tokensLeft, limit::Tokens{0});
    QCOMPARE(m_decided[2].ticket, Ticket{9});
    QCOMPARE(m_decided[2].verdict.kind, limit::Verdict::Kind::Refused);
    QCOMPARE(m_decided[2].verdict.retryAfter, Micros{500'000});
    QCOMPARE(m_levels.read().tokens, std::int64_t{0});
}

void TestLimiter::aNewerLimitIsAdoptedAndAskedAgain()
{
    QSignalSpy spy{m_limiter.get(), &Limiter::newerLimitFound};
    m_limiter->decide(1, 1);
    QCoreApplication::processEvents();
    limit::TakeOutput stale = answer(m_store.asked[0].request, {}, 4);
    stale.isStale = true;
    stale.epoch = 8;
    stale.inForce.capacity = 50;
    m_store.asked[0].done(stale);
    QCOMPARE(spy.count(), 1);
    QVERIFY(m_decided.empty());
    QCOMPARE(m_store.asked.size(), 2U);
    QCOMPARE(m_store.asked[1].request.epoch, std::int64_t{8});
    QCOMPARE(m_store.asked[1].request.spec.capacity, limit::Tokens{50});
    m_store.asked[1].done(answer(m_store.asked[1].request, {1}, 3));
    QCOMPARE(m_decided.size(), 1U);
    QCOMPARE(m_decided[0].epoch, std::int64_t{8});
}

void TestLimiter::changesFasterThanQuestionsEnd()
{
    m_limiter->decide(1, 1);
    QCoreApplication::processEvents();
    for (std::size_t i = 0; i < m_store.asked.size(); ++i) {
        limit::TakeOutput stale = answer(m_store.asked[i].request, {}, 4);
        stale.isStale = true;
        stale.epoch = m_store.asked[i].request.epoch + 1;
        const store::TakeDone done = m_store.asked[i].done; // the next question may move the list
        done(stale);
        QVERIFY(i < 20);
    }
    QCOMPARE(m_decided.size(), 1U);
    QCOMPARE(m_decided[0].by, Decision::By::Reject);
}

void TestLimiter::withoutTheStore_data()
{
    QTest::addColumn<int>("policy");
    QTest::addColumn<int>("code");
    QTest::addColumn<int>("by");
    const auto row = [](const char *name, config::StoreFailurePolicy policy, Error::Code code, Decision::By by) {
        QTest::newRow(name) << static_cast<int>(policy) << static_cast<int>(code) << static_cast<int>(by);
    };
    using Policy = config::StoreFailurePolicy;
    row("away, reject", Policy::Reject, Error::Code::Unavailable, Decision::By::Reject);
    row("away, allow", Policy::Allow, Error::Code::Unavailable, Decision::By::Allow);
    row("late, allow", Policy::Allow, Error::Code::Timeout, Decision::By::Allow);
    row("wrong password, allow", Policy::Allow, Error::Code::Configuration, Decision::By::Reject);
    row("broken bucket, allow", Policy::Allow, Error::Code::State, Decision::By::Reject);
    row("our mistake, allow", Policy::Allow, Error::Code::Invalid, Decision::By::Reject);
    row("our queue is full, reject", Policy::Reject, Error::Code::Overloaded, Decision::By::Reject);
    row("our queue is full, allow", Policy::Allow, Error::Code::Overloaded, Decision::By::Reject);
    row("our queue is full, local", Policy::Local, Error::Code::Overloaded, Decision::By::Reject);
}

void TestLimiter::withoutTheStore()
{
    QFETCH(int, policy);
    QFETCH(int, code);
    QFETCH(int, by);
    m_limiter->adopt(policies(3, 10, static_cast<config::StoreFailurePolicy>(policy)));
    m_limiter->decide(1, 1);
    m_limiter->decide(2, 1);
    QCoreApplication::processEvents();
    const std::int64_t before = m_telemetry.undecided.read();
    m_store.asked[0].done(Error{static_cast<Error::Code>(code), "test", false});
    QCOMPARE(m_decided.size(), 2U);
    QCOMPARE(static_cast<int>(m_decided[1].by), by);
    QCOMPARE(m_telemetry.undecided.read() - before, std::int64_t{2});
}

void TestLimiter::anOlderPolicyDoesNotBringTheLimitBack()
{
    m_limiter->adopt(policies(5, 100));
    m_limiter->adopt(policies(4, 1, config::StoreFailurePolicy::Allow));
    QCOMPARE(m_limiter->policies().limit.spec.capacity, limit::Tokens{100});
    QCOMPARE(m_limiter->policies().onStoreFailure, config::StoreFailurePolicy::Allow);
}

void TestLimiter::afterAMissedDeadlineNobodyWaits()
{
    m_limiter->decide(1, 1);
    QCoreApplication::processEvents();
    m_store.asked[0].done(Error{Error::Code::Timeout, "test", true});
    QCOMPARE(m_decided.size(), 1U);
    m_limiter->decide(2, 1);
    for (Ticket ticket = 3; ticket < 3 + kMaxBatch; ++ticket) // one batch goes out inside decide()
        m_limiter->decide(ticket, 1);
    QCOMPARE(m_decided.size(), 1U);
    QTRY_COMPARE(m_decided.size(), kMaxBatch + 2);
    QCOMPARE(m_decided.back().by, Decision::By::Reject);
    QCOMPARE(takes(), 1U);

    // A probe, which is no client's request, asks; until it is answered nobody else does.
    QTRY_COMPARE(m_store.asked.size(), 2U);
    m_limiter->decide(9000, 1);
    QTRY_COMPARE(m_decided.size(), kMaxBatch + 3);
    QCOMPARE(takes(), 1U);
    m_store.asked[1].done(answer(m_store.asked[1].request, {}, 7));
    m_limiter->decide(9001, 1);
    QTRY_COMPARE(takes(), 2U);
    m_store.asked[2].done(answer(m_store.asked[2].request, {1}, 6));
    QCOMPARE(m_decided.back().by, Decision::By::Store);
    const telemetry::Totals totals = m_telemetry.totals();
    QCOMPARE(totals.decided(telemetry::DecidedBy::Reject) + totals.decided(telemetry::DecidedBy::Allow),
             totals.undecided);
    QCOMPARE(totals.decided(telemetry::DecidedBy::Store), totals.admitted + totals.refused);
}

void TestLimiter::whatIsSetUpWronglyIsAskedAllTheSame()
{
    for (Ticket ticket = 1; ticket <= 5; ++ticket) {
        m_limiter->decide(ticket, 1);
        QCoreApplication::processEvents();
        QCOMPARE(m_store.asked.size(), static_cast<std::size_t>(ticket));
        m_store.asked.back().done(Error{Error::Code::State, "test", false});
    }
    QVERIFY(m_limiter->breaker().isClosed());
}

// Neither while it is there nor, with what it was last missed for, while it is not.
void TestLimiter::aFullQueueSaysNothingAboutTheStore()
{
    const Error full{Error::Code::Overloaded, "test", true};
    m_limiter->adopt(policies(3, 10, config::StoreFailurePolicy::Allow));
    for (Ticket ticket = 1; ticket <= 10; ++ticket) {
        m_limiter->decide(ticket, 1);
        QCoreApplication::processEvents();
        QCOMPARE(m_store.asked.size(), static_cast<std::size_t>(ticket)); // it is asked each time
        m_store.asked.back().done(full);
        QVERIFY(m_limiter->breaker().isClosed());
        QCOMPARE(m_decided.back().by, Decision::By::Reject);
    }
    m_limiter->decide(11, 1);
    m_limiter->decide(12, 2);
    QCoreApplication::processEvents();
    m_limiter->decide(13, 1);
    QCoreApplication::processEvents();
    m_store.asked[10].done(Error{Error::Code::Timeout, "test", true});
    m_store.asked[11].done(full); // it was asked before the other was missed
    QCOMPARE(m_decided.back().by, Decision::By::Reject);
    m_limiter->decide(14, 1);
    QTRY_COMPARE(m_decided.size(), 14U);
    QCOMPARE(m_decided.back().by, Decision::By::Allow);
}

QTEST_GUILESS_MAIN(TestLimiter)
#include "tst_limiter.moc"

// SPDX-License-Identifier: GPL-3.0-only
// Going on without the store and coming back: two workers, one bucket, nothing spent twice.
#include <QTest>

#include "core/engine/limiter.h"
#include "core/engine/settler.h"
#include "core/store/memory_store.h"

using namespace weir;
using namespace weir::engine;
using By = Decision::By;

namespace {

constexpr int kPatienceMs = 10'000;
// No interval passes during a test.
constexpr limit::LimitSpec kYearly{10, 10, limit::kMaxInterval, limit::StartLevel::Full};

// One link to the shared store: it can be cut, before or after what was asked is done.
class Link final : public store::BucketStore {
public:
    enum class State { Fine, Away, AnswersGetLost, Silent, Held, Forbidden }; ///< Held: done; the answer comes at release()
    explicit Link(store::MemoryStore &shared) : m_shared{shared} {}
    State state{State::Fine};
    int settlements{0};

    void take(store::TakeRequest request, store::TakeDone done) override
    {
        if (state == State::AnswersGetLost)
            m_shared.take(request, [](const Result<limit::TakeOutput> &) {});
        if (state == State::Held)
            return m_shared.take(std::move(request),
                                 [this, done = std::move(done)](const Result<limit::TakeOutput> &result) {
                                     m_held.push_back([done, result] { done(result); });
                                 });
        if (state == State::Fine)
            return m_shared.take(std::move(request), std::move(done));
        fail(std::move(done));
    }
    void settle(store::SettleRequest request, store::SettleDone done) override
    {
        ++settlements;
        if (state == State::Fine)
            return m_shared.settle(std::move(request), std::move(done));
        fail(std::move(done));
    }
    void takeAll(store::GroupRequest, store::GroupDone) override {}
    void settleAll(store::GroupSettleRequest, store::GroupSettleDone) override {}
    void ping(store::WriteDone done) override
    {
        if (state == State::Fine)
            return m_shared.ping(std::move(done));
        fail(std::move(done));
    }
    void countInstances(std::int64_t window, const std::string &instance, store::CountDone done) override
    {
        if (state == State::Fine)
            return m_shared.countInstances(window, instance, std::move(done));
        fail(std::move(done));
    }
    void loadLimit(const std::string &, store::LimitDone) override {}
    void loadRegister(const std::vector<std::string> &, store::RegisterDone) override {}
    void saveLimit(const limit::Limit &, store::WriteDone) override {}

    /// The link breaks: what waits for an answer gets none, and may have been done.
    void giveUp()
    {
        for (const auto &silent : std::exchange(m_silent, {}))
            silent();
    }

    [[nodiscard]] std::size_t held() const { return m_held.size(); }
    void release()
    {
        for (const auto &answer : std::exchange(m_held, {}))
            answer();
    }

private:
    template<class Done>
    void fail(Done done)
    {
        const bool isForbidden = state == State::Forbidden;
        const Error error{isForbidden ? Error::Code::Configuration : Error::Code::Unavailable, "test", !isForbidden,
                          state == State::AnswersGetLost || state == State::Silent};
        if (state == State::Silent)
            return m_silent.push_back([done = std::move(done), error] { done(error); });
        QMetaObject::invokeMethod(
            qApp, [done = std::move(done), error] { done(error); }, Qt::QueuedConnection);
    }
    store::MemoryStore &m_shared;
    std::vector<std::function<void()>> m_silent;
    std::vector<std::function<void()>> m_held;
};

struct Worker {
    Worker(store::MemoryStore &shared, const PoliciesPtr &policies, Standby &standby)
        : link{shared}, limiter{link, policies, standby, telemetry, levels, [this](Ticket, const Decision &decision) {
                                    ++count[static_cast<std::size_t>(decision.by)];
                                    admitted += decision.hasVerdict()
                                                && decision.verdict.kind == limit::Verdict::Kind::Admitted;
                                }}
    {
    }
    void ask(int requests)
    {
        for (int i = 0; i < requests; ++i)
            limiter.decide(0, 1);
    }
    [[nodiscard]] int by(By who) const { return count[static_cast<std::size_t>(who)]; }

    telemetry::WorkerTelemetry telemetry;
    telemetry::LevelBoard levels;
    Link link;
    std::array<int, telemetry::kDeciders> count{};
    int admitted{0};
    Limiter limiter;
};

} // namespace

class TestStandby : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_clock.set(Micros{1'700'000'000'000'000});
        m_shared = std::make_unique<store::MemoryStore>(m_clock);
        m_standby = std::make_unique<Standby>();
        m_levels = std::make_unique<telemetry::LevelBoard>();
        m_standby->join(*m_levels);
        m_policies = std::make_shared<Policies>(Policies{{"global", kYearly, 1}, config::StoreFailurePolicy::Local});
        m_a = std::make_unique<Worker>(*m_shared, m_policies, *m_standby);
        m_b = std::make_unique<Worker>(*m_shared, m_policies, *m_standby);
        m_serviceLink = std::make_unique<Link>(*m_shared);
        m_count = std::make_unique<InstanceCount>(*m_serviceLink, *m_standby, m_table, "test:1");
        m_settler = std::make_unique<Settler>(*m_serviceLink, m_policies, *m_standby, *m_levels, *m_count);
    }
    void cleanup()
    {
        m_settler.reset();
        m_count.reset();
        m_a.reset();
        m_b.reset();
        m_standby.reset();
    }

    void theWholeProcessGoesLocalAndBack();
    void whatIsInDoubtIsGivenToNobody_data();
    void whatIsInDoubtIsGivenToNobody();
    void anAnswerThatAnOutageHasOvertakenIsGivenToNobody();
    void anAnswerOfBeforeAnOutageIsGivenToNobody();
    void withoutAnythingKnownNothingIsGiven();
    void theWrongPasswordIsNotCovered();
    void brokenContentIsNotCovered();
    void aSettlementThatHangsHoldsUpNobody();
    void theNextOutageBeginsWhereTheLastOneEnded();
    void aShareIsSubtracted();
    void otherNumbersUnderTheSameEpochAreSettled();

private:
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
    [[nodiscard]] bool isAnswered(int requests)
    {
        return comesTrue([&] {
            int sum = 0;
            for (const Worker *worker : {m_a.get(), m_b.get()})
                for (const int count : worker->count)
                    sum += count;
            return sum == requests;
        });
    }
    [[nodiscard]] bool isBack()
    {
        return comesTrue([&] { return m_standby->mode() == Standby::Mode::Store; });
    }
    void setLinks(Link::State state)
    {
        for (Link *link : {&m_a->link, &m_b->link, m_serviceLink.get()})
            link->state = state;
    }
    limit::TakeOutput stored()
    {
        limit::TakeOutput output;
        m_shared->take({"global", kYearly, 1, limit::TokenMode::Keep, {}},
                       [&](const Result<limit::TakeOutput> &result) { output = result.value(); });
        m_shared->deliver();
        return output;
    }

    ManualClock m_clock{Micros{0}};
    std::unique_ptr<telemetry::LevelBoard> m_levels; ///< the service thread's
    std::unique_ptr<store::MemoryStore> m_shared;
    std::unique_ptr<Standby> m_standby;
    PoliciesPtr m_policies;
    std::unique_ptr<Worker> m_a, m_b;
    std::unique_ptr<Link> m_serviceLink;
    BucketTable m_table; ///< of no limits
    std::unique_ptr<InstanceCount> m_count;
    std::unique_ptr<Settler> m_settler;
};

void TestStandby::theWholeProcessGoesLocalAndBack()
{
    m_a->ask(3);
    QVERIFY(isAnswered(3));
    m_a->link.state = Link::State::Away; // b's link is fine
    m_a->ask(2);
    QVERIFY(isAnswered(5));
    QCOMPARE(m_a->by(By::Local), 2);
    m_b->ask(8);
    QVERIFY(isAnswered(13));
    QCOMPARE(m_b->by(By::Local), 8); // it would spend the same tokens again
    QCOMPARE(m_a->admitted + m_b->admitted, 10);
    QCOMPARE(stored().tokens, limit::Tokens{7});
    const Standby::Status status = m_standby->status();
    QCOMPARE(status.spent, limit::Tokens{7});
    QCOMPARE(m_b->levels.read().tokens, std::int64_t{0});

    m_a->link.state = Link::State::Fine;
    QVERIFY(isBack());
    QCOMPARE(m_standby->status().exactReturns, std::int64_t{1});
    const limit::TakeOutput after = stored();
    QCOMPARE(after.tokens, limit::Tokens{0});
    QCOMPARE(after.taken, std::int64_t{10});
    QCOMPARE(after.admitted, std::int64_t{10});
    QCOMPARE(after.refused, std::int64_t{3});
    m_a->ask(1);
    m_b->ask(1);
    QVERIFY(isAnswered(15));
    QCOMPARE(m_a->by(By::Store) + m_b->by(By::Store), 5);
}

void TestStandby::whatIsInDoubtIsGivenToNobody_data()
{
    QTest::addColumn<bool>("wasTaken");
    QTest::newRow("taken") << true;
    QTest::newRow("not taken") << false;
}

void TestStandby::whatIsInDoubtIsGivenToNobody()
{
    QFETCH(const bool, wasTaken);
    m_a->ask(1);
    QVERIFY(isAnswered(1));
    m_b->link.state = Link::State::Silent; // under way when a finds the store away
    m_b->ask(4);
    QCoreApplication::processEvents();
    m_a->link.state = wasTaken ? Link::State::AnswersGetLost : Link::State::Away;
    m_a->ask(3);
    QVERIFY(isAnswered(4));
    const int inDoubt = wasTaken ? 3 + 4 : 4;
    m_a->ask(4);
    QVERIFY(isAnswered(8));
    QCOMPARE(m_a->admitted, 1 + 3 + 4);
    m_b->link.giveUp();
    QVERIFY(isAnswered(12)); // decided locally as well, out of what was left
    QCOMPARE(m_b->admitted, 2);
    QCOMPARE(m_a->telemetry.inDoubt.read() + m_b->telemetry.inDoubt.read(), std::int64_t{inDoubt});

    setLinks(Link::State::Fine);
    QVERIFY(isBack());
    QCOMPARE(m_standby->status().exactReturns, std::int64_t{1});
    QCOMPARE(m_standby->status().foundTaken, limit::Tokens{wasTaken ? 3 : 0});
    QCOMPARE(stored().tokens, limit::Tokens{0});
    QCOMPARE(stored().taken, std::int64_t{10 + (wasTaken ? 3 : 0)}); // b's four were never taken
}

// A take of b was under way when a found the store away: the outage goes on from the level before it.
void TestStandby::anAnswerThatAnOutageHasOvertakenIsGivenToNobody()
{
    m_a->ask(9);
    QVERIFY(isAnswered(9));
    m_b->link.state = Link::State::Held;
    m_b->ask(1); // the last
    QVERIFY(comesTrue([&] { return m_b->link.held() == 1; }));
    m_a->link.state = Link::State::Away;
    m_a->ask(1);
    QVERIFY(isAnswered(10));
    QCOMPARE(m_a->admitted, 10);
    m_b->link.release();
    QVERIFY(isAnswered(11));
    QCOMPARE(m_b->admitted, 0);
    QCOMPARE(m_b->by(By::Local), 1);
    setLinks(Link::State::Fine);
    QVERIFY(isBack());
    QCOMPARE(m_standby->status().exactReturns, std::int64_t{1});
    QCOMPARE(m_standby->status().foundTaken, limit::Tokens{1});
    QCOMPARE(stored().tokens, limit::Tokens{0});
}

// The same, and the outage is over when it comes.
void TestStandby::anAnswerOfBeforeAnOutageIsGivenToNobody()
{
    m_a->ask(8);
    QVERIFY(isAnswered(8));
    m_b->link.state = Link::State::Held;
    m_b->ask(1);
    QVERIFY(comesTrue([&] { return m_b->link.held() == 1; }));
    m_a->link.state = Link::State::Away;
    m_a->ask(1);
    QVERIFY(isAnswered(9));
    setLinks(Link::State::Fine);
    QVERIFY(isBack());
    QCOMPARE(stored().tokens, limit::Tokens{0}); // one to a, one to nobody
    m_b->link.release();
    QVERIFY(isAnswered(10));
    QCOMPARE(m_a->admitted + m_b->admitted, 9);
    QCOMPARE(m_b->by(By::Store), 1);
}

void TestStandby::withoutAnythingKnownNothingIsGiven()
{
    setLinks(Link::State::Away);
    m_a->ask(2);
    QVERIFY(isAnswered(2));
    QCOMPARE(m_a->by(By::Reject), 2);
    QCOMPARE(m_standby->mode(), Standby::Mode::Store);
}

void TestStandby::theWrongPasswordIsNotCovered()
{
    m_a->ask(1);
    QVERIFY(isAnswered(1));
    setLinks(Link::State::Away);
    m_a->ask(1);
    QVERIFY(isAnswered(2));
    QCOMPARE(m_a->by(By::Local), 1);
    setLinks(Link::State::Forbidden); // it came back, with another password
    int asked = 2;
    QVERIFY(comesTrue([&] {
        m_a->ask(1);
        return isAnswered(++asked) && m_a->by(By::Reject) > 0;
    }));
    setLinks(Link::State::Fine);
    QVERIFY(isBack());
    QCOMPARE(stored().taken, std::int64_t{m_a->admitted});
}

void TestStandby::brokenContentIsNotCovered()
{
    m_a->ask(1);
    QVERIFY(isAnswered(1));
    m_a->link.state = Link::State::Away;
    m_a->ask(1);
    QVERIFY(isAnswered(2));
    m_standby->block({Error::Code::State, "test", false});
    m_a->ask(1);
    QVERIFY(isAnswered(3));
    QCOMPARE(m_a->by(By::Reject), 1);
    m_a->link.state = Link::State::Fine;
    QVERIFY(isBack());
    QVERIFY(!m_standby->blockedBy());
}

void TestStandby::aSettlementThatHangsHoldsUpNobody()
{
    m_a->ask(1);
    QVERIFY(isAnswered(1));
    setLinks(Link::State::Away);
    m_a->ask(1);
    QVERIFY(isAnswered(2));
    m_a->link.state = m_b->link.state = Link::State::Fine;
    m_serviceLink->state = Link::State::Fine;
    QVERIFY(comesTrue([&] {
        // After the ping was answered and before the settlement is.
        if (m_standby->mode() == Standby::Mode::Local)
            return false;
        return m_standby->mode() == Standby::Mode::Settling;
    }));
    m_a->ask(1);
    // Nothing is delivered: the settlement hangs. Requests wait for a moment, then go on locally.
    QVERIFY(QTest::qWaitFor([&] { return m_a->by(By::Local) == 2; }, kPatienceMs));
    QVERIFY(isBack()); // what was decided meanwhile is entered by a second one
    QCOMPARE(m_serviceLink->settlements, 2);
    QCOMPARE(stored().taken, std::int64_t{3});
    QCOMPARE(stored().tokens, limit::Tokens{7});
}

void TestStandby::theNextOutageBeginsWhereTheLastOneEnded()
{
    m_a->ask(1);
    QVERIFY(isAnswered(1));
    int asked = 1;
    for (int outage = 0; outage < 3; ++outage) {
        setLinks(Link::State::Away);
        m_a->ask(4);
        QVERIFY(isAnswered(asked += 4));
        setLinks(Link::State::Fine);
        QVERIFY(isBack());
    }
    QCOMPARE(m_a->admitted, 10);
    QCOMPARE(m_standby->status().outages, std::int64_t{3});
    QCOMPARE(m_standby->status().exactReturns, std::int64_t{3});
    QCOMPARE(stored().taken, std::int64_t{10});
}

// The store has forgotten the limit with all else, and another Weir has begun it with its own numbers.
void TestStandby::otherNumbersUnderTheSameEpochAreSettled()
{
    m_a->ask(1);
    QVERIFY(isAnswered(1));
    setLinks(Link::State::Away);
    m_a->ask(4);
    QVERIFY(isAnswered(5));
    m_shared->forget();
    limit::LimitSpec other = kYearly;
    other.capacity = 7;
    m_shared->take({"global", other, 1, limit::TokenMode::Keep, {}}, [](const Result<limit::TakeOutput> &) {});
    connect(m_settler.get(), &Settler::newerLimitFound, m_settler.get(), [this](const limit::Limit &limit) {
        Policies next = *m_policies; // as LimitKeeper::learn() leads to
        next.limit = limit;
        m_settler->adopt(std::make_shared<const Policies>(next));
    });
    setLinks(Link::State::Fine);
    QVERIFY(isBack());
    QCOMPARE(m_a->admitted, 5);
}

void TestStandby::aShareIsSubtracted()
{
    m_standby->setInstances(3);
    m_a->ask(1);
    QVERIFY(isAnswered(1));
    setLinks(Link::State::Away);
    m_a->ask(9);
    QVERIFY(isAnswered(10));
    QCOMPARE(m_a->admitted, 1 + 3); // a third of the nine
    setLinks(Link::State::Fine);
    QVERIFY(isBack());
    QCOMPARE(stored().tokens, limit::Tokens{6});
    QCOMPARE(m_standby->status().excess, limit::Tokens{0});
}

QTEST_GUILESS_MAIN(TestStandby)
#include "tst_standby.moc"

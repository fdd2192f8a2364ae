// SPDX-License-Identifier: GPL-3.0-only
// The refiller over a store whose clock the test moves: each interval once, whoever ticks; of all limits that have one.
#include <QSignalSpy>
#include <QTest>

#include "core/engine/keep/refiller.h"
#include "tests/unit/engine_bench.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::test;
using namespace std::chrono_literals;
using State = FaultyLink::State;

namespace {

constexpr limit::LimitSpec kSpec{10, 2, Micros{1min}, limit::StartLevel::Empty};

config::LimitEntry minutely(const std::string &name)
{
    config::LimitEntry entry = yearly(name, kSpec.capacity);
    entry.spec = kSpec;
    return entry;
}

PoliciesPtr showing(const PoliciesPtr &policies, std::size_t limit, const std::string &subject)
{
    auto changed = std::make_shared<Policies>(*policies);
    changed->limit = changed->limits[limit];
    changed->shownSubject = subject;
    return changed;
}

PoliciesPtr withoutRefillOnDemand(const PoliciesPtr &policies)
{
    auto changed = std::make_shared<Policies>(*policies);
    changed->refillsOnDemand = false;
    return changed;
}

/// A process with its refiller.
struct Process {
    Process(store::MemoryStore &shared, const PoliciesPtr &used, std::string name)
        : policies{used}, link{shared}, refiller{link, policies, table, levels, std::move(name)}
    {
        table.adopt(*policies, std::chrono::steady_clock::now());
    }
    [[nodiscard]] limit::Tokens tokens() const { return levels.read().tokens; }
    [[nodiscard]] const RefillerPulse &pulse() const { return refiller.pulse(); }

    [[nodiscard]] std::int64_t refills(std::size_t limit = 0) const
    {
        return table.counts(policies->limits, steadyNow())[limit].refills;
    }

    PoliciesPtr policies;
    BucketTable table;
    telemetry::LevelBoard levels;
    FaultyLink link;
    Refiller refiller;
};

} // namespace

class TestRefiller : public EngineTest {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_clock.set(Micros{10min});
        m_shared = std::make_unique<store::MemoryStore>(m_clock);
        m_process = std::make_unique<Process>(*m_shared, m_policies, "test:1");
    }
    void cleanup() { m_process.reset(); }

    void refillsWhatIsDue();
    void anyNumberOfThemRefillsOnce();
    void allThatShareABucketAreRefilled();
    void aBucketByKeyThatIsShownIsRefilled();
    void aSpreadStoreGetsACallForEachServer();
    void aTickAskedForMeanwhileFollows();
    void saysWhoRefilledLast();
    void saysHowLateItWas();
    void pausedItOnlyLooks();
    void learnsOfANewerLimit();
    void aTickThatFailsIsRepeated();
    void comesByItself_data();
    void comesByItself();
    void waitsWhileAllIsSettled();

private:
    void start(const PoliciesPtr &policies) { m_process = std::make_unique<Process>(*m_shared, policies, "test:1"); }
    void tick()
    {
        m_process->refiller.tick();
        m_shared->deliver();
    }
    /// A request of nothing by somebody else; what is due is left, or added. Returns the level.
    limit::Tokens lookElsewhere(const std::string &name, bool appliesDue = false)
    {
        limit::Tokens tokens = -1;
        m_shared->take({name, {{name, {kSpec, 1, limit::TokenMode::Keep, {}}}}, {}, appliesDue},
                       [&](const Result<limit::TakeOutput> &result) { tokens = result.value().buckets.front().room; });
        m_shared->deliver();
        return tokens;
    }

    ManualClock m_clock{Micros{0}};
    PoliciesPtr m_policies = policiesOf({minutely("all")});
    std::unique_ptr<Process> m_process;
};

void TestRefiller::refillsWhatIsDue()
{
    tick();
    QCOMPARE(m_process->tokens(), limit::Tokens{0});
    QVERIFY(m_process->pulse().isRunning);
    QVERIFY(m_process->pulse().tickedAtMs > 0);
    m_clock.advance(3min);
    tick();
    QCOMPARE(m_process->tokens(), limit::Tokens{6});
    QCOMPARE(m_process->levels.read().refillTokens, std::int64_t{6});
    m_clock.advance(1h);
    tick();
    QCOMPARE(m_process->tokens(), limit::Tokens{10});
    QCOMPARE(m_process->levels.read().refillTokens, std::int64_t{4});
    QCOMPARE(Micros{m_process->levels.read().nextRefillUs}, Micros{1min}); // also of a full bucket
    QCOMPARE(m_process->refills(), std::int64_t{2}); // the first tick found a bucket that had just begun
    m_shared->deliver();
    tick(); // nothing is due
    QCOMPARE(m_process->refills(), std::int64_t{2});
}

void TestRefiller::anyNumberOfThemRefillsOnce()
{
    std::vector<std::unique_ptr<Process>> processes;
    for (int i = 0; i < 5; ++i)
        processes.push_back(std::make_unique<Process>(*m_shared, m_policies, "test:" + std::to_string(i)));
    for (int round = 0; round < 4; ++round) {
        for (const auto &process : processes) {
            process->refiller.tick();
            m_shared->deliver();
        }
        for (const auto &process : processes) {
            QCOMPARE(process->tokens(), limit::Tokens{2 * round});
            QCOMPARE(process->pulse().lastRefiller, std::string{round > 0 ? "test:0" : ""});
            QCOMPARE(process->pulse().lateTicks, std::int64_t{round > 0 && process == processes.front() ? round : 0});
        }
        m_clock.advance(1min + (round == 0 ? Refiller::kLate + 1us : 0us));
    }
}

// Not those by key, which are refilled by the requests on them, nor a limit that is off.
void TestRefiller::allThatShareABucketAreRefilled()
{
    config::LimitEntry off = minutely("off");
    off.isOn = false;
    start(policiesOf({minutely("all"), keyed(minutely("key")), minutely("other"), off}));
    QSignalSpy ticked{&m_process->refiller, &Refiller::ticked};
    for (const char *name : {"all", "key:x", "other", "off"})
        QCOMPARE(lookElsewhere(name), limit::Tokens{0});
    m_clock.advance(2min);
    tick();
    QCOMPARE(m_process->link.takes, 1);
    QCOMPARE(ticked.count(), 1);
    QCOMPARE(lookElsewhere("all"), limit::Tokens{4});
    QCOMPARE(lookElsewhere("other"), limit::Tokens{4});
    QCOMPARE(lookElsewhere("key:x"), limit::Tokens{0});
    QCOMPARE(lookElsewhere("off"), limit::Tokens{0});
}

void TestRefiller::aBucketByKeyThatIsShownIsRefilled()
{
    const PoliciesPtr policies = policiesOf({minutely("all"), keyed(minutely("key"))});
    start(policies);
    for (const char *name : {"key:x", "key:y"})
        QCOMPARE(lookElsewhere(name), limit::Tokens{0});
    m_clock.advance(2min);
    m_process->refiller.adopt(showing(policies, 1, "x")); // ticks
    m_shared->deliver();
    QCOMPARE(m_process->tokens(), limit::Tokens{4});
    QCOMPARE(m_process->pulse().lastRefiller, std::string{"test:1"});
    QCOMPARE(lookElsewhere("key:x"), limit::Tokens{4});
    QCOMPARE(lookElsewhere("key:y"), limit::Tokens{0});
    QCOMPARE(m_process->refills(1), std::int64_t{0}); // of the bucket that all share: there is none
    m_clock.advance(1min);
    m_process->refiller.adopt(policies);
    m_shared->deliver();
    QCOMPARE(m_process->tokens(), limit::Tokens{2}); // of all, which began two minutes later
    QCOMPARE(lookElsewhere("key:x"), limit::Tokens{4});
}

void TestRefiller::aSpreadStoreGetsACallForEachServer()
{
    config::LimitEntry here = minutely("here"), there = minutely("there");
    here.match.path = "/here";
    there.match.path = "/there";
    start(policiesOf({here, there}));
    m_process->link.hasManyServers = true;
    m_process->refiller.tick();
    m_process->refiller.tick();
    QCOMPARE(m_process->link.takes, 2);
    m_shared->deliver(); // the other tick, once both are answered
    QCOMPARE(m_process->link.takes, 4);
    m_shared->deliver();
    QCOMPARE(m_process->link.takes, 4);
}

void TestRefiller::aTickAskedForMeanwhileFollows()
{
    QSignalSpy ticked{&m_process->refiller, &Refiller::ticked};
    for (int i = 0; i < 3; ++i)
        m_process->refiller.tick();
    for (const int count : {1, 2, 2}) {
        m_shared->deliver();
        QCOMPARE(ticked.count(), count);
    }
}

void TestRefiller::saysWhoRefilledLast()
{
    const auto last = [this] {
        tick();
        return m_process->pulse().lastRefiller;
    };
    QCOMPARE(last(), std::string{});
    m_clock.advance(1min);
    QCOMPARE(last(), std::string{"test:1"});
    QCOMPARE(last(), std::string{"test:1"});
    m_clock.advance(1min + 300ms);
    lookElsewhere("all", true);
    QCOMPARE(last(), std::string{"-"});
    QCOMPARE(m_process->pulse().lateTicks, std::int64_t{0}); // it was not this one
    m_clock.advance(1min);
    m_process->refiller.look();
    m_shared->deliver();
    QCOMPARE(last(), std::string{"-"}); // that one has no name either
}

void TestRefiller::saysHowLateItWas()
{
    QCOMPARE(lookElsewhere("all"), limit::Tokens{0});
    m_clock.advance(1h + 20s);
    tick(); // the first: nobody was there before
    QCOMPARE(m_process->pulse().lastRefiller, std::string{"test:1"});
    QCOMPARE(m_process->pulse().worstLateness, Micros{0});
    QCOMPARE(m_process->pulse().lateTicks, std::int64_t{0});
    m_clock.advance(-20s);
    Micros worst{0};
    std::int64_t late = 0;
    for (const Micros lateness : {Micros{30ms}, Micros{250ms}, Refiller::kLate, Micros{0}}) {
        m_clock.advance(1min + lateness);
        tick();
        m_clock.advance(-lateness);
        worst = std::max(worst, lateness);
        late += lateness > Refiller::kLate ? 1 : 0;
        QCOMPARE(m_process->pulse().lateness, lateness);
        QCOMPARE(m_process->pulse().worstLateness, worst);
        QCOMPARE(m_process->pulse().lateTicks, late);
    }
}

void TestRefiller::pausedItOnlyLooks()
{
    start(withoutRefillOnDemand(m_policies));
    tick();
    m_process->refiller.tick();
    m_process->refiller.pause(true);
    m_shared->deliver(); // what was under way
    QVERIFY(m_process->pulse().isPaused);
    QVERIFY(!m_process->pulse().isRunning);
    m_clock.advance(2min);
    tick();
    QCOMPARE(m_process->link.takes, 2);
    m_process->refiller.look();
    m_shared->deliver();
    QCOMPARE(m_process->link.takes, 3);
    QCOMPARE(m_process->tokens(), limit::Tokens{0});
    m_process->refiller.adopt(m_policies); // on demand, as everybody's request
    m_process->refiller.look();
    m_shared->deliver();
    QCOMPARE(m_process->tokens(), limit::Tokens{4});
    QVERIFY(!m_process->pulse().isRunning);
    m_clock.advance(1min);
    m_process->refiller.pause(false);
    m_shared->deliver();
    QCOMPARE(m_process->tokens(), limit::Tokens{6});
    QVERIFY(m_process->pulse().isRunning);
}

void TestRefiller::learnsOfANewerLimit()
{
    start(policiesOf({minutely("all"), minutely("other")}));
    limit::LimitSpec newer = kSpec;
    newer.capacity = 99;
    m_shared->take({"", {{"other", {newer, 7, limit::TokenMode::Keep, {}}}}, {}},
                   [](const Result<limit::TakeOutput> &) {});
    QSignalSpy found{&m_process->refiller, &Refiller::newerLimitFound};
    tick();
    QCOMPARE(found.count(), 1);
    const auto limit = found[0][0].value<limit::Limit>();
    QCOMPARE(limit.name, std::string{"other"});
    QCOMPARE(limit.spec.capacity, limit::Tokens{99});
    QCOMPARE(limit.epoch, std::int64_t{7});
    QVERIFY(m_process->pulse().isRunning);
}

void TestRefiller::aTickThatFailsIsRepeated()
{
    m_process->link.state = State::Away;
    m_process->refiller.tick();
    QVERIFY(comesTrue([&] { return m_process->link.takes > 1; }));
    QVERIFY(!m_process->pulse().isRunning);
    QCOMPARE(m_process->pulse().tickedAtMs, std::int64_t{0});
    m_process->link.state = State::Fine;
    QVERIFY(comesTrue([&] { return m_process->pulse().isRunning; }));
}

void TestRefiller::comesByItself_data()
{
    QTest::addColumn<bool>("isAway");
    QTest::newRow("of the store") << false;
    QTest::newRow("of what stands in for it") << true;
}

void TestRefiller::comesByItself()
{
    QFETCH(const bool, isAway);
    config::LimitEntry quick = minutely("all");
    quick.spec.refill = 1;
    quick.spec.interval = Micros{20ms};
    const SystemClock clock;
    store::MemoryStore shared{clock};
    Process process{shared, policiesOf({quick}), "test:1"};
    process.refiller.tick();
    shared.deliver();
    QCOMPARE(process.tokens(), limit::Tokens{0});
    if (isAway)
        process.table.begin(std::chrono::steady_clock::now());
    QTRY_VERIFY_WITH_TIMEOUT((shared.deliver(), process.tokens() == 10), kPatienceMs);
    QVERIFY(process.pulse().isRunning);
    QCOMPARE(process.link.takes == 1, isAway);
}

void TestRefiller::waitsWhileAllIsSettled()
{
    tick();
    m_process->table.begin(std::chrono::steady_clock::now());
    QVERIFY(m_process->table.takeWork(true).isLast);
    QSignalSpy ticked{&m_process->refiller, &Refiller::ticked};
    tick();
    QCOMPARE(ticked.count(), 0);
    QVERIFY(m_process->table.finish(true));
    QVERIFY(comesTrue([&] { return ticked.count() > 0; }));
    QCOMPARE(m_process->link.takes, 2);
}

QTEST_GUILESS_MAIN(TestRefiller)
#include "tst_refiller.moc"

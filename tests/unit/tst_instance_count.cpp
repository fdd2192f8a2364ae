// SPDX-License-Identifier: GPL-3.0-only
// How many share the limits: never too few because the store forgot, was away or had its clock stepped.
#include <QTest>

#include <deque>
#include <memory>

#include "core/engine/presence/instance_count.h"
#include "core/store/memory_store.h"

using namespace weir;
using namespace weir::engine;
using namespace std::chrono_literals;

namespace {

constexpr Micros kStart{1'700'000'000'000'000};
constexpr Micros kWindow = store::kInstanceWindow;

/// The store of all: it can forget.
struct Shop {
    ManualClock clock{kStart};
    std::unique_ptr<store::MemoryStore> store = std::make_unique<store::MemoryStore>(clock);
    void forget() { store = std::make_unique<store::MemoryStore>(clock); }
};

/// One instance's link to it.
class Link final : public store::BucketStore {
public:
    explicit Link(Shop &shop) : m_shop{shop} {}
    bool isAway{false};
    bool isSilent{false}; ///< what was asked is done; no answer comes yet

    void countInstances(std::int64_t window, const std::string &instance, store::CountDone done) override
    {
        if (isAway)
            return m_failures.push_back([done] { done(Error{Error::Code::Unavailable, "test", true}); });
        if (isSilent)
            return m_shop.store->countInstances(window, instance, [](const Result<store::InstanceCounts> &) {});
        m_shop.store->countInstances(window, instance, std::move(done));
    }
    void deliver()
    {
        m_shop.store->deliver();
        for (const auto &failure : std::exchange(m_failures, {}))
            failure();
    }
    void take(store::TakeRequest, store::TakeDone) override {}
    void settle(store::SettleRequest, store::SettleDone) override {}
    void ping(store::WriteDone) override {}
    void loadLimit(const std::string &, store::LimitDone) override {}
    void loadRegister(const std::vector<std::string> &, store::RegisterDone) override {}
    void loadAuthors(const std::vector<std::string> &, store::AuthorsDone) override {}
    void saveLimit(const limit::Limit &, const std::string &, store::WriteDone) override {}

private:
    Shop &m_shop;
    std::vector<std::function<void()>> m_failures;
};

struct Instance {
    Instance(Shop &shop, const std::string &name) : link{shop}, count{link, table, name} {}
    std::int64_t look()
    {
        count.look();
        for (int answer = 0; answer < 3; ++answer)
            link.deliver();
        return count.instances();
    }
    Link link;
    BucketTable table;
    InstanceCount count;
};

} // namespace

class TestInstanceCount : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_shop = std::make_unique<Shop>();
        m_all.clear();
        for (const char *name : {"a", "b", "c"})
            m_all.push_back(std::make_unique<Instance>(*m_shop, name));
    }

    void eachIsCountedOnce()
    {
        QCOMPARE(a().look(), std::int64_t{1});
        QCOMPARE(b().look(), std::int64_t{2});
        QCOMPARE(c().look(), std::int64_t{3});
        QCOMPARE(a().look(), std::int64_t{3});
        for (int second = 0; second < 60; ++second)
            QCOMPARE(allLook(), Counts(3, 3, 3));
    }

    void onlyTwoWholeWindowsMakeItLess()
    {
        begin();
        m_all.pop_back();
        const std::int64_t last = window(); // that c was marked in
        while (window() <= last + 2)
            QCOMPARE(allLook(), Counts(3, 3));
        QCOMPARE(allLook(), Counts(2, 2));
        m_all.pop_back();
        passSeconds(20);
        QCOMPARE(allLook(), Counts({1}));
    }

    void aStoreThatForgetsMakesItNoLess()
    {
        begin();
        for (const int seconds : {0, 1, 7}) {
            m_shop->forget();
            QCOMPARE(a().look(), std::int64_t{3}); // it alone is marked
            QCOMPARE(b().look(), std::int64_t{3});
            Instance newcomer{*m_shop, "d"};
            QCOMPARE(newcomer.look(), std::int64_t{3}); // c is not there yet; too few for once
            QCOMPARE(c().look(), std::int64_t{4});
            QCOMPARE(newcomer.look(), std::int64_t{4});
            passSeconds(30 + seconds);
            QCOMPARE(allLook(), Counts(3, 3, 3));
        }
        m_shop->forget();
        m_shop->clock.advance(kWindow); // away for a moment as well, into another window
        QCOMPARE(a().look(), std::int64_t{3});
    }

    // For longer than the count lives; those who come back do so one after the other.
    void anAbsenceMakesItNoLess()
    {
        begin();
        for (auto &instance : m_all)
            instance->link.isAway = true;
        passSeconds(40);
        QCOMPARE(allLook(), Counts(3, 3, 3));
        m_shop->forget();
        a().link.isAway = false;
        for (int second = 0; second < 10; ++second)
            QCOMPARE(allLook(), Counts(3, 3, 3));
        b().link.isAway = c().link.isAway = false;
        passSeconds(30);
        QCOMPARE(allLook(), Counts(3, 3, 3));
    }

    // An outage of which this instance sees only that an answer takes long.
    void aStoreThatIsSlowMakesItNoLess()
    {
        begin();
        m_all.pop_back();
        const std::int64_t last = window();
        while (window() <= last + 1)
            allLook();
        a().link.isSilent = true;
        a().look();
        a().look(); // no answer yet
        QCOMPARE(a().count.instances(), std::int64_t{3});
    }

    void aSteppedClockMakesItNoLess_data()
    {
        QTest::addColumn<qint64>("seconds");
        for (const qint64 seconds : {-86'400, -3600, -11, -6, -5, 5, 6, 11, 3600, 86'400})
            QTest::addRow("%lld s", static_cast<long long>(seconds)) << seconds;
    }
    void aSteppedClockMakesItNoLess()
    {
        QFETCH(const qint64, seconds);
        begin();
        m_shop->clock.set(m_shop->clock.now() + std::chrono::seconds{seconds});
        for (int second = 0; second < 30; ++second)
            QCOMPARE(allLook(), Counts(3, 3, 3));
        m_all.pop_back(); // and it is not stuck
        passSeconds(20);
        QCOMPARE(allLook(), Counts(2, 2));
    }

    // A process that did not run for a while finds the others as it left them, until it knows better.
    void aPauseMakesItNoLess()
    {
        begin();
        for (int second = 0; second < 30; ++second) {
            m_shop->clock.advance(1s);
            b().look();
            c().look();
        }
        QCOMPARE(b().count.instances(), std::int64_t{2}); // a was not heard of
        QCOMPARE(a().look(), std::int64_t{3});
        QCOMPARE(b().look(), std::int64_t{3});
    }

    void itIsSaid()
    {
        std::vector<qint64> said;
        connect(&a().count, &InstanceCount::changed, this, [&](qint64 instances) { said.push_back(instances); });
        begin();
        m_shop->forget();
        passSeconds(20);
        QCOMPARE(said, std::vector<qint64>{3});
        m_all.pop_back();
        passSeconds(20);
        QCOMPARE(said, (std::vector<qint64>{3, 2}));
    }

    void aClockThatIsSteppedIsSaid()
    {
        std::vector<Micros> steps;
        connect(&a().count, &InstanceCount::clockStepped, this, [&](Micros by) { steps.push_back(by); });
        a().look();
        a().look();
        QVERIFY(steps.empty());
        m_shop->clock.advance(-30s);
        a().look();
        QCOMPARE(steps.size(), std::size_t{1});
        QVERIFY(steps[0] > -35s && steps[0] <= -30s); // and what passed meanwhile
        QCOMPARE(a().count.clockRegressions(), std::int64_t{1});
        m_shop->clock.advance(1h);
        a().look();
        QCOMPARE(steps.size(), std::size_t{2});
        QVERIFY(steps[1] > 55min && steps[1] <= 1h);
        QCOMPARE(a().count.clockRegressions(), std::int64_t{1}); // it went forward
    }

    // The others' marks are in the window of the old time: who counts itself alone then must not settle as the only one.
    void isUnsureUntilTheOthersHaveLookedAfterAStep()
    {
        static SteadyInstant s_now{1h};
        setClocks([] { return s_now; }, &detail::systemNow);
        const auto isSure = [this] {
            std::optional<bool> sure;
            a().count.lookFor([&](bool isCounted) { sure = isCounted; });
            for (int answer = 0; answer < 3; ++answer)
                a().link.deliver();
            return sure;
        };
        QCOMPARE(isSure(), true);
        m_shop->clock.advance(2 * kWindow);
        QCOMPARE(isSure(), false);
        s_now += 1s;
        m_shop->clock.advance(1s);
        QCOMPARE(isSure(), false);
        s_now += 2s;
        m_shop->clock.advance(2s);
        QCOMPARE(isSure(), true);
        setClocks(&std::chrono::steady_clock::now, &detail::systemNow);
    }

private:
    using Numbers = std::vector<std::int64_t>;
    template<class... Number>
    static Numbers Counts(Number... number)
    {
        return {std::int64_t{number}...};
    }
    static Numbers Counts(Numbers numbers) { return numbers; }

    Instance &a() { return *m_all[0]; }
    Instance &b() { return *m_all[1]; }
    Instance &c() { return *m_all[2]; }
    [[nodiscard]] std::int64_t window() const { return m_shop->clock.now() / kWindow; }
    Numbers allLook()
    {
        Numbers counts;
        for (auto &instance : m_all)
            counts.push_back(instance->look());
        m_shop->clock.advance(1s);
        return counts;
    }
    void passSeconds(int seconds)
    {
        for (int second = 0; second < seconds; ++second)
            allLook();
    }
    // All three know of each other, and have for a while.
    void begin()
    {
        passSeconds(20);
        QCOMPARE(allLook(), Counts(3, 3, 3));
    }

    std::unique_ptr<Shop> m_shop;
    std::vector<std::unique_ptr<Instance>> m_all;
};

QTEST_GUILESS_MAIN(TestInstanceCount)
#include "tst_instance_count.moc"

// SPDX-License-Identifier: GPL-3.0-only
// The refiller over a store whose clock the test moves: each interval once, whoever ticks.
#include <QSignalSpy>
#include <QTest>

#include "core/engine/refiller.h"
#include "core/store/memory_store.h"

using namespace weir;
using namespace weir::engine;
using namespace std::chrono_literals;

namespace {

constexpr limit::LimitSpec kSpec{10, 2, Micros{1min}, limit::StartLevel::Empty};

PoliciesPtr policies(const limit::LimitSpec &spec, std::int64_t epoch = 1)
{
    return std::make_shared<Policies>(Policies{{"global", spec, epoch}, config::StoreFailurePolicy::Reject});
}

} // namespace

class TestRefiller : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void refillsWhatIsDue();
    void anyNumberOfThemRefillsOnce();
    void aTickAskedForMeanwhileFollows();
    void learnsOfANewerLimit();
    void comesByItself();
};

void TestRefiller::refillsWhatIsDue()
{
    ManualClock clock{Micros{10min}};
    store::MemoryStore store{clock};
    Standby standby;
    telemetry::LevelBoard levels;
    Refiller refiller{store, policies(kSpec), standby, levels, "test:1"};
    refiller.start();
    store.deliver();
    QCOMPARE(levels.read().tokens, std::int64_t{0});
    QVERIFY(refiller.isRunning());
    clock.advance(3min);
    refiller.tick();
    store.deliver();
    QCOMPARE(levels.read().tokens, std::int64_t{6});
    QCOMPARE(levels.read().refillTokens, std::int64_t{6});
    clock.advance(1h);
    refiller.tick();
    store.deliver();
    QCOMPARE(levels.read().tokens, std::int64_t{10});
    QCOMPARE(levels.read().refillTokens, std::int64_t{4});
}

void TestRefiller::anyNumberOfThemRefillsOnce()
{
    ManualClock clock{Micros{10min}};
    store::MemoryStore store{clock};
    Standby standby;
    std::vector<telemetry::LevelBoard> boards(5);
    std::vector<std::unique_ptr<Refiller>> refillers;
    for (telemetry::LevelBoard &board : boards)
        refillers.push_back(std::make_unique<Refiller>(store, policies(kSpec), standby, board, "test:1"));
    for (int round = 0; round < 4; ++round) {
        for (const auto &refiller : refillers) {
            refiller->tick();
            store.deliver();
        }
        for (const telemetry::LevelBoard &board : boards)
            QCOMPARE(board.read().tokens, std::int64_t{2 * round});
        clock.advance(1min);
    }
}

void TestRefiller::aTickAskedForMeanwhileFollows()
{
    ManualClock clock{Micros{10min}};
    store::MemoryStore store{clock};
    Standby standby;
    telemetry::LevelBoard levels;
    Refiller refiller{store, policies(kSpec), standby, levels, "test:1"};
    QSignalSpy ticked{&refiller, &Refiller::ticked};
    refiller.tick();
    refiller.tick();
    refiller.tick();
    store.deliver();
    QCOMPARE(ticked.count(), 1);
    store.deliver();
    QCOMPARE(ticked.count(), 2);
    store.deliver();
    QCOMPARE(ticked.count(), 2);
}

void TestRefiller::learnsOfANewerLimit()
{
    ManualClock clock{Micros{10min}};
    store::MemoryStore store{clock};
    Standby standby;
    telemetry::LevelBoard levels;
    limit::LimitSpec newer = kSpec;
    newer.capacity = 99;
    store.take({"global", newer, 7, limit::TokenMode::Keep, {}}, [](const Result<limit::TakeOutput> &) {});
    Refiller refiller{store, policies(kSpec), standby, levels, "test:1"};
    QSignalSpy found{&refiller, &Refiller::newerLimitFound};
    refiller.tick();
    store.deliver();
    QCOMPARE(found.count(), 1);
    QCOMPARE(found[0][0].value<limit::Limit>().spec.capacity, limit::Tokens{99});
    QCOMPARE(found[0][0].value<limit::Limit>().epoch, std::int64_t{7});
}

void TestRefiller::comesByItself()
{
    const SystemClock clock;
    store::MemoryStore store{clock};
    Standby standby;
    telemetry::LevelBoard levels;
    Refiller refiller{store, policies({10, 1, Micros{20ms}, limit::StartLevel::Empty}), standby, levels, "test:1"};
    refiller.start();
    QTRY_VERIFY_WITH_TIMEOUT((store.deliver(), levels.read().tokens == 10), 10'000);
}

QTEST_GUILESS_MAIN(TestRefiller)
#include "tst_refiller.moc"

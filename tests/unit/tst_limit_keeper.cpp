// SPDX-License-Identifier: GPL-3.0-only
// The limit in force: what the command line says, what the store remembers, what others change.
#include <optional>

#include <QSignalSpy>
#include <QTest>

#include "core/engine/limit_keeper.h"
#include "core/store/memory_store.h"

using namespace weir;
using namespace weir::engine;
using namespace std::chrono_literals;

namespace {

// A keeper over a store of its own clock, with calls that wait for their answer.
struct Bench {
    explicit Bench(store::MemoryStore &shared) : store{shared}, keeper{shared, levels} {}

    std::optional<Result<limit::Limit>> settle(const config::LimitWish &wish)
    {
        std::optional<Result<limit::Limit>> answer;
        keeper.settle("global", wish, limit::TokenMode::Keep, [&](Result<limit::Limit> result) { answer = std::move(result); });
        deliverAll();
        return answer;
    }
    std::optional<Result<limit::Limit>> change(const limit::LimitSpec &spec,
                                               limit::TokenMode mode = limit::TokenMode::Keep)
    {
        std::optional<Result<limit::Limit>> answer;
        keeper.change(spec, mode, [&](Result<limit::Limit> result) { answer = std::move(result); });
        deliverAll();
        return answer;
    }
    void deliverAll()
    {
        for (int i = 0; i < 16; ++i) // each answer may lead to another question
            store.deliver();
    }

    store::MemoryStore &store;
    telemetry::LevelBoard levels;
    LimitKeeper keeper;
};

constexpr limit::LimitSpec kOther{20, 10, Micros{10s}, limit::StartLevel::Full};

} // namespace

class TestLimitKeeper : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aNewStoreGetsTheDefaults();
    void whatWasNotSaidIsRemembered();
    void whatWasSaidWins();
    void aWishThatFitsNoRememberedLimitIsToldSo();
    void theLaterWishWins();
    void anOlderLimitIsNotLearnt();
    void levels();

private:
    ManualClock m_clock{Micros{1h}};
};

void TestLimitKeeper::aNewStoreGetsTheDefaults()
{
    store::MemoryStore store{m_clock};
    Bench bench{store};
    const auto settled = bench.settle({});
    QVERIFY(settled && settled->isOk());
    QCOMPARE(settled->value(), (limit::Limit{"global", limit::LimitSpec{}, 1}));
}

void TestLimitKeeper::whatWasNotSaidIsRemembered()
{
    store::MemoryStore store{m_clock};
    {
        Bench first{store};
        first.settle({});
        QVERIFY(first.change(kOther)->isOk());
    }
    Bench second{store};
    QSignalSpy changed{&second.keeper, &LimitKeeper::changed};
    QCOMPARE(second.settle({})->value(), (limit::Limit{"global", kOther, 2}));
    QCOMPARE(changed.count(), 0);
}

void TestLimitKeeper::whatWasSaidWins()
{
    store::MemoryStore store{m_clock};
    Bench bench{store};
    bench.settle({20, 10, Micros{10s}, std::nullopt});
    Bench again{store};
    const auto settled = again.settle({.capacity = 8, .refill = {}, .interval = {}, .start = {}});
    // The capacity was said; the refill was not, and follows it down.
    QCOMPARE(settled->value(), (limit::Limit{"global", {8, 8, Micros{10s}, limit::StartLevel::Full}, 2}));
}

void TestLimitKeeper::aWishThatFitsNoRememberedLimitIsToldSo()
{
    store::MemoryStore store{m_clock};
    Bench bench{store};
    bench.settle({});
    Bench again{store};
    const auto settled = again.settle({.capacity = {}, .refill = 6, .interval = {}, .start = {}});
    QVERIFY(settled && !settled->isOk());
    QCOMPARE(settled->error().code, Error::Code::Invalid);
    QVERIFY(settled->error().detail.starts_with("--refill"));
}

void TestLimitKeeper::theLaterWishWins()
{
    store::MemoryStore store{m_clock};
    Bench one{store};
    Bench two{store};
    one.settle({});
    two.settle({});
    QVERIFY(one.change(kOther)->isOk());
    QSignalSpy changed{&two.keeper, &LimitKeeper::changed};
    // Its epoch is the other's, its numbers are less strict: refused, learnt, and asked again.
    const auto result = two.change({kOther.capacity + 7, 7, Micros{1s}, limit::StartLevel::Full});
    QVERIFY(result && result->isOk());
    QCOMPARE(result->value().epoch, std::int64_t{3});
    QCOMPARE(changed.count(), 2);
}

void TestLimitKeeper::anOlderLimitIsNotLearnt()
{
    store::MemoryStore store{m_clock};
    Bench bench{store};
    bench.settle({});
    bench.change(kOther);
    bench.keeper.learn({"global", limit::LimitSpec{}, 1});
    QCOMPARE(bench.keeper.limit().spec, kOther);
    bench.keeper.learn({"global", limit::LimitSpec{}, 9});
    QCOMPARE(bench.keeper.limit().epoch, std::int64_t{9});
}

void TestLimitKeeper::levels()
{
    store::MemoryStore store{m_clock};
    Bench bench{store};
    bench.settle({});
    limit::Tokens level = -1;
    bench.keeper.setLevel(limit::StartLevel::Empty,
                          [&](const Result<limit::Tokens> &result) { level = result.value(); });
    bench.deliverAll();
    QCOMPARE(level, limit::Tokens{0});
    QCOMPARE(bench.levels.read().tokens, std::int64_t{0});
    bench.keeper.setLevel(limit::StartLevel::Full,
                          [&](const Result<limit::Tokens> &result) { level = result.value(); });
    bench.deliverAll();
    QCOMPARE(level, limit::Tokens{5});
}

QTEST_GUILESS_MAIN(TestLimitKeeper)
#include "tst_limit_keeper.moc"

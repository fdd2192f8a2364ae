// SPDX-License-Identifier: GPL-3.0-only
// Outages from begin to end, by chance: nothing is overspent, and what can be exact is.
#include <QTest>

#include "core/limit/local_bucket.h"
#include "tests/support/seed.h"

using namespace weir;
using namespace weir::limit;
using namespace weir::test;

namespace {

constexpr int kRounds = 3000;

LimitSpec randomSpec(Random &random)
{
    LimitSpec spec;
    spec.capacity = random.oneIn(2) ? random.between(1, 20) : random.between(1, 100'000);
    spec.refill = random.between(1, spec.capacity);
    spec.interval = Micros{random.between(10'000, 10'000'000)};
    return spec;
}

// One instance with its store, both moved by the test.
struct World {
    LimitSpec spec;
    Micros now{1'700'000'000'000'000};
    std::optional<Bucket> store;
    SettleMark mark;
    Known known;
    std::int64_t outage{0};
    Tokens given{0};   ///< to clients
    Tokens granted{0}; ///< by takes whose answers never came: to nobody
    Tokens owed{0};    ///< taken by others while the store had forgotten

    TakeInput call(std::span<const CostRun> runs) const
    {
        TakeInput input{.spec = spec, .now = now, .runs = runs};
        input.known = known;
        return input;
    }
    void take(Tokens cost, std::int64_t count)
    {
        const std::vector<CostRun> runs{{cost, count}};
        const TakeOutput output = limit::take(store, call(runs));
        known = knownFrom(known, known, output);
        given += output.granted[0] * cost;
    }
    void owe(Tokens tokens)
    {
        store->debt += tokens;
        store->taken += tokens;
        owed += tokens;
        take(1, 0);
    }
    void lateTake(Tokens cost, std::int64_t count, const Known &then)
    {
        const std::vector<CostRun> runs{{cost, count}};
        TakeInput input = call(runs);
        input.known = then;
        granted += limit::take(store, input).granted[0] * cost;
    }
};

} // namespace

class TestSettleLaws : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nothingIsOverspent();
    void anOutageLeavesNoTrace();
    void aSettlementIsEnteredOnce();
    void theExcessOfAnAnswerThatIsLostIsToldAgain_data();
    void theExcessOfAnAnswerThatIsLostIsToldAgain();
    void whatWasOwedIsNoLevelToGiveFrom();
};

// Takes in doubt that are done at once, late, after the return or never; stores that forget, and what is owed after that;
// settlements whose answers are lost.
void TestSettleLaws::nothingIsOverspent()
{
    Random random;
    std::int64_t exact = 0, settled = 0;
    for (int round = 0; round < kRounds; ++round) {
        World world{.spec = randomSpec(random)};
        const auto step = [&] { world.now += Micros{random.between(0, 2 * world.spec.interval.count())}; };
        bool isMarkLost = false; // with it what has been entered of an outage; that is entered twice, which is safe
        world.take(1, 0);
        const std::int64_t first = world.store->interval;
        for (int cycle = 0; cycle < 3; ++cycle) {
            for (std::int64_t n = random.between(0, 5); n > 0; --n) {
                step();
                world.take(1, random.between(0, world.spec.capacity + 1));
            }
            if (random.oneIn(3))
                world.owe(random.between(1, world.spec.capacity));
            const Tokens doubt = random.oneIn(2) ? 0 : random.between(0, world.spec.capacity);
            const Known then = world.known;
            const std::int64_t when = doubt > 0 ? random.between(0, 3) : 3;
            if (when == 0)
                world.lateTake(1, doubt, then);
            LocalBucket local{{.spec = world.spec, .known = then, .inDoubt = doubt}, ++world.outage};
            std::int64_t attempts = random.between(1, 3);
            while (attempts-- > 0) {
                for (std::int64_t n = random.between(0, 5); n > 0; --n) {
                    step();
                    const std::vector<CostRun> runs{{1, random.between(0, world.spec.capacity + 1)}};
                    world.given += local.take(world.now, runs, true).granted[0];
                }
                if (when == 1 && attempts == 0)
                    world.lateTake(1, doubt, then);
                if (random.oneIn(5)) {
                    isMarkLost = isMarkLost || world.mark.outage == world.outage;
                    world.store.reset(), world.mark = {};
                }
                const SettleOutput output = settle(world.store, world.mark, world.call({}), local.settlement(true));
                QVERIFY(output.isSettled);
                if (attempts == 0 || random.oneIn(2)) // else its answer is lost
                    world.known = knownFrom(world.known, world.known, output.bucket);
                exact += output.isExact ? 1 : 0;
                ++settled;
            }
            if (when == 2)
                world.lateTake(1, doubt, then);
        }
        step();
        world.take(1, 2 * world.spec.capacity); // all that is left
        const Tokens most = world.spec.capacity + world.spec.refill * (world.now / world.spec.interval - first);
        const Tokens used = world.given + world.owed - world.store->debt;
        QVERIFY2(used <= most, qPrintable(QStringLiteral("round %1: %2 of %3").arg(round).arg(used).arg(most)));
        const Tokens due = world.spec.capacity + world.store->refilled - world.store->taken;
        const Tokens level = world.store->tokens - world.store->debt;
        QVERIFY2(isMarkLost ? level <= due : level == due,
                 qPrintable(QStringLiteral("round %1: %2 of %3").arg(round).arg(level).arg(due)));
    }
    QVERIFY2(exact > settled / 2, qPrintable(QStringLiteral("%1 of %2").arg(exact).arg(settled)));
}

// Nobody else takes, and what is in doubt was not taken: afterwards the bucket is as if the store had never been away.
void TestSettleLaws::anOutageLeavesNoTrace()
{
    Random random;
    for (int round = 0; round < kRounds; ++round) {
        World world{.spec = randomSpec(random)};
        world.take(1, random.between(0, world.spec.capacity));
        std::optional<Bucket> undisturbed = world.store;
        LocalBucket local{{.spec = world.spec, .known = world.known, .inDoubt = random.between(0, 100)}, 1};
        for (std::int64_t n = random.between(0, 10); n > 0; --n) {
            world.now += Micros{random.between(0, 2 * world.spec.interval.count())};
            const std::vector<CostRun> runs{{random.between(0, 3), random.between(0, world.spec.capacity)}};
            const TakeOutput here = local.take(world.now, runs, true);
            const TakeOutput there = limit::take(undisturbed, {.spec = world.spec, .now = world.now, .runs = runs});
            QCOMPARE(here.granted, there.granted);
            QCOMPARE(here.tokens, there.tokens);
            QCOMPARE(here.nextRefill, there.nextRefill);
            if (random.oneIn(3)) // refillers of others go on
                limit::take(world.store, {.spec = world.spec, .now = world.now});
        }
        const SettleOutput output = settle(world.store, world.mark, world.call({}), local.settlement(true));
        QVERIFY(output.isExact);
        limit::take(undisturbed, {.spec = world.spec, .now = world.now});
        QCOMPARE(knownAfter(output.bucket),
                 knownAfter(limit::take(undisturbed, {.spec = world.spec, .now = world.now})));
    }
}

void TestSettleLaws::aSettlementIsEnteredOnce()
{
    World world{.spec = {10, 1, Micros{1'000'000}}};
    world.take(1, 0);
    LocalBucket local{{.spec = world.spec, .known = world.known}, 1};
    const std::vector<CostRun> three{{1, 3}};
    local.take(world.now, three, true);
    const Settlement first = local.settlement(true);
    QVERIFY(settle(world.store, world.mark, world.call({}), first).isSettled);
    QCOMPARE(world.store->tokens, Tokens{7});
    QVERIFY(!settle(world.store, world.mark, world.call({}), first).isSettled); // sent twice
    local.take(world.now, three, true);
    QVERIFY(settle(world.store, world.mark, world.call({}), local.settlement(true)).isExact);
    QCOMPARE(world.store->tokens, Tokens{4});
    QCOMPARE(world.store->taken, std::int64_t{6});
    QVERIFY(!settle(world.store, world.mark, world.call({}), first).isSettled); // and late
    QCOMPARE(world.store->tokens, Tokens{4});
}

void TestSettleLaws::theExcessOfAnAnswerThatIsLostIsToldAgain_data()
{
    QTest::addColumn<bool>("isBornAnew");
    QTest::newRow("the bucket that it knew") << false;
    QTest::newRow("one that was begun anew") << true;
}

// Two that do not know of each other give ten tokens each.
void TestSettleLaws::theExcessOfAnAnswerThatIsLostIsToldAgain()
{
    QFETCH(const bool, isBornAnew);
    World world{.spec = {10, 1, Micros{1'000'000}}};
    world.take(1, 0);
    const std::vector<CostRun> ten{{1, 10}};
    LocalBucket local{{.spec = world.spec, .known = world.known}, 1};
    local.take(world.now, ten, true);
    if (isBornAnew)
        world.store.reset();
    world.now += Micros{1};
    limit::take(world.store, {.spec = world.spec, .now = world.now, .runs = ten});
    QCOMPARE(settle(world.store, world.mark, world.call({}), local.settlement(true)).excess, Tokens{10});
    const SettleOutput again = settle(world.store, world.mark, world.call({}), local.settlement(true));
    QVERIFY(again.isSettled);
    QCOMPARE(again.excess, Tokens{10});
    local = LocalBucket{{.spec = world.spec, .known = knownAfter(again.bucket)}, 2};
    QCOMPARE(settle(world.store, world.mark, world.call({}), local.settlement(true)).excess, Tokens{0});
}

// Of two refills in the outage the first pays what was owed at its beginning; another takes the second as well.
void TestSettleLaws::whatWasOwedIsNoLevelToGiveFrom()
{
    World world{.spec = {10, 4, Micros{1'000'000}}};
    world.take(1, 10);
    world.owe(4);
    LocalBucket local{{.spec = world.spec, .known = world.known, .instances = 1}, 1};
    world.now += Micros{2'000'000};
    const std::vector<CostRun> all{{1, 10}};
    QCOMPARE(local.take(world.now, all, true).granted.front(), std::int64_t{4});
    QCOMPARE(limit::take(world.store, {.spec = world.spec, .now = world.now, .runs = all}).granted.front(),
             std::int64_t{4});
    QCOMPARE(settle(world.store, world.mark, world.call({}), local.settlement(true)).excess, Tokens{4});
}

QTEST_APPLESS_MAIN(TestSettleLaws)
#include "tst_settle_laws.moc"

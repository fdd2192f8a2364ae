// SPDX-License-Identifier: GPL-3.0-only
// Outages of buckets of every algorithm from begin to end, by chance: nothing is overspent, what somebody else has set stays
// set, and what can be exact is.
#include <QTest>

#include "core/engine/known/local_buckets.h"
#include "tests/support/random_limit.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::limit;
using namespace weir::test;

namespace {

constexpr int kRounds = 1500;
const std::string kName = "all";

/// One instance with its store, both moved by the test.
struct World {
    LocalBuckets::Call call{kName, {}, 1};
    Micros now{1'700'000'000'000'000};
    std::optional<Bucket> store;
    std::optional<Bucket> truth; ///< one that all clients took from
    SettleMark mark;
    KnownBuckets known;
    LocalBuckets local;
    std::int64_t outage{0};
    Tokens told{0}; ///< excess that settlements have told of and clients have not had yet
    Tokens toldOfOutage{0};
    bool appliesDue{true}; ///< of what is decided without the store, and of the settlement

    explicit World(const LimitSpec &spec)
    {
        call.spec = spec;
        truth.emplace();
        truth->spec = spec;
        truth->cell = startCell(spec, now);
    }
    [[nodiscard]] BucketCall asked(TokenMode mode = TokenMode::Keep) const
    {
        return {call.spec, call.epoch, mode, known.knownFor(kName, call.spec)};
    }
    BucketOutput takeFromStore(const BucketCall &sent, Tokens cost, std::int64_t count, std::int64_t *granted)
    {
        letTimePass();
        const std::vector<AskRun> runs{{{{0, cost}}, count}};
        const TakeOutput output = limit::take({&store, 1}, {now, {&sent, 1}, runs, true});
        if (granted)
            *granted = output.runs.front().granted;
        return output.buckets.front();
    }
    /// Clients of this instance while the store is there. False: they had more than there was.
    bool take(Tokens cost, std::int64_t count)
    {
        const BucketCall sent = asked();
        std::int64_t granted = 0;
        const BucketOutput output = takeFromStore(sent, cost, count, &granted);
        known.learn(kName, sent.spec, sent.known, output, now);
        return give(granted * cost);
    }
    bool takeLocally(Tokens cost, std::int64_t count)
    {
        const std::vector<AskRun> runs{{{{0, cost}}, count}};
        return give(local.take({call}, runs, known, now, appliesDue).runs.front().granted * cost);
    }
    void letTimePass()
    {
        advance(truth->spec, truth->cell, now);
        if (truth->debt > 0)
            truth->debt -= charge(truth->spec, truth->cell, truth->debt);
    }
    bool give(Tokens tokens)
    {
        letTimePass();
        told -= tokens - charge(truth->spec, truth->cell, tokens);
        return told >= 0;
    }
    /// By others, while the store had forgotten.
    bool owe(Tokens tokens)
    {
        for (auto *bucket : {&store, &truth}) {
            (*bucket)->debt += tokens;
            (*bucket)->taken += tokens;
        }
        return take(1, 0);
    }
    /// By somebody who knows nothing of this instance.
    void set(TokenMode mode) { takeFromStore({call.spec, call.epoch, mode, {}}, 0, 0, nullptr); }
    void begin(Tokens inDoubt = 0)
    {
        known.entry(kName, now).inDoubt = inDoubt;
        local.begin(++outage, 1, now, now);
        toldOfOutage = 0;
    }
    /// Level that the store has now, as it would tell it.
    [[nodiscard]] Tokens room() const
    {
        Bucket bucket = *store;
        if (now > timeOf(bucket.spec, bucket.cell))
            advance(bucket.spec, bucket.cell, now);
        return roomOf(bucket.spec, bucket.cell);
    }
    std::optional<SettleOutput> settle(bool isAnswered = true)
    {
        letTimePass();
        const auto work = local.work(1, true);
        if (work.empty())
            return std::nullopt;
        const BucketCall sent = asked();
        const SettleOutput output = limit::settle(store, mark, sent, now, work.front().settlement, appliesDue);
        told += output.excess - std::exchange(toldOfOutage, output.excess);
        if (isAnswered) {
            local.confirm(work.front(), output);
            known.learn(kName, sent.spec, sent.known, output.bucket, now);
        }
        return output;
    }
};

} // namespace

class TestSettleLaws : public QObject {
    Q_OBJECT
    static LimitSpec spec(Random &random)
    {
        QFETCH_GLOBAL(const int, index);
        LimitSpec spec = randomLimit(random, static_cast<Algorithm>(index));
        spec.start = StartLevel::Full;
        return spec;
    }
    static LimitSpec ofTen()
    {
        QFETCH_GLOBAL(const int, index);
        return {10, 10, Micros{1'000'000}, StartLevel::Full, static_cast<Algorithm>(index)};
    }
    static void step(World &world, Random &random)
    {
        world.now = std::max(world.now, randomMoment(random, world.now, world.call.spec.interval));
    }

private Q_SLOTS:
    void initTestCase_data()
    {
        QTest::addColumn<int>("index");
        for (const Algorithm algorithm : kAlgorithms)
            QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm);
    }

    // Takes in doubt that are done at once, late, after the return or never; settlements whose answers are lost; a store
    // that forgets the bucket and the mark.
    void nothingIsOverspent()
    {
        Random random;
        int settled = 0, exact = 0;
        for (int round = 0; round < kRounds; ++round) {
            World world{spec(random)};
            const Tokens capacity = world.call.spec.capacity;
            QVERIFY(world.take(1, random.between(0, capacity)));
            for (int cycle = 0; cycle < 3; ++cycle) {
                if (random.oneIn(3))
                    QVERIFY(world.owe(random.between(1, capacity)));
                const Tokens doubt = random.oneIn(2) ? 0 : random.between(0, capacity);
                const BucketCall then = world.asked();
                const std::int64_t when = doubt > 0 ? random.between(0, 3) : 3;
                const auto comeLate = [&] { world.takeFromStore(then, 1, doubt, nullptr); };
                if (when == 0)
                    comeLate();
                world.begin(doubt);
                for (std::int64_t attempts = random.between(1, 3); attempts > 0; --attempts) {
                    for (std::int64_t n = random.between(1, 4); n > 0; --n) {
                        step(world, random);
                        const bool isThere = world.takeLocally(1, random.between(0, capacity + 1));
                        QVERIFY2(isThere, QByteArray::number(round));
                    }
                    if (when == 1 && attempts == 1)
                        comeLate();
                    if (random.oneIn(5))
                        world.store.reset(), world.mark = {};
                    if (const auto output = world.settle(attempts == 1 || random.oneIn(2))) {
                        ++settled;
                        exact += output->isExact ? 1 : 0;
                    }
                }
                world.local.clear();
                if (when == 2)
                    comeLate();
                step(world, random);
                const bool isThere = world.take(1, random.between(0, capacity + 1));
                QVERIFY2(isThere, QByteArray::number(round));
                const Bucket &found = *world.store; // what it has is what it began with and what has come and gone
                QCOMPARE(roomOf(found.spec, found.cell) - found.debt, capacity + found.refilled - found.taken);
            }
        }
        QFETCH_GLOBAL(const int, index);
        const bool canBeExact = static_cast<Algorithm>(index) != Algorithm::SlidingLog;
        QVERIFY2(canBeExact ? exact > settled / 2 : exact == 0,
                 qPrintable(QStringLiteral("%1 of %2").arg(exact).arg(settled)));
    }

    void aSettlementIsEnteredOnce()
    {
        World world{ofTen()};
        QVERIFY(world.take(1, 0));
        world.begin();
        QVERIFY(world.takeLocally(1, 3));
        const Settlement first = world.local.work(1, true).front().settlement;
        const auto isEntered = [&](const Settlement &settlement) {
            return limit::settle(world.store, world.mark, world.asked(), world.now, settlement).isSettled;
        };
        QVERIFY(isEntered(first));
        QCOMPARE(world.room(), Tokens{7});
        QVERIFY(!isEntered(first)); // sent twice
        QVERIFY(world.takeLocally(1, 3));
        QVERIFY(isEntered(world.local.work(1, true).front().settlement));
        QVERIFY(!isEntered(first)); // and late
        QCOMPARE(world.room(), Tokens{4});
        QCOMPARE(world.store->taken, std::int64_t{6});
        QCOMPARE(world.store->admitted, std::int64_t{6});
    }

    // Takes in doubt that were done have taken for nobody.
    void whatIsFoundTakenIsGone()
    {
        World world{ofTen()};
        QVERIFY(world.take(1, 0));
        world.takeFromStore(world.asked(), 1, 3, nullptr);
        world.begin(5);
        QVERIFY(world.takeLocally(1, 4));
        const auto output = world.settle();
        QVERIFY(output && output->isSettled);
        QCOMPARE(output->isExact, world.call.spec.algorithm != Algorithm::SlidingLog);
        QCOMPARE(output->foundTaken, Tokens{output->isExact ? 3 : 0});
        QCOMPARE(output->excess, Tokens{0});
        QCOMPARE(world.room(), Tokens{3});
    }

    // Refill on demand is off: neither what is decided nor its settlement adds what is left to the refiller.
    void whatIsLeftToTheRefillerStaysLeft()
    {
        World world{ofTen()};
        QVERIFY(world.take(1, 10));
        world.appliesDue = false;
        world.begin();
        world.now += Micros{5'000'000};
        QVERIFY(world.takeLocally(1, 1));
        const auto output = world.settle();
        QVERIFY(output && output->isSettled);
        const Algorithm algorithm = world.call.spec.algorithm;
        QCOMPARE(output->isExact, algorithm != Algorithm::SlidingLog);
        QCOMPARE(output->excess, Tokens{0});
        QCOMPARE(roomOf(world.store->spec, world.store->cell), Tokens{algorithm == Algorithm::TokenBucket ? 0 : 9});
    }

    // Two that do not know of each other give ten tokens each: from the bucket that it knew, or from one that was begun anew.
    void theExcessOfAnAnswerThatIsLostIsToldAgain()
    {
        for (const bool isBornAnew : {false, true}) {
            World world{ofTen()};
            QVERIFY(world.take(1, 0));
            world.begin();
            QVERIFY(world.takeLocally(1, 10));
            if (isBornAnew)
                world.store.reset();
            world.now += Micros{1};
            world.takeFromStore({world.call.spec, 1, TokenMode::Keep, {}}, 1, 10, nullptr);
            for (const bool isAnswered : {false, true}) {
                const auto output = world.settle(isAnswered);
                QVERIFY(output && output->isSettled);
                QCOMPARE(output->excess, Tokens{10});
            }
            world.begin();
            QVERIFY(world.takeLocally(1, 1)); // there is none
            QCOMPARE(world.settle()->excess, Tokens{0});
        }
    }

    // What comes back in the outage pays what was owed at its beginning; another takes the rest as well.
    void whatWasOwedIsNoLevelToGiveFrom()
    {
        World world{ofTen()};
        QVERIFY(world.take(1, 10));
        QVERIFY(world.owe(4));
        world.begin();
        const bool isLastCounted = world.call.spec.algorithm == Algorithm::SlidingCounter; // for an interval more
        world.now += (isLastCounted ? 2 : 1) * world.call.spec.interval;
        QVERIFY(world.takeLocally(1, 10));
        QCOMPARE(world.local.spent(), Tokens{6});
        std::int64_t granted = 0;
        world.takeFromStore({world.call.spec, 1, TokenMode::Keep, {}}, 1, 10, &granted);
        QCOMPARE(granted, std::int64_t{6});
        QCOMPARE(world.settle()->excess, Tokens{6});
    }

    void anEmptiedBucketStaysEmpty() { whatSomebodyHasSetStays(TokenMode::Drain); }
    void aFilledBucketStaysFull() { whatSomebodyHasSetStays(TokenMode::Refill); }

    // Nobody else takes, and what is in doubt was not taken: it is as if the store had never been away, then and afterwards.
    void anOutageLeavesNoTrace()
    {
        QFETCH_GLOBAL(const int, index);
        if (static_cast<Algorithm>(index) == Algorithm::SlidingLog)
            return; // its entries are not sent
        Random random;
        for (int round = 0; round < kRounds; ++round) {
            World world{spec(random)};
            QVERIFY(world.take(1, random.between(0, world.call.spec.capacity)));
            world.begin(random.between(0, 100));
            for (std::int64_t n = random.between(1, 10); n > 0; --n) {
                step(world, random);
                QVERIFY(world.takeLocally(random.between(0, 3), random.between(1, world.call.spec.capacity + 1)));
                const TakeOutput here = world.local.take({world.call}, {}, world.known, world.now, true);
                QCOMPARE(here.buckets.front().room, roomOf(world.truth->spec, world.truth->cell));
                if (random.oneIn(3)) // refillers of others go on
                    world.set(TokenMode::Keep);
            }
            const auto output = world.settle();
            QVERIFY2(output && output->isExact, QByteArray::number(round));
            advance(world.truth->spec, world.truth->cell, world.now);
            const Cell &truth = world.truth->cell;
            QCOMPARE(world.room(), roomOf(world.call.spec, truth));
            QCOMPARE(untilFull(world.call.spec, world.store->cell, world.now),
                     untilFull(world.call.spec, truth, world.now));
        }
    }

    // What is not there is told or not there later: the part of a token that has come back goes with it (explorer, seed 100977).
    void whatIsMissingIsNotGivenOnceMore()
    {
        QFETCH_GLOBAL(const int, index);
        const auto algorithm = static_cast<Algorithm>(index);
        if (algorithm != Algorithm::TokenBucketSmooth && algorithm != Algorithm::Gcra
            && algorithm != Algorithm::LeakyBucket)
            return; // the others have no parts
        World world{{7, 1, Micros{4'000'000}, StartLevel::Full, algorithm}};
        QVERIFY(world.take(1, 0));
        LocalBuckets local;
        local.begin(1, 2, world.now, world.now);
        const std::vector<AskRun> one{{{{0, 1}}, 1}};
        QCOMPARE(local.take({world.call}, one, world.known, world.now, true).runs.front().granted, std::int64_t{1});
        QVERIFY(world.take(1, 7)); // by another, meanwhile
        world.now += Micros{6'000'000};
        QVERIFY(world.take(1, 1)); // a half of one is there
        SettleMark mark;
        const auto work = local.work(1, false);
        const SettleOutput output = limit::settle(world.store, mark, world.asked(), world.now, work.front().settlement);
        QCOMPARE(output.excess, Tokens{1});
        QCOMPARE(output.bucket.untilChange, Micros{4'000'000});
    }

    // Three have gone on with their shares over many intervals, each in its turn and as far as it could.
    void sharesThatAreKeptTellNoExcess()
    {
        QFETCH_GLOBAL(const int, index);
        const auto algorithm = static_cast<Algorithm>(index);
        if (algorithm == Algorithm::SlidingLog || algorithm == Algorithm::SlidingCounter)
            return; // all that is entered late is told of
        Random random;
        Tokens all = 0;
        for (int round = 0; round < kRounds / 10; ++round) {
            World world{spec(random)};
            QVERIFY(world.take(1, random.between(0, world.call.spec.capacity)));
            std::vector<LocalBuckets> locals(3);
            for (LocalBuckets &local : locals)
                local.begin(1, 3, world.now, world.now);
            const std::vector<AskRun> runs{{{{0, 1}}, world.call.spec.capacity}};
            for (int interval = 0; interval < 20; ++interval) {
                world.now += world.call.spec.interval;
                for (LocalBuckets &local : locals)
                    all += local.take({world.call}, runs, world.known, world.now, true).runs.front().granted;
            }
            for (LocalBuckets &local : locals) {
                SettleMark mark;
                for (const LocalBuckets::Work &work : local.work(1, false))
                    QCOMPARE(limit::settle(world.store, mark, world.asked(), world.now, work.settlement).excess,
                             Tokens{0});
            }
        }
        QVERIFY(all > 0);
    }

private:
    static void whatSomebodyHasSetStays(TokenMode mode)
    {
        Random random;
        int differs = 0; // rounds in which the level was another one after that
        for (int round = 0; round < kRounds; ++round) {
            World world{spec(random)};
            QVERIFY(world.take(1, random.between(0, world.call.spec.capacity)));
            const Tokens doubt = random.oneIn(3) ? random.between(0, 5) : 0; // counts as taken
            world.begin(doubt);
            Tokens spent = 0;
            const auto spend = [&] {
                const Tokens before = world.local.spent();
                world.takeLocally(1, random.between(0, 3));
                spent += world.local.spent() - before;
            };
            for (std::int64_t n = random.between(1, 3); n > 0; --n) {
                step(world, random);
                spend();
            }
            const Tokens unset = world.room();
            world.set(mode);
            differs += unset == world.room() ? 0 : 1;
            if (random.oneIn(2))
                step(world, random);
            spend();
            const Tokens before = world.room();
            if (!world.settle())
                continue;
            const Tokens after = world.room();
            const QByteArray found = "round " + QByteArray::number(round) + ": " + QByteArray::number(qint64{before})
                                     + " became " + QByteArray::number(qint64{after}) + ", spent "
                                     + QByteArray::number(qint64{spent});
            if (mode == TokenMode::Drain)
                QVERIFY2(after <= before, found);
            else if (unset < world.call.spec.capacity) // else it may be the own count that says so
                QVERIFY2(after >= before - spent - doubt, found);
        }
        QVERIFY2(differs > kRounds / 4, QByteArray::number(differs));
    }
};

QTEST_APPLESS_MAIN(TestSettleLaws)
#include "tst_settle_laws.moc"

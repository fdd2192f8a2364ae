// SPDX-License-Identifier: GPL-3.0-only
// What several instances decide of one bucket while the store is away: together nothing that the bucket would not have given.
#include <QTest>

#include "core/engine/known/local_buckets.h"
#include "core/limit/promise.h"
#include "tests/support/random_limit.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::limit;
using namespace weir::test;

namespace {

constexpr int kSequences = 300;
constexpr int kSteps = 60;
constexpr Micros kStart{1'700'000'000'000'000};
const std::string kName = "all";

void addAlgorithms()
{
    QTest::addColumn<int>("index");
    for (const Algorithm algorithm : kAlgorithms)
        QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm);
}

/// An instance that knows the bucket.
struct Instance {
    KnownBuckets known;
    LocalBuckets local;
};

/// The bucket as it would be if the store were there, and who goes on with it.
struct World {
    std::optional<Bucket> whole;
    std::vector<Instance> instances;
    LocalBuckets::Call call{kName, {}, 1};
    bool appliesDue{true};
    Micros now{kStart};

    void letTimePass(Random &random)
    {
        now = std::max(now, randomMoment(random, now, call.spec.interval)); // as a steady clock goes on
    }
    TakeOutput takeFromWhole(Tokens cost, std::int64_t count)
    {
        const BucketCall asked{call.spec, call.epoch, TokenMode::Keep, {}};
        const std::vector<AskRun> runs{{{{0, cost}}, count}};
        return take({&whole, 1}, {now, {&asked, 1}, runs, appliesDue});
    }
    std::int64_t takeFrom(Instance &instance, Tokens cost, std::int64_t count)
    {
        const std::vector<AskRun> runs{{{{0, cost}}, count}};
        return instance.local.take({call}, runs, instance.known, now, appliesDue).runs.front().granted;
    }
    Instance &anyOf(Random &random)
    {
        return instances[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(instances.size()) - 1))];
    }
    std::int64_t takeFromAny(Random &random, Tokens &cost)
    {
        const Tokens capacity = call.spec.capacity;
        cost = random.oneIn(3) ? random.scaled(1, capacity) : 1;
        return takeFrom(anyOf(random), cost, random.oneIn(3) ? capacity : random.between(0, 5));
    }
};

// A bucket with a past, which may owe; then the store goes away, for each instance at its own moment, and some takes with it, of which nobody hears.
World outageOf(Random &random, Algorithm algorithm)
{
    World world;
    world.call.spec = randomLimit(random, algorithm);
    const LimitSpec &spec = world.call.spec;
    for (int step = 0; step < 5; ++step) {
        world.letTimePass(random);
        world.takeFromWhole(1, random.scaled(0, spec.capacity));
    }
    if (random.oneIn(8)) {
        world.takeFromWhole(1, spec.capacity);
        world.whole->debt = random.between(1, spec.capacity);
    }
    world.appliesDue = !random.oneIn(4);
    const BucketOutput heard = world.takeFromWhole(0, 0).buckets.front();
    const Micros at = world.now;
    const auto count = static_cast<std::size_t>(random.between(1, 9));
    world.instances = std::vector<Instance>(count);
    for (Instance &instance : world.instances) {
        KnownBuckets::Entry &entry = instance.known.entry(kName, at);
        entry.known = heard.known;
        entry.spec = spec;
        entry.at = at;
        if (random.oneIn(2)) { // taken or not, they are given to nobody
            entry.inFlight = random.between(0, spec.capacity);
            entry.inDoubt = random.between(0, spec.capacity);
        }
    }
    for (Instance &instance : world.instances) {
        if (random.oneIn(3))
            world.letTimePass(random);
        instance.local.begin(1, static_cast<std::int64_t>(count), at, world.now);
        if (random.oneIn(2)) {
            world.takeFrom(instance, 0, 1);
            world.takeFromWhole(0, 1); // what is owed is paid whenever somebody calls
        }
    }
    return world;
}

} // namespace

class TestLocalBuckets : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // Ten instances, nothing left, one token a second: after a second one is due, which is less than a token each.
    void nothingIsDueBeforeTheWholeHasIt_data() { addAlgorithms(); }
    void nothingIsDueBeforeTheWholeHasIt()
    {
        QFETCH(const int, index);
        constexpr Micros kSecond{1'000'000};
        World world;
        LimitSpec &spec = world.call.spec;
        spec = {10, 1, kSecond, StartLevel::Full, static_cast<Algorithm>(index)};
        if (isWindow(spec.algorithm)) {
            spec.refill = spec.capacity;
            spec.interval = 10 * kSecond;
        }
        // Every tenth second of the clock begins 800 ms later; that means nothing to anybody but a window.
        world.now = kStart + (isWindow(spec.algorithm) ? Micros{200'000} : Micros{9'200'000});
        const BucketOutput heard = world.takeFromWhole(1, 10).buckets.front();
        QCOMPARE(heard.room, Tokens{0});
        world.instances = std::vector<Instance>(10);
        const auto takenByAll = [&] {
            std::int64_t sum = 0;
            for (Instance &instance : world.instances)
                sum += world.takeFrom(instance, 1, 5);
            return sum;
        };
        for (Instance &instance : world.instances) {
            instance.known.entry(kName, world.now) = {heard.known, spec, world.now, {}, 0, 0, 0, {}};
            instance.local.begin(1, 10, world.now, world.now);
        }
        world.now += kSecond;
        QCOMPARE(takenByAll(), std::int64_t{0});
        world.now += 8 * kSecond;
        QCOMPARE(takenByAll(), std::int64_t{0});
        world.now += kSecond;
        if (spec.algorithm != Algorithm::SlidingCounter) // it still counts nearly all of the interval before
            QCOMPARE(takenByAll(), std::int64_t{10});
    }

    // Whatever they take, one after the other, the whole could have given, and at those moments.
    void togetherTheyNeverPassTheWhole_data() { addAlgorithms(); }
    void togetherTheyNeverPassTheWhole()
    {
        QFETCH(const int, index);
        Random random;
        int divided = 0;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            World world = outageOf(random, static_cast<Algorithm>(index));
            Tokens spent = 0;
            for (int step = 0; step < kSteps; ++step) {
                world.letTimePass(random);
                Tokens cost = 0;
                const std::int64_t granted = world.takeFromAny(random, cost);
                const std::int64_t due = world.takeFromWhole(cost, granted).runs.front().granted;
                QVERIFY2(due == granted, qPrintable(QStringLiteral("sequence %1: %2 times %3 where %4 were due; "
                                                                   "%5 instances")
                                                        .arg(sequence)
                                                        .arg(granted)
                                                        .arg(cost)
                                                        .arg(due)
                                                        .arg(world.instances.size())));
                spent += granted * cost;
            }
            Tokens settled = 0;
            for (Instance &instance : world.instances)
                for (const LocalBuckets::Work &work : instance.local.work(1, true))
                    settled += work.settlement.spent;
            QCOMPARE(settled, spent);
            divided += world.instances.size() > 1 && spent > 0 ? 1 : 0;
        }
        QVERIFY2(divided > kSequences / 2, qPrintable(QString::number(divided)));
    }

    // The limit changes in the outage, to one of any algorithm: from then on what the new one promises, from the room that
    // was left. (A part of a token may be kept or lost: one more. A log or a counter that becomes another one of its kind
    // counts what is oldest differently for each; there the promise alone holds.)
    void aChangedLimitIsKeptByAllTogether_data() { addAlgorithms(); }
    void aChangedLimitIsKeptByAllTogether()
    {
        QFETCH(const int, index);
        Random random;
        for (int sequence = 0; sequence < kSequences; ++sequence) {
            World world = outageOf(random, static_cast<Algorithm>(index));
            Tokens cost = 0;
            for (int step = 0; step < 5; ++step) {
                world.letTimePass(random);
                world.takeFromAny(random, cost);
            }
            for (Instance &instance : world.instances)
                world.takeFrom(instance, 0, 1); // else the change is for it as of when it last heard of the bucket
            const LimitSpec before = world.call.spec;
            world.call.spec = randomLimit(random, random.oneIn(2) ? before.algorithm : randomAlgorithm(random));
            world.call.epoch = 2;
            const LimitSpec &after = world.call.spec;
            const auto count = static_cast<Tokens>(world.instances.size());
            Tokens rooms = 0;
            for (Instance &instance : world.instances) {
                const auto output = instance.local.take({world.call}, {}, instance.known, world.now, world.appliesDue);
                rooms += output.buckets.front().room * count + count - 1; // told in whole tokens
            }
            const Micros begin = world.now;
            const bool isOfItsKind = before.algorithm == after.algorithm && isWindow(after.algorithm);
            Tokens spent = 0;
            for (int step = 0; step < kSteps; ++step) {
                world.letTimePass(random);
                spent += world.takeFromAny(random, cost) * cost;
                const Tokens promised = mostWithin(after, world.now - begin + Micros{1});
                QVERIFY2(spent <= promised, qPrintable(QString::number(sequence)));
                if (!isOfItsKind && promised < kMaxTotal / 2)
                    QVERIFY2(spent <= rooms / count + 1 + promised - after.capacity,
                             qPrintable(QString::number(sequence)));
            }
        }
    }

    // Its first takes were under way when the store went silent, and were done when it was back: they are missing of the
    // bucket, and nobody has them.
    void whatIsMissingOfOnesOwnNewBucketIsNoExcess_data()
    {
        QTest::addColumn<qint64>("bornAfterMs");
        QTest::addColumn<qint64>("othersTook");
        QTest::addColumn<bool>("isAlone");
        QTest::addColumn<bool>("startsFull");
        QTest::addColumn<qint64>("excess");
        QTest::newRow("its own") << qint64{400} << qint64{0} << true << true << qint64{0};
        QTest::newRow("begun at once") << qint64{0} << qint64{0} << true << true << qint64{0};
        QTest::newRow("there before") << qint64{-1} << qint64{0} << true << true << qint64{1};
        QTest::newRow("others took too") << qint64{400} << qint64{2} << true << true << qint64{1};
        QTest::newRow("not alone") << qint64{400} << qint64{0} << false << true << qint64{1};
        QTest::newRow("new ones are empty") << qint64{400} << qint64{0} << true << false << qint64{1};
    }
    void whatIsMissingOfOnesOwnNewBucketIsNoExcess()
    {
        QFETCH(const qint64, bornAfterMs);
        QFETCH(const qint64, othersTook);
        QFETCH(const bool, isAlone);
        QFETCH(const bool, startsFull);
        World world;
        world.call.spec = {14, 3, Micros{1'000'000}, startsFull ? StartLevel::Full : StartLevel::Empty};
        world.instances = std::vector<Instance>(1);
        Instance &instance = world.instances.front();
        KnownBuckets::Entry &entry = instance.known.entry(kName, world.now);
        entry.inDoubt = 15;
        entry.askedAt = world.now;
        instance.local.begin(1, 1, world.now, world.now);
        const Micros askedAt = std::exchange(world.now, world.now + Micros{1'000'000});
        QCOMPARE(world.takeFrom(instance, 1, 1), std::int64_t{1});
        const auto work = instance.local.work(1, isAlone);
        QCOMPARE(work.size(), std::size_t{1});
        SettleOutput output;
        output.excess = 1;
        output.bucket.known.born = (askedAt + Micros{bornAfterMs * 1000}).count();
        output.bucket.known.taken = 14 + 1 + othersTook;
        QTEST(qint64{instance.local.confirm(work.front(), output)}, "excess");
    }

    // A limit that becomes smaller than the number of instances: nobody has a token of it.
    void aLimitThatBecomesTooSmallToShare()
    {
        World world;
        world.call.spec = {100, 100, Micros{1'000'000}};
        const BucketOutput heard = world.takeFromWhole(1, 0).buckets.front();
        world.instances = std::vector<Instance>(5);
        for (Instance &instance : world.instances) {
            instance.known.entry(kName, world.now) = {heard.known, world.call.spec, world.now, {}, 0, 0, 0};
            instance.local.begin(1, 5, world.now, world.now);
            QCOMPARE(world.takeFrom(instance, 1, 3), std::int64_t{3});
        }
        world.call.spec.capacity = world.call.spec.refill = 4;
        world.call.epoch = 2;
        for (int second = 0; second < 10; ++second, world.now += Micros{1'000'000})
            for (Instance &instance : world.instances)
                QCOMPARE(world.takeFrom(instance, 1, 3), std::int64_t{0});
    }
};

QTEST_APPLESS_MAIN(TestLocalBuckets)
#include "tst_local_buckets.moc"

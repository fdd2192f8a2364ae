// SPDX-License-Identifier: GPL-3.0-only
// What several that go on without the store, and those that are still with it, give beyond the promise: the settlements tell all of it.
#include <QTest>

#include "core/engine/known/local_buckets.h"
#include "core/limit/promise.h"
#include "tests/support/random_limit.h"

using namespace weir;
using namespace weir::engine;
using namespace weir::limit;
using namespace weir::test;

namespace {

constexpr int kRounds = 2000;
const std::string kName = "all";

struct Instance {
    KnownBuckets known;
    LocalBuckets local;
    SettleMark mark; ///< in the store
    std::int64_t outage{0};
    std::int64_t instances{1};
    Tokens told{0}; ///< in this outage
};

/// The store, and all that was given since a moment when all was quiet.
class World {
public:
    explicit World(const LimitSpec &spec) : m_call{kName, spec, 1}, m_now{spec.interval * 1'000'000}
    {
        beginAnew(spec.capacity);
    }

    void pass(Micros time) { m_now += time; }
    /// The store's clock is so far behind from now on; those that are without it do not see it.
    void setBehind(Micros behind) { m_behind = behind; }
    void forget() { m_store.reset(); }
    /// By an instance that is with the store. Returns what it got.
    Tokens take(Instance &instance, Tokens most)
    {
        const BucketCall sent = askedBy(instance);
        const std::vector<AskRun> runs{{{{0, 1}}, most}};
        const TakeOutput output = limit::take({&m_store, 1}, {storeNow(), {&sent, 1}, runs});
        instance.known.learn(kName, sent.spec, sent.known, output.buckets.front(), storeNow());
        m_given += output.runs.front().granted;
        return output.runs.front().granted;
    }
    /// One of so many, as far as it knows.
    void begin(Instance &instance, std::int64_t instances)
    {
        instance.instances = instances;
        instance.local.begin(++instance.outage, instances, m_now, m_now);
        m_told += std::exchange(instance.told, 0);
    }
    Tokens takeLocally(Instance &instance, Tokens most)
    {
        const std::vector<AskRun> runs{{{{0, 1}}, most}};
        const Tokens granted = instance.local.take({m_call}, runs, instance.known, m_now, true).runs.front().granted;
        m_given += granted;
        return granted;
    }
    void settle(Instance &instance, bool isAnswered = true)
    {
        for (const LocalBuckets::Work &work : instance.local.work(1, instance.instances == 1)) {
            const BucketCall sent = askedBy(instance);
            const SettleOutput output = limit::settle(m_store, instance.mark, sent, storeNow(), work.settlement);
            instance.told = std::max(instance.told, output.excess);
            if (!isAnswered)
                continue;
            instance.local.confirm(work, output);
            instance.known.learn(kName, sent.spec, sent.known, output.bucket, storeNow());
        }
    }
    /// All is quiet: what is there is where it begins.
    void beginAnew()
    {
        Cell cell = m_store->cell;
        advance(m_store->spec, cell, m_now);
        beginAnew(roomOf(m_store->spec, cell) - m_store->debt);
    }
    /// Of what was given and is left, after all have settled, this is more than level, refills, what they have told and what is owed.
    [[nodiscard]] Tokens overBy(std::initializer_list<const Instance *> instances) const
    {
        Tokens told = m_told;
        for (const Instance *instance : instances)
            told += instance->told;
        return m_given + roomOf(m_store->spec, m_store->cell) - m_store->debt - m_level - refills() - told;
    }
    [[nodiscard]] const LimitSpec &spec() const { return m_call.spec; }

private:
    [[nodiscard]] Micros storeNow() const { return m_now - m_behind; }
    void beginAnew(Tokens level)
    {
        const bool hasParts = spec().algorithm != Algorithm::TokenBucket && spec().algorithm != Algorithm::FixedWindow;
        m_level = isSliding() ? spec().capacity : std::min(spec().capacity, level + (hasParts ? 1 : 0));
        m_since = m_now;
        m_given = m_told = 0;
    }
    [[nodiscard]] bool isSliding() const
    {
        return isWindow(spec().algorithm) && spec().algorithm != Algorithm::FixedWindow;
    }
    [[nodiscard]] Tokens refills() const
    {
        if (spec().algorithm == Algorithm::TokenBucket || spec().algorithm == Algorithm::FixedWindow)
            return spec().refill * (m_now / spec().interval - m_since / spec().interval);
        return mostWithin(spec(), m_now - m_since + Micros{1}) - spec().capacity;
    }
    [[nodiscard]] BucketCall askedBy(const Instance &instance) const
    {
        return {m_call.spec, m_call.epoch, TokenMode::Keep, instance.known.knownFor(kName, m_call.spec)};
    }

    LocalBuckets::Call m_call;
    Micros m_now;
    Micros m_behind{0};
    std::optional<Bucket> m_store;
    Micros m_since{0};
    Tokens m_level{0}; ///< then
    Tokens m_given{0}; ///< since
    Tokens m_told{0};  ///< of outages that are over
};

} // namespace

class TestToldExcess : public QObject {
    Q_OBJECT
    static LimitSpec specOf(Tokens capacity, Tokens refill)
    {
        QFETCH_GLOBAL(const int, index);
        LimitSpec spec{capacity, refill, Micros{1'000'000}, StartLevel::Full, static_cast<Algorithm>(index)};
        if (isWindow(spec.algorithm))
            spec.refill = spec.capacity;
        return spec;
    }

private Q_SLOTS:
    void initTestCase_data()
    {
        QTest::addColumn<int>("index");
        for (const Algorithm algorithm : kAlgorithms)
            QTest::newRow(nameOf(algorithm).data()) << static_cast<int>(algorithm);
    }

    // Four share a bucket of which one knows more than the others. The store forgets it, one that has just begun finds a full one, and
    // the refill meanwhile makes up for what that one knows, so it is no level for the others to have given from (explorer,
    // seed 3166933).
    void whatTheStoreForgotIsNotMadeUpForTwice()
    {
        World world{specOf(14, 3)};
        Instance a, b, newcomer;
        world.take(a, 0);
        world.take(b, 4);
        world.begin(a, 4);
        world.begin(b, 4);
        world.takeLocally(a, 1);
        world.takeLocally(b, 1);
        world.pass(world.spec().interval);
        world.forget();
        world.take(newcomer, 0);
        world.takeLocally(a, 14);
        world.take(newcomer, 13);
        world.settle(a);
        world.settle(b);
        for (Instance *instance : {&a, &b, &newcomer})
            world.take(*instance, 0);
        const Tokens over = world.overBy({&a, &b});
        QVERIFY2(over <= 0, qPrintable(QString::number(over)));
    }

    // The bucket is full and nobody asks for a while; then one that has lost the store, and knows of others or not, and the others.
    void whatAFullBucketHadNoRoomForWasNotThereToGive()
    {
        for (const std::int64_t instances : {1, 2, 3}) {
            World world{specOf(12, 4)};
            Instance a, other;
            world.take(a, 1);
            world.take(other, 0);
            world.pass(5 * world.spec().interval);
            world.take(other, 0);
            world.beginAnew();
            world.begin(a, instances);
            QCOMPARE(world.takeLocally(a, 12), 12 / instances);
            QCOMPARE(world.take(other, 12), Tokens{12});
            world.settle(a);
            world.take(a, 0);
            const Tokens over = world.overBy({&a});
            QVERIFY2(over <= 0, qPrintable(QString::number(over)));
            QCOMPARE(a.told, 12 / instances);
        }
    }

    // The store's clock is set back in the outage and comes forward again: what came back until then by the clock of before comes once.
    void whatComesAgainWasNotThereToGive()
    {
        World world{specOf(14, 6)};
        Instance a, other;
        world.take(other, 14);
        world.take(a, 0);
        world.begin(a, 2);
        world.pass(world.spec().interval);
        world.takeLocally(a, 14);
        world.setBehind(5 * world.spec().interval);
        world.settle(a);
        world.setBehind(Micros{0});
        world.take(other, 14);
        world.take(a, 0);
        const Tokens over = world.overBy({&a});
        QVERIFY2(over <= 0, qPrintable(QString::number(over)));
    }

    // By chance: some without the store and some with it, quiet at first; settlements whose answers are lost; a store that forgets, or
    // whose clock is set back and comes forward again.
    void whatIsGivenTooMuchIsTold()
    {
        Random random;
        Tokens told = 0;
        for (int round = 0; round < kRounds; ++round) {
            LimitSpec spec = specOf(random.between(1, 30), 1);
            if (!isWindow(spec.algorithm))
                spec.refill = random.between(1, spec.capacity);
            World world{spec};
            const auto wait = [&] {
                world.pass(Micros{random.oneIn(2) ? 0 : random.between(0, 3 * spec.interval.count())});
            };
            std::array<Instance, 3> all;
            for (Instance &one : all) {
                world.take(one, random.between(0, spec.capacity));
                wait();
            }
            const bool isLossy = random.oneIn(3), isStepped = !isLossy && random.oneIn(2);
            if (isStepped) // else something is still to come by the clock of before
                world.take(all.back(), 0);
            world.beginAnew();
            wait();
            const std::int64_t away = random.between(1, 2);
            const std::int64_t believed = random.between(1, 3);
            for (std::int64_t i = 0; i < away; ++i)
                world.begin(all[static_cast<std::size_t>(i)], believed);
            for (std::int64_t n = random.between(1, 12); n > 0; --n) {
                const std::int64_t who = random.between(0, 2);
                Instance &one = all[static_cast<std::size_t>(who)];
                const Tokens most = random.between(0, spec.capacity);
                if (who < away)
                    world.takeLocally(one, most);
                else
                    world.take(one, most);
                if (isStepped && random.oneIn(4))
                    world.setBehind(Micros{random.oneIn(3) ? 0 : random.between(0, kMaxClockStep.count())});
                if (isLossy && random.oneIn(8)) {
                    world.forget();
                    for (std::size_t i = static_cast<std::size_t>(away); i < all.size(); ++i)
                        world.take(all[i], 0);
                }
                wait();
            }
            for (std::int64_t i = 0; i < away; ++i)
                for (std::int64_t n = random.between(1, 2); n > 0; --n)
                    world.settle(all[static_cast<std::size_t>(i)], n == 1);
            world.setBehind(Micros{0});
            for (int again = 0; again < 2; ++again)
                for (Instance &one : all)
                    world.take(one, 0);
            told += all[0].told + all[1].told;
            const Tokens over = world.overBy({&all[0], &all[1]});
            QVERIFY2(over <= 0, qPrintable(QStringLiteral("round %1: %2").arg(round).arg(over)));
        }
        QVERIFY(told > 0);
    }
};

QTEST_APPLESS_MAIN(TestToldExcess)
#include "tst_told_excess.moc"
